"""The shortest calendar in which a series of small counts can be shown (domain.md §5, charts, differencing).

Periods are only ever added up in fixed blocks of the calendar (four weeks, a quarter, a year), never in
sliding ones, and a block is shown only once it is full: two publications never differ by a single period.

Nor does a series change its calendar from one publication to the next, since three weeks and the four-week
period around them tell the fourth: it keeps the one it has left in (`Showing`) while any of the periods that
have left is still in view, and otherwise begins anew after them. So two periods that have left are the same
or have no day in common, whatever was published when; a rule on the figures of the day with a margin
(hysteresis) would only make the mixing rarer.

Not protected: a period that is published again after a revision tells how far its rounded figure moved; two
sources, and indicators that share their events, are shown each by itself, although one may contain the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from math import sqrt
from statistics import median

from monitor.calendars import calendar
from monitor.casefile import Point, Showing
from monitor.model import Indicator, Kind, Period, SmallNumbers

SMALLEST_SHOWN = 8
"""Counts of people from here on may be shown; NHS Digital, HES disclosure control (September 2018): 1-7 may not."""
_WEEKS = ((1, "weeks"), (4, "four-week periods"), (13, "thirteen-week periods"), (52, "fifty-two-week periods"))
_MONTHS = ((1, "months"), (3, "quarters"), (12, "years"))
_QUARTERS = ((1, "quarters"), (4, "years"))
_SUMMED = frozenset({Kind.COUNT, Kind.PROPORTION})


def coarsened(
    points: Sequence[Point], indicator: Indicator, calendar: str | None = None
) -> tuple[tuple[Point, ...], str]:
    """Give the points in the periods of this calendar, and its name.

    None: in the shortest calendar whose median numerator is at least 8; where none reaches it, the longest with
    three full blocks. Figures that cannot be added up (means, bare rates, percentages of staff time) stay.
    """
    if calendar is None:
        calendar = _chosen(points, indicator)
    return _in_periods_of(points, indicator, calendar), calendar


def shown_as(
    points: Sequence[Point], indicator: Indicator, organisation: str, source: str, earlier: Sequence[Showing]
) -> Showing:
    """Say in which calendar these points may leave, and from which day on; there is at least one of them.

    `earlier`: how the series has left, and those of the organisations whose events it may contain (predecessors).
    """
    own = max((each for each in earlier if each.organisation == organisation), key=latest, default=None)
    kept = own is not None and points[0].period[0] < own.until and own.calendar in _possible(points, indicator)
    name = own.calendar if own and kept else _chosen(points, indicator)
    same = [each for each in earlier if kept and (each.organisation, each.calendar) == (organisation, name)]
    days = [each.until for each in earlier if each not in same]
    after = max([*days, *(each.after for each in same if each.after)], default=None)
    ends = [each.until for each in same] + [point.period[1] for point in since(points, after)]
    return Showing(organisation, indicator.key, source, name, after, max(ends, default=after or points[0].period[0]))


def since(points: Sequence[Point], day: date | None) -> tuple[Point, ...]:
    """Give the points whose periods begin on this day or later; None: all of them."""
    return tuple(point for point in points if day is None or point.period[0] >= day)


def latest(showing: Showing) -> tuple[date, date]:
    """Order the showings of one series by how far they go."""
    return showing.until, showing.after or date.min


def _possible(points: Sequence[Point], indicator: Indicator) -> frozenset[str]:
    """Name the calendars in which the points can be shown at all: a missing part leaves a block empty."""
    name, _, ladder = _ladder(points)
    return frozenset({name, *(label for _, label in ladder)}) if _is_summed(indicator) else frozenset({name})


def _chosen(points: Sequence[Point], indicator: Indicator) -> str:
    best, base, ladder = _ladder(points)
    if not _can_be_summed(points, indicator):
        return best
    for size, label in ladder:
        summed = points if size == 1 else _blocks(points, indicator, base, size)
        if len(summed) < 3:
            return best
        best = label
        if _typical(summed) >= SMALLEST_SHOWN:
            return best
    return best


def _in_periods_of(points: Sequence[Point], indicator: Indicator, calendar: str) -> tuple[Point, ...]:
    _, base, ladder = _ladder(points)
    size = next((size for size, label in ladder if label == calendar), 1)
    return tuple(points) if size == 1 else _blocks(points, indicator, base, size)


def _ladder(points: Sequence[Point]) -> tuple[str, str, tuple[tuple[int, str], ...]]:
    days = round(median([(point.period[1] - point.period[0]).days for point in points])) if points else 0
    if days == 7:
        return "weeks", "weekly", _WEEKS
    if 28 <= days <= 31:
        return "months", "monthly", _MONTHS
    if 89 <= days <= 92 and all(point.period[0].month % 3 == 1 for point in points):
        return "quarters", "quarterly", _QUARTERS
    return ("years" if days > 360 else "periods"), "", ()


def _is_summed(indicator: Indicator) -> bool:
    return indicator.small_numbers is SmallNumbers.PEOPLE and indicator.kind in _SUMMED


def _can_be_summed(points: Sequence[Point], indicator: Indicator) -> bool:
    if not _is_summed(indicator):
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
    # a share without its base is no count of anything: such a block stays empty
    counts = indicator.kind is not Kind.COUNT or any(point.denominator is not None for point in group)
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
