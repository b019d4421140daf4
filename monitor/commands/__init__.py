"""The commands of `monitor`, one noun a file; each imports what it needs when it runs, so help is quick."""
