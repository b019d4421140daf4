"""Any table of figures, scored as the worker scores feeds: read, checked, stepped through, fused, written."""
