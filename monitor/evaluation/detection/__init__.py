"""The benchmark of detection: drawn series whose truth is known, methods side by side, one false-alarm rate."""
