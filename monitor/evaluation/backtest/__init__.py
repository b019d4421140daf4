"""What the service would have said: history relived as it was known, held against outside events and controls."""
