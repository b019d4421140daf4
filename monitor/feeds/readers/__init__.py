"""One publication a file; pure: bytes in, a statement out."""
