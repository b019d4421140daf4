"""From a `monitor` command to the Airflow DAG that starts it on a schedule; None outside of Airflow.

Its name says airflow since Airflow reads no file of DAGs in which that word is missing.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

from monitor.airflow import BEGIN, RETRY_AFTER, TASK_WITHIN, tried_again

GRACE = timedelta(seconds=30)
"""From the kill of a command to Airflow's of its task: what the command said until then is printed meanwhile."""


def operation_dag(
    key: str, *command: str, schedule: str, needs: str | None = None, within: timedelta = TASK_WITHIN
) -> Any:
    """Make a DAG that starts `monitor COMMAND…` as a process, killed after `within`; None outside of Airflow.

    In `command` the name of a setting in braces stands for its value. `needs` is the setting without which there is
    nothing to do, and the run is skipped.
    """
    if "airflow" not in sys.modules:
        return None
    from airflow.sdk import DAG, task
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

    from monitor.starting import Failed, Unneeded, perform

    @task(task_id="run", execution_timeout=within + GRACE)
    def run() -> None:
        """Start the command, and end as it ends."""
        try:
            perform(command, needs, within)
        except Unneeded as nothing:
            raise AirflowSkipException(str(nothing)) from nothing
        except Failed as failed:
            raise AirflowFailException(str(failed)) from failed

    with DAG(
        f"operations.{key}",  # no key of a feed has a point
        description=f"monitor {' '.join(command)}",
        schedule=schedule,
        start_date=BEGIN,
        catchup=False,
        auto_register=False,
        max_active_runs=1,  # out of politeness: every command may run beside itself
        tags=["operations"],
        default_args=tried_again("operations", RETRY_AFTER),
    ) as dag:
        run()
    return dag
