"""Which figures, as shown, a correction changed: then and now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from monitor.disclosure import Disclosed, DisclosedExhibit
from monitor.model import Period

MOST_FIGURES = 6
"""A message that lists more than a handful is not read; the case's page has them all."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that people saw, and what it is now."""

    name: str
    period: str
    then: str
    now: str


def corrected(before: Disclosed, now: Disclosed) -> tuple[Figure, ...]:
    """List figures whose shown text differs, latest first; one that changes only unseen is no correction."""
    old = {(exhibit.indicator.key, exhibit.source): exhibit for exhibit in before.exhibits}
    found = [
        (period, figure)
        for exhibit in now.exhibits
        if (exhibit.indicator.key, exhibit.source) in old
        for period, figure in _changes(old[exhibit.indicator.key, exhibit.source], exhibit)
    ]
    found.sort(key=lambda item: item[0], reverse=True)
    return tuple(figure for _, figure in found[:MOST_FIGURES])


def named(period: Period) -> str:
    """Name a period as people say it: a year, a month, or its first and last day."""
    start, end = period
    last = last_day(period)
    if start.day == 1 and (end.year * 12 + end.month) - (start.year * 12 + start.month) == 1 and end.day == 1:
        return f"{start:%b %Y}"
    if start.day == 1 and end.day == 1:
        return f"{start:%b %Y} to {last:%b %Y}"
    return f"{start.day} {start:%b %Y} to {last.day} {last:%b %Y}"


def last_day(period: Period) -> date:
    """Give the last day that belongs to a period."""
    return period[1] - timedelta(days=1)


def _changes(before: DisclosedExhibit, now: DisclosedExhibit) -> list[tuple[Period, Figure]]:
    then = {point.period: point.shown.text for point in before.points}
    return [
        (point.period, Figure(now.indicator.name, named(point.period), then[point.period], point.shown.text))
        for point in now.points
        if then.get(point.period, point.shown.text) != point.shown.text
    ]
