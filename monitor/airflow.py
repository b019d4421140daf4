"""From a feed's contract to its Airflow DAG; Airflow is named in the rooms called after it, inside functions.

A DAG is made only in a process of Airflow's own, which has imported it before it reads a feed's file. Anywhere else the
same file gives its contract at once and None for a DAG, whether Airflow is installed or not: `monitor publish` need
not wait for it, and the worker never sees it.

What the tasks do stands in `airflow_tasks.py` and `carrying.py`; here is only when Airflow runs them, and how often.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.airflow_tasks import looks, steps
from monitor.errors import BadRequest
from monitor.feeds import contract
from monitor.feeds.description import described
from monitor.feeds.places import DropFolder, Place, faults, identity
from monitor.model import Feed

DAILY = "17 6 * * *"
"""After the night's exports, off the full hour at which everybody asks publishers."""
CRON = re.compile(r"@[a-z]+|(?:[-*/,?#\w]+ ){4}[-*/,?#\w]+", re.ASCII)
NAME = re.compile(r"[-.\w]+", re.ASCII)
"""What Airflow takes as a part of a DAG's id."""
BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
"""How far back a backfill can be asked for."""
RETRIES = 4
RETRY_AFTER = timedelta(seconds=30)
BACKOFF = 3.0
"""After 30 s, 90 s, 4.5 and 13.5 min, of each up to as much again (Airflow spreads them), then no more: 20 to 40 min.

A locked database, a restart, a publisher's bad quarter of an hour.
"""
LONGEST_WAIT = timedelta(minutes=30)
"""A task that was cleared goes on counting its tries (Airflow 3.3.2): after its sixth it would wait two hours."""
TASK_WITHIN, RUN_WITHIN = timedelta(minutes=60), timedelta(hours=3)


def feed_dag(
    feed: Feed,
    *places: Place,
    schedule: str | None = DAILY,
    name: str | None = None,
    retry_after: timedelta = RETRY_AFTER,
) -> Any:
    """Make a DAG that carries what comes to these places to the feed's topic; None outside of Airflow.

    Parameters
    ----------
    places
        Where files come from; none: the drop folder of the feed's name.
    schedule
        When to look, as cron writes it (UTC). It says nothing of what a file covers: the file does.
    name
        Tells a second DAG of the same feed from the first: its id is KEY_NAME.
    retry_after
        Before the first of four retries; each further one waits three times as long. Airflow adds up to as much again,
        and at most half an hour is waited.

    `BadRequest` says what is wrong with a place, the name or the schedule and, in Airflow, with the contract; anywhere
    else whoever reads the file says that, and all of it. Whether there is a detector of a name is left to them: that
    takes two seconds to find out, and Airflow reads the file for every task.
    """
    is_airflow = "airflow" in sys.modules
    wrong = [
        *(contract.faults(feed, with_detectors=False) if is_airflow else ()),
        *_faults(feed, places, schedule, name),
    ]
    if wrong:
        raise BadRequest("; ".join(wrong))
    if not is_airflow:
        return None
    dag_id = f"{feed.key}_{name}" if name else feed.key
    return _dag(feed, places or (DropFolder(),), dag_id, schedule, retry_after)


def _faults(feed: Feed, places: Sequence[Place], schedule: str | None, name: str | None) -> Iterator[str]:
    """Say in words what is wrong with a DAG's name, its schedule or its places."""
    if name is not None and not NAME.fullmatch(name):
        yield f"name {name!r}: use letters, digits, _, - and ."
    if schedule is not None and not CRON.fullmatch(schedule):
        yield f"schedule {schedule!r}: write it as cron does ({DAILY!r}), or as @daily; None: only by hand"
    yield from (f"{type(place).__name__}: {fault}" for place in places for fault in faults(place))
    counted = Counter(identity(place, feed.key) for place in places)
    twice = (" ".join(where) for where, times in counted.items() if times > 1)
    yield from (f"{where}: stands twice; make one place of the two" for where in twice)


def _dag(feed: Feed, places: Sequence[Place], dag_id: str, schedule: str | None, retry_after: timedelta) -> Any:
    from airflow.sdk import DAG, Param, task_group

    from monitor.settings import read_settings

    land, look_again = looks(feed, places)
    carried = steps(feed, _asset(feed))

    @task_group
    def file(slip: Any) -> None:
        """Carry one file: it waits for no other, and none waits for it."""
        for step in carried:
            slip = step(slip)

    with DAG(
        dag_id,
        description=feed.name,
        doc_md=described(feed),
        schedule=schedule,
        start_date=BEGIN,
        catchup=False,
        auto_register=False,  # a file's own DAGs are its globals; not those of a feed's file that it reads
        max_active_runs=2,  # out of politeness: more of them change nothing
        # the deadline of a run; a DeadlineAlert ends `dag.test()` of 3.3.2 in an error (apache/airflow issue 73428)
        dagrun_timeout=RUN_WITHIN,
        tags=["feed", feed.key, feed.family.value],
        default_args={
            **tried_again(feed.owner, retry_after),
            "execution_timeout": TASK_WITHIN,
            "pool": read_settings().pool,
            "weight_rule": "upstream",  # a file that is in hand is carried to its end before the next one is begun
        },
        params={"again": Param(False, type="boolean", description="also what was published, or refused, before")},
    ) as dag:
        slips = land()
        file.expand(slip=slips)
        slips >> look_again()
    return dag


def tried_again(owner: str, retry_after: timedelta) -> dict[str, Any]:
    """Give what holds for every task: whose it is, and when it is tried again."""
    return {
        "owner": owner,
        "retries": RETRIES,
        "retry_delay": retry_after,
        "retry_exponential_backoff": BACKOFF,
        "max_retry_delay": LONGEST_WAIT,
    }


def _asset(feed: Feed) -> Any:
    """Name what other DAGs can wait for: something of this feed is newly complete."""
    from airflow.sdk import Asset

    return Asset(name=f"feed_{feed.key}", uri=f"monitor://feeds/{feed.key}")
