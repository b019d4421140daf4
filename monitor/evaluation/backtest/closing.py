"""Which tick completed which period of whom: the coverage of a feed, told period by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

from monitor import coverage
from monitor.calendars import calendar
from monitor.kept import Coverage, Interval
from monitor.model import Advance, Feed

Spans = Mapping[str, tuple[Interval, ...]]


class Place(NamedTuple):
    """One period of an indicator from a source, for one organisation or for all ("*")."""

    source: str
    indicator: str
    organisation: str
    number: int


def closes(feed: Feed, advances: Mapping[int, Sequence[Advance]]) -> dict[Place, int]:
    """Give the tick (by sequence) that completed each period of each organisation that an advance named."""
    covered: dict[tuple[str, str], Spans] = {}
    found: dict[Place, int] = {}
    for sequence, words in sorted(advances.items()):
        for word in words:
            if word.feed == feed.key and word.source in feed.sources:
                new = coverage.advance(covered, word)
                found |= dict.fromkeys(_new(feed, covered, new), sequence)
                covered.update(new)
    return found


def _new(feed: Feed, covered: Coverage, now: Coverage) -> list[Place]:
    """Name the periods that coverage completes now and did not before."""
    found = []
    for (source, indicator), spans in now.items():
        stated = feed.sources[source]
        if indicator not in stated.calendars:
            continue  # promised then, and not by the contract that the feed has now
        name, wait, before = stated.calendars[indicator], stated.wait(indicator), covered.get((source, indicator), {})
        for code, span in spans.items():
            more = _numbers(name, wait, span) - _numbers(name, wait, before.get(code, ()))
            found += [Place(source, indicator, code, number) for number in sorted(more)]
    return found


@lru_cache(maxsize=10_000)
def _numbers(name: str, wait: timedelta, span: tuple[Interval, ...]) -> frozenset[int]:
    """Give the numbers of the periods that these intervals complete, whatever lies between them; most are alike."""
    ranges = [
        each
        for interval in span
        for each in coverage.closed([interval], calendar(name), wait=wait, lateness=timedelta(0), today=interval[1])
    ]
    return frozenset(number for first, last in ranges for number in range(first, last + 1))
