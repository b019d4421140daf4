"""How many observations a second come from a file into the store: read, land, publish, and work until stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from monitor.evaluation.decade import SOURCE, Nation, nation, observations, period, published, register
from monitor.evaluation.measured import Measured, service
from monitor.feeds.publish import publish
from monitor.handed import deliver
from monitor.store.accounts import accounting
from monitor.wiring import Service
from monitor.worker import run_one, worker

ORGANISATIONS, WEEKS, FEEDS = 200, 40, 4
"""One feed of four, as wide as the widest real one: 5 indicators."""
NAME, UNIT = "embedded_observations_per_second", "observations/s"
HEADER = "source,organisation,indicator,start,end,numerator,denominator"


def intake(folder: Path) -> Iterator[Measured]:
    """Measure one extract of 40,000 figures, one observation each."""
    made = nation(organisations=ORGANISATIONS, weeks=WEEKS, feeds=FEEDS)
    path = folder / "extract.csv"
    path.write_text(_extract(made), encoding="utf-8")
    with service(folder / "home") as one:
        register(one, made)
        begun = perf_counter()
        taken = _take_in(one, made, path)
        seconds = perf_counter() - begun
        stored = accounting(one.engine, one.bus, made.feeds[0].key)
    assert stored["applied"] == taken
    assert stored["difference"] == 0
    said = f"one CSV extract of {taken:,} observations of 5 indicators, first load, SQLite with synchronous FULL"
    yield Measured(NAME, taken / seconds, UNIT, {"at_least": 8_000}, said)


def _extract(made: Nation) -> str:
    lines = [HEADER]
    for week in range(WEEKS):
        start, end = period(week)
        for word in observations(made, made.feeds[0], week):
            said = word.contributions[0]
            lines.append(
                f"{SOURCE},{said.organisation},{said.indicator},{start},{end},{said.numerator:.2f},{said.denominator:.0f}"
            )
    return "\n".join(lines) + "\n"


def _take_in(one: Service, made: Nation, path: Path) -> int:
    feed, now = made.feeds[0], published(WEEKS)
    sent = publish(feed, deliver(path), bus=one.bus, landing=one.landing, now=now, source=SOURCE)
    working = worker(one)
    while run_one(working, feed.key, now):
        pass
    return sent.receipt.observations
