"""From a feed's contract to its Airflow DAG; Airflow is named here and in `airflow_operations.py`, inside functions.

A DAG is made only in a process of Airflow's own, which has imported it before it reads a feed's file. Anywhere else the
same file gives its contract at once and None for a DAG, whether Airflow is installed or not: `monitor publish` need
not wait for it, and the worker never sees it.

What the tasks do stands in `monitor/carrying.py`; here is only how Airflow runs them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from monitor.feeds.description import described
from monitor.feeds.places import DropFolder, Place, faults
from monitor.model import Feed

if TYPE_CHECKING:
    from monitor.carrying import Slip
    from monitor.wiring import Service

T = TypeVar("T")
log = structlog.get_logger()
AWAY = "away"
"""Under this XCom key `land` hands on the numbers of the places where it could not take all that is there."""
NAMED = 5
"""Things that cannot be taken and are told of one by one: what somebody reads in a task's log."""
DAILY = "17 6 * * *"
"""After the night's exports, off the full hour at which everybody asks publishers."""
BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
"""How far back a backfill can be asked for."""
RETRIES = 4
RETRY_AFTER = timedelta(seconds=30)
BACKOFF = 3.0  # 30 s, 90 s, 4.5 min, 13.5 min: a locked database, a restart, a publisher's bad quarter of an hour
LONGEST_WAIT = timedelta(minutes=30)
LAND_WITHIN, TASK_WITHIN, RUN_WITHIN = timedelta(minutes=30), timedelta(minutes=60), timedelta(hours=3)


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
        Before the first retry; each further one waits three times as long, at most half an hour.
    """
    assert feed.key.isidentifier(), f"{feed.key!r} names a topic, a DAG and a file"
    wrong = [f"{type(place).__name__}: {fault}" for place in places for fault in faults(place)]
    assert not wrong, "; ".join(wrong)
    if "airflow" not in sys.modules:
        return None
    dag_id = f"{feed.key}_{name}" if name else feed.key
    return _dag(feed, places or (DropFolder(),), dag_id, schedule, retry_after)


def _dag(feed: Feed, places: Sequence[Place], dag_id: str, schedule: str | None, retry_after: timedelta) -> Any:
    from airflow.sdk import DAG, Param, get_current_context, task, task_group
    from airflow.sdk.exceptions import AirflowSkipException

    @task(execution_timeout=LAND_WITHIN)
    def land() -> list[Slip]:
        """Keep what has come, by its content; skip the run where nothing waits to be published."""
        from monitor import carrying

        context = get_current_context()
        with _service() as service:
            away = _looked(service, feed, places, again=context["params"]["again"])
            slips = carrying.waiting(service, feed)
        if away and not slips:
            raise next(iter(away.values()))
        if not slips:  # a task that ends well would tell the asset's readers that something is new
            raise AirflowSkipException("nothing new")
        if away:
            context["ti"].xcom_push(AWAY, [places.index(place) for place in away])
        return list(slips)

    @task(execution_timeout=LAND_WITHIN)
    def look_again() -> None:
        """Look once more where `land` could not take all, beside the files that it took; fails where nobody can.

        What it lands is the next run's.
        """
        context = get_current_context()
        numbers = context["ti"].xcom_pull(task_ids="land", key=AWAY)
        if not numbers:
            return
        with _service() as service:
            away = _looked(service, feed, [places[number] for number in numbers], again=context["params"]["again"])
        for error in away.values():
            raise error

    @task
    def read(slip: Slip) -> Slip:
        """Read the landed bytes as this feed's."""
        from monitor import carrying

        _one(carrying.read, feed, slip)
        return slip

    @task
    def check(slip: Slip) -> Slip:
        """Say what the file brings, what was put aside and what stays open."""
        from monitor import carrying

        _one(carrying.check, feed, slip)
        return slip

    @task
    def publish(slip: Slip) -> Slip:
        """Send contract, organisations, observations and dead letters; ends when all are durable."""
        from monitor import carrying

        _one(carrying.publish, feed, slip, _run(with_try=True))
        return slip

    @task(outlets=[_asset(feed)])
    def advance(slip: Slip) -> None:
        """Send what is complete now, and the receipt; skipped, all the same, where that is nothing new."""
        from monitor import carrying

        if not _one(carrying.advance, feed, slip, _run(with_try=False)):  # a retry is the same publishing: one receipt
            raise AirflowSkipException("nothing is newly complete")

    @task_group
    def file(slip: Any) -> None:
        """Carry one file: it waits for no other, and none waits for it."""
        steps: tuple[Any, ...] = (read, check, publish, advance)
        for step in steps:
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
        default_args=tried_again(feed.owner, retry_after) | {"execution_timeout": TASK_WITHIN},
        params={"again": Param(False, type="boolean", description="also what was published, or refused, before")},
    ) as dag:
        slips = land()
        file.expand(slip=slips)
        slips >> look_again()
    return dag


