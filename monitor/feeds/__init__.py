"""From a published file to words on the bus."""
