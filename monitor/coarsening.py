"""The shortest calendar in which a series of small counts can be shown (domain.md §5, charts and shares).

Periods are only ever added up in fixed blocks of the calendar (four weeks, a quarter, a year), never in
sliding ones, and a block is shown only once it is full: two publications never differ by a single period.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import sqrt
from statistics import median

from monitor.calendars import calendar
from monitor.model import Indicator, Kind, Period, Point, SmallNumbers

SMALLEST_SHOWN = 8
"""Counts of people from here on may be shown; NHS Digital, HES disclosure control (September 2018): 1-7 may not."""
_WEEKS = ((1, "weeks"), (4, "four-week periods"), (13, "thirteen-week periods"), (52, "fifty-two-week periods"))
_MONTHS = ((1, "months"), (3, "quarters"), (12, "years"))
_QUARTERS = ((1, "quarters"), (4, "years"))
_SUMMED = frozenset({Kind.COUNT, Kind.PROPORTION})


def coarsened(points: Sequence[Point], indicator: Indicator) -> tuple[tuple[Point, ...], str]:
    """Give the points in the shortest calendar whose median numerator is at least 8, and that calendar's name.

    Where no calendar reaches it, the longest with three full blocks; figures that cannot be added up
    (means, bare rates, percentages of staff time) stay as they are.
    """
    name, base, ladder = _ladder(points)
    if not ladder or not _can_be_summed(points, indicator):
        return tuple(points), name
    best = tuple(points), ladder[0][1]
    for size, label in ladder:
        summed = tuple(points) if size == 1 else _blocks(points, indicator, base, size)
        if len(summed) < 3:
            return best
        best = summed, label
        if _typical(summed) >= SMALLEST_SHOWN:
            return best
    return best


def _ladder(points: Sequence[Point]) -> tuple[str, str, tuple[tuple[int, str], ...]]:
    days = round(median([(point.period[1] - point.period[0]).days for point in points])) if points else 0
    if days == 7:
        return "weeks", "weekly", _WEEKS
    if 28 <= days <= 31:
        return "months", "monthly", _MONTHS
    if 89 <= days <= 92 and all(point.period[0].month % 3 == 1 for point in points):
        return "quarters", "quarterly", _QUARTERS
    return ("years" if days > 360 else "periods"), "", ()


def _can_be_summed(points: Sequence[Point], indicator: Indicator) -> bool:
    if indicator.small_numbers is not SmallNumbers.PEOPLE or indicator.kind not in _SUMMED:
        return False
    return indicator.kind is Kind.COUNT or all(p.denominator is not None for p in points if p.numerator is not None)


def _typical(points: Sequence[Point]) -> float:
    return median([point.numerator for point in points if point.numerator is not None] or [0.0])


def _blocks(points: Sequence[Point], indicator: Indicator, base: str, size: int) -> tuple[Point, ...]:
    number = calendar(base).number
    groups = groupby(points, key=lambda point: number(point.period[0]) // size)
    members = [tuple(group) for _, group in groups]
    return tuple(_sum(group, indicator) for group in members if len(group) == size)


def _sum(group: Sequence[Point], indicator: Indicator) -> Point:
    """Add up one block; its limits as if one-step prediction errors were independent, which the model makes them."""
    period: Period = group[0].period[0], group[-1].period[1]
    numerator = _total([point.numerator for point in group])
    denominator = _total([point.denominator for point in group])
    counts = any(point.denominator is not None for point in group)
    if numerator is None or (counts and denominator is None):
        return Point(period, None, None, None, None, None, None, None)
    per = indicator.per if counts else 1.0
    sizes = [(point.denominator or 0.0) / per if counts else 1.0 for point in group]
    whole = (denominator or 0.0) / per if counts else 1.0
    seen = numerator / whole if whole else None
    expected = _total([_times(point.expected, size) for point, size in zip(group, sizes, strict=True)])
    if expected is None or not whole:
        return Point(period, numerator, denominator, seen, None, None, None, None)
    below, above = (_spread(group, sizes, side) for side in (-1, 1))
    low = None if below is None else max(indicator.low, (expected - below) / whole)
    high = None if above is None else min(indicator.high, (expected + above) / whole)
    return Point(period, numerator, denominator, seen, expected / whole, low, high, None)


def _spread(group: Sequence[Point], sizes: Sequence[float], side: int) -> float | None:
    """Half the width of a block's expected range on one side, as a count."""
    limits = [point.high if side > 0 else point.low for point in group]
    widths = [
        None if limit is None or point.expected is None else ((limit - point.expected) * size) ** 2
        for point, limit, size in zip(group, limits, sizes, strict=True)
    ]
    total = _total(widths)
    return None if total is None else sqrt(total)


def _times(value: float | None, size: float) -> float | None:
    return None if value is None else value * size


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
