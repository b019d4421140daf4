"""What a task of a feed's DAG does in Airflow; what is carried, and how, stands in `monitor/carrying.py`.

A refused file and what no look can take fail at once, since no other try helps; anything else is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from monitor.feeds.places import Place
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
LAND_WITHIN = timedelta(minutes=30)


def looks(feed: Feed, places: Sequence[Place]) -> tuple[Any, Any]:
    """Make the tasks that look at the places: one before any file is carried, one beside them."""
    from airflow.sdk import get_current_context, task
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
            raise _foremost(away.values())
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
        if away:
            raise _foremost(away.values())

    return land, look_again


def steps(feed: Feed, outlet: Any) -> tuple[Any, ...]:
    """Make the tasks that carry one file, in their order; the last tells readers of `outlet` that something is new."""
    from airflow.sdk import task
    from airflow.sdk.exceptions import AirflowSkipException

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

    @task(outlets=[outlet])
    def advance(slip: Slip) -> None:
        """Send what is complete now, and the receipt; skipped, all the same, where that is nothing new."""
        from monitor import carrying

        if not _one(carrying.advance, feed, slip, _run(with_try=False)):  # a retry is the same publishing: one receipt
            raise AirflowSkipException("nothing is newly complete")

    return read, check, publish, advance


@contextmanager
def _service() -> Iterator[Service]:
    """Open the service of the settings for one task; Airflow has set up the log lines of its process."""
    from monitor.wiring import opened

    with opened(logs=False) as service:
        yield service


def _looked(service: Service, feed: Feed, places: Sequence[Place], *, again: bool) -> dict[Place, BaseException]:
    """Land what has come to each place, whatever befalls the others; give what befell which.

    What lies there and no look could take for long is no outage: a try sooner than the next run's helps nobody. A place
    that takes all the time there is comes last of those to be looked at again.
    """
    from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout

    from monitor import carrying
    from monitor.looking import looking

    away: dict[Place, BaseException] = {}
    for number, place in enumerate(places):
        try:
            found = looking(place, feed, service, connection=_connection, store=_object_store)
            if untaken := carrying.land(service, feed, place, found, again=again):
                told = f"{len(untaken)} cannot be taken: {'; '.join(untaken[:NAMED])}"
                log.warning("what lies at a place cannot be taken", place=type(place).__name__, reason=told)
                away[place] = AirflowFailException(f"{type(place).__name__}: {told}")
        except Exception as error:  # stores and databases raise kinds of their own; whoever asked raises it in the end
            log.warning("a place cannot be looked at", place=type(place).__name__, reason=type(error).__name__)
            away[place] = error
        except AirflowTaskTimeout as late:  # no Exception; what has landed is carried all the same
            log.warning("a place takes too long", place=type(place).__name__)
            return away | dict.fromkeys((*places[number + 1 :], place), late)
    return away


def _foremost(errors: Iterable[BaseException]) -> BaseException:
    """Of all that befell the places, choose what the task ends with: one that another try can help, if there is any."""
    from airflow.sdk.exceptions import AirflowFailException

    return min(errors, key=lambda error: isinstance(error, AirflowFailException))


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
