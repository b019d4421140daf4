"""What Airflow reads by name for its own database: SQLite, with several processes that write, on a machine in use."""

CONNECT_ARGUMENTS = {"timeout": 60}
