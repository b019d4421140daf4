"""How many observations a second come from a file into the store: published by one process, worked by another.

As in the service: `monitor publish` and `monitor work` run side by side. The time begins when the publisher is told
of the file and ends when the worker has stored its last word; that both have started is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from monitor.evaluation.decade import SOURCE, Nation, nation, observations, period, published, register
from monitor.evaluation.measured import Measured, service
from monitor.feeds.delivery import Stated
from monitor.feeds.publish import publish
from monitor.handed import deliver
from monitor.model import Feed
from monitor.store.accounts import accounting
from monitor.wiring import Service
from monitor.worker import PAUSE_SECONDS, run_one, worker

ORGANISATIONS, WEEKS, FEEDS = 200, 40, 4
"""One feed of four, as wide as the widest real one: 5 indicators."""
NAME, UNIT = "embedded_observations_per_second", "observations/s"
HEADER = "source,organisation,indicator,start,end,numerator,denominator"


class _Sent(NamedTuple):
    """What the publisher sent, and how long it took."""

    observations: int
    seconds: float


class _Worked(NamedTuple):
    """When the worker had stored the last word, and how long its turns had taken."""

    ended: float
    seconds: float
    turns: int


def intake(folder: Path, *, organisations: int = ORGANISATIONS, weeks: int = WEEKS) -> Iterator[Measured]:
    """Measure one extract: five figures a week of each organisation, one observation each."""
    made = nation(organisations=organisations, weeks=weeks, feeds=FEEDS)
    feed, home, path = made.feeds[0], folder / "home", folder / "extract.csv"
    path.write_text(_extract(made, weeks), encoding="utf-8")
    with service(home) as one, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as publisher:
        register(one, made)
        publisher.submit(_start).result()
        begun = perf_counter()
        sending = publisher.submit(_publish, home, feed, path, weeks)
        worked = _work(one, feed, weeks, sending)
        sent, stored = sending.result(), accounting(one.engine, one.bus, feed.key)
    assert stored["applied"] == sent.observations == organisations * weeks * len(feed.indicators)
    assert stored["difference"] == 0
    said = (
        f"one CSV extract of {sent.observations:,} observations of {len(feed.indicators)} indicators, first load, "
        f"SQLite with synchronous FULL; publisher and worker side by side, a process each: publishing took "
        f"{sent.seconds:.3g} s, the {worked.turns} turns of the worker {worked.seconds:.3g} s"
    )
    yield Measured(NAME, sent.observations / (worked.ended - begun), UNIT, {"at_least": 8_000}, said)


def _extract(made: Nation, weeks: int) -> str:
    lines = [HEADER]
    for week in range(weeks):
        start, end = period(week)
        for word in observations(made, made.feeds[0], week):
            said = word.contributions[0]
            lines.append(
                f"{SOURCE},{said.organisation},{said.indicator},{start},{end},{said.numerator:.2f},{said.denominator:.0f}"
            )
    return "\n".join(lines) + "\n"


def _start() -> None:
    """Do nothing: whoever calls it in a new process has this module imported there when it returns."""


def _publish(home: Path, feed: Feed, path: Path, weeks: int) -> _Sent:
    begun = perf_counter()
    with service(home) as one:
        sent = publish(
            feed, deliver(path), Stated(SOURCE), bus=one.bus, landing=one.landing, now=published(weeks)
        )  # fmt: skip
    return _Sent(sent.receipt.observations, perf_counter() - begun)


def _work(one: Service, feed: Feed, weeks: int, sending: Future[_Sent]) -> _Worked:
    """Work as `monitor work` does, until all that was sent is stored."""
    working, now, worked = worker(one), published(weeks), _Worked(perf_counter(), 0.0, 0)
    while True:
        is_sent = sending.done()  # asked first: the turn after it sees all
        begun = perf_counter()
        if run_one(working, feed.key, now):
            ended = perf_counter()
            worked = _Worked(ended, worked.seconds + ended - begun, worked.turns + 1)
        elif is_sent:
            return worked
        else:
            one.bus.wait(PAUSE_SECONDS)
