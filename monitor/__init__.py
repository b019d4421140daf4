"""Tells oversight teams early when independent signals say that an organisation's culture is getting worse."""
