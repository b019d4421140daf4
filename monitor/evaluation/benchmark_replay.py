"""How long, and with how much memory, ten years of a nation are derived again: from stored sums to cases."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from monitor.evaluation.decade import INDICATORS, fill, nation, register
from monitor.evaluation.measured import Measured, alone, service
from monitor.replay import replay
from monitor.store.cases import list_cases

ORGANISATIONS, WEEKS, FEEDS = 220, 520, 4
KIB = 1 if sys.platform == "darwin" else 1024
"""Bytes in a unit of `ru_maxrss`: Linux counts KiB, macOS bytes (getrusage(2))."""


class Replayed(NamedTuple):
    """What one replay took, and the cases that it came to."""

    seconds: float
    peak_rss_bytes: int
    database_bytes: int
    cases: int


def replays(folder: Path, *, organisations: int = ORGANISATIONS, weeks: int = WEEKS) -> Iterator[Measured]:
    """Measure a replay in a process of its own, over a database that another process has filled."""
    home = folder / "home"
    alone(stored, home, organisations, weeks)
    took = alone(replayed, home)
    series = organisations * INDICATORS
    said = (
        f"{weeks} weeks of {organisations} organisations × {INDICATORS} indicators in {FEEDS} feeds "
        f"({weeks * series:,} series-periods), a tick a week and feed, {took.cases} cases, SQLite"
    )
    yield Measured("replay_seconds", took.seconds, "s", {"at_most": 300}, said)
    yield Measured("replay_peak_rss_bytes", took.peak_rss_bytes, "bytes", {"at_most": 1_000_000_000}, said)
    yield Measured("replay_database_bytes", took.database_bytes, "bytes", None, said)


def stored(home: Path, organisations: int, weeks: int) -> None:
    """Fill a home with the history."""
    made = nation(organisations=organisations, weeks=weeks, feeds=FEEDS)
    with service(home) as one:
        register(one, made)
        fill(one, made, weeks, live=True)


def replayed(home: Path) -> Replayed:
    """Replay a home's history and say what it took."""
    with service(home) as one:
        begun = perf_counter()
        replay(one)
        seconds = perf_counter() - begun
        cases = len(list_cases(one.engine))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB
    return Replayed(seconds, peak, sum(path.stat().st_size for path in home.glob("monitor.sqlite*")), cases)
