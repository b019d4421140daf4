"""What a service needs done by day, week and month; each DAG starts one `monitor` command as a process of its own.

Nothing of what they do is here, and every command can as well be typed, or started by cron. All may be run again, or
beside themselves, at any time. Feeds have their own files; this one is none.
"""

from datetime import timedelta

from monitor.airflow_operations import operation_dag

organisations = operation_dag(
    "organisations", "organisations", "sync", "--by", "operations", schedule="23 3 * * 0", needs="organisations"
)

digest = operation_dag("digest", "digest", schedule="3 7 * * 1")

heartbeat = operation_dag("heartbeat", "heartbeat", schedule="*/15 * * * *", within=timedelta(minutes=5))

retention = operation_dag("retention", "retain", schedule="53 2 * * *")

backtest = operation_dag(  # what the service would have said before what has happened since
    "backtest", "backtest", "{events}", "--output", "{home}/backtest", schedule="43 1 1 * *", needs="events",
    within=timedelta(hours=6),
)  # fmt: skip

scorecard = operation_dag(  # what this version finds of what was planted in a simulated nation
    "scorecard", "demo", "--output", "{home}/scorecard", schedule="13 4 1 * *"
)