def tried_again(owner: str, retry_after: timedelta) -> dict[str, Any]:
    """Give what holds for every task: whose it is, in which pool, and when it is tried again."""
    from monitor.settings import read_settings

    return {
        "owner": owner,
        "retries": RETRIES,
        "retry_delay": retry_after,
        "retry_exponential_backoff": BACKOFF,
        "max_retry_delay": LONGEST_WAIT,
        "pool": read_settings().pool,
    }


def _asset(feed: Feed) -> Any:
    """Name what other DAGs can wait for: something of this feed is newly complete."""
    from airflow.sdk import Asset

    return Asset(name=f"feed_{feed.key}", uri=f"monitor://feeds/{feed.key}")


@contextmanager
def _service() -> Iterator[Service]:
    """Open the service of the settings for one task; Airflow has set up the log lines of its process."""
    from monitor.wiring import opened

    with opened(logs=False) as service:
        yield service


def _looked(service: Service, feed: Feed, places: Sequence[Place], *, again: bool) -> dict[Place, Exception]:
    """Land what has come to each place, whatever befalls the others; give what befell which.

    What lies there and no look could take for long is no outage: a try sooner than the next run's helps nobody.
    """
    from airflow.sdk.exceptions import AirflowFailException

    from monitor import carrying
    from monitor.looking import looking

    away: dict[Place, Exception] = {}
    for place in places:
        try:
            found = looking(place, feed, service, connection=_connection, store=_object_store)
            if untaken := carrying.land(service, feed, place, found, again=again):
                named = "; ".join(untaken[:NAMED])
                away[place] = AirflowFailException(f"{type(place).__name__}: {len(untaken)} cannot be taken: {named}")
        except Exception as error:  # stores and databases raise kinds of their own; whoever asked raises it in the end
            log.warning("a place cannot be looked at", place=type(place).__name__, reason=type(error).__name__)
            away[place] = error
    return away


def _one(step: Callable[..., T], feed: Feed, slip: Slip, *run: str) -> T:
    """Take one step with one file. A file that was refused is not tried again; anything else is."""
    from airflow.sdk.exceptions import AirflowFailException

    from monitor.carrying import Refused

    with _service() as service:
        try:
            return step(service, feed, slip, *run)
        except Refused as refused:
            raise AirflowFailException(str(refused)) from refused


def _run(*, with_try: bool) -> str:
    """Name this run in what it sends: dag_id:run_id, and the try where it has one."""
    from airflow.sdk import get_current_context

    instance = get_current_context()["ti"]
    named = f"{instance.dag_id}:{instance.run_id}"
    return f"{named}:{instance.try_number}" if with_try else named


def _object_store(url: str, name: str) -> Any:
    from airflow.sdk import ObjectStoragePath

    store: Any = ObjectStoragePath(url) / name  # answers as a path does
    return store


def _connection(name: str) -> Any:
    """Give the Airflow connection of this name; None: nobody has made it."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return BaseHook.get_connection(name)
    except AirflowNotFoundException:
        return None
