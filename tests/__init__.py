"""The promises, as tests; the folders mirror `monitor/`."""
