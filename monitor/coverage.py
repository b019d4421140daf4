"""What is completely published, and which periods that closes (pure).

A period is closed when coverage reaches over it to its end + wait. An interval beyond a hole waits until
the hole is due; then the hole is missing and the run goes on. A hole before a period that has settled counts
as due: coverage of an older past never opens again what has been scored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from monitor.calendars import Calendar
from monitor.kept import Interval
from monitor.model import Advance

ALL = "*"
"""Stands for all registered organisations in a coverage."""

Ranges = tuple[tuple[int, int], ...]
"""Inclusive ranges of period numbers, ascending."""


def cover(intervals: Sequence[Interval], start: date, end: date) -> tuple[Interval, ...]:
    """Add [start, end) to disjoint intervals; a repeat changes nothing."""
    return merged([*intervals, (start, end)])


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Join intervals that touch or overlap; empty ones vanish."""
    joined: list[Interval] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def advance(
    covered: Mapping[tuple[str, str], Mapping[str, tuple[Interval, ...]]], word: Advance
) -> dict[tuple[str, str], Mapping[str, tuple[Interval, ...]]]:
    """Give what an advance, which names its indicators, changes in a feed's coverage."""
    assert word.indicators is not None, "named when it was judged, by the contract in force then"
    named = {ALL} if word.organisations is None else word.organisations
    changed: dict[tuple[str, str], Mapping[str, tuple[Interval, ...]]] = {}
    for indicator in word.indicators:
        before = covered.get((word.source, indicator), {})
        spans = {code: before.get(code, ()) for code in named}
        covered_now = {span: cover(span, word.start, word.end) for span in set(spans.values())}  # most are alike
        after = {code: covered_now[span] for code, span in spans.items()}
        if any(before.get(code) != after[code] for code in named):
            changed[word.source, indicator] = {**before, **after}
    return changed


def closed(
    intervals: Sequence[Interval],
    calendar: Calendar,
    *,
    wait: timedelta,
    lateness: timedelta,
    today: date,
    settled: tuple[int, int] | None = None,
) -> Ranges:
    """Give the period numbers that these intervals close, as seen today.

    `settled`: the first and last number that has settled; None: nothing yet. A number up to the last one
    stays closed however coverage grows and time goes.
    """
    awaited = calendar.last_before(today - wait - lateness) + 1  # number of the first period that a hole waits for
    if settled is not None:
        awaited = max(awaited, settled[1] + 1)
    ranges: list[tuple[int, int]] = []
    for start, end in intervals:
        first, last = calendar.first_within(start), calendar.last_before(end - wait)
        if last < first:
            continue
        if ranges and first > max(ranges[-1][1] + 1, awaited):
            break  # beyond a hole that is not due yet
        ranges.append((first, last))
    return tuple(ranges)


def held(ranges: Ranges, number: int) -> bool:
    """Say whether a period number lies in the ranges."""
    return any(first <= number <= last for first, last in ranges)


def until(ranges: Ranges, last: int) -> Ranges:
    """Keep of the ranges what is not after `last`."""
    return tuple((start, min(end, last)) for start, end in ranges if start <= last)


def each_until(closed: Mapping[str, Ranges], last: int) -> dict[str, Ranges]:
    """Keep of everyone's ranges what is not after `last`; most have the same ones."""
    kept = {ranges: until(ranges, last) for ranges in set(closed.values())}
    return {code: kept[ranges] for code, ranges in closed.items()}
