"""What has been taken in and derived, in one SQL database: SQLite, or PostgreSQL by the same statements."""
