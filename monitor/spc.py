"""XmR limits, marks and icons for display, as in NHSRplotthedots 0.2.2 (domain.md §7).

They help people who know these charts to read one. They never drive an alert: on real sickness series the
four rules mark 14-18 % of organisation-months (domain.md §0.1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

TO_LIMIT = 2.66
"""Mean moving range to limit, 3 / d2 with d2 = 1.128 for pairs: Montgomery (2013), sec. 6.4."""
SCREEN_ABOVE = 3.267
"""D4 for pairs: moving ranges beyond it times their mean are left out; Montgomery (2013), sec. 6.4."""
RUN = 7
FEWEST = 13
"""Points from which limits are worth drawing."""


class Variation(StrEnum):
    """The icon of the last point, in words."""

    COMMON_CAUSE = "common cause"
    CONCERN_HIGH = "special cause, concern, high"
    CONCERN_LOW = "special cause, concern, low"
    IMPROVEMENT_HIGH = "special cause, improvement, high"
    IMPROVEMENT_LOW = "special cause, improvement, low"


@dataclass(frozen=True, slots=True)
class Xmr:
    """Limits around the mean and, per point, +1 (special, high), -1 (special, low) or 0 (common cause)."""

    mean: float
    low: float
    high: float
    marks: tuple[int, ...]


def xmr(values: Sequence[float]) -> Xmr | None:
    """Draw limits around values, oldest first; None for fewer than 13.

    >>> chart = xmr([50, 51, 49, 50, 52, 48, 50, 51, 49, 50, 51, 49, 60])
    >>> chart.marks[-1], round(chart.mean, 2)
    (1, 50.77)
    """
    if len(values) < FEWEST:
        return None
    mean = sum(values) / len(values)
    reach = TO_LIMIT * _moving_range(values)
    rules: tuple[Callable[[], list[int]], ...] = (
        lambda: [_sign(value - mean) if abs(value - mean) > reach else 0 for value in values],
        lambda: _trends(values),
        lambda: _near(values, mean, reach),
        lambda: _sides(values, mean),
    )
    marks = [0] * len(values)
    for rule in rules:  # in order of precedence: an earlier rule keeps its mark
        marks = [mark or later for mark, later in zip(marks, rule(), strict=True)]
    return Xmr(mean, mean - reach, mean + reach, tuple(marks))


def variation(chart: Xmr, *, worse: int) -> Variation:
    """Give the icon of the last point; `worse` is +1 where a rise is the concern, -1 where a fall is."""
    last = chart.marks[-1]
    if last == 0:
        return Variation.COMMON_CAUSE
    if last > 0:
        return Variation.CONCERN_HIGH if worse > 0 else Variation.IMPROVEMENT_HIGH
    return Variation.CONCERN_LOW if worse < 0 else Variation.IMPROVEMENT_LOW


def _moving_range(values: Sequence[float]) -> float:
    ranges = [abs(later - earlier) for earlier, later in pairwise(values)]
    mean = sum(ranges) / len(ranges)
    kept = [size for size in ranges if size <= SCREEN_ABOVE * mean]
    return sum(kept) / len(kept)


def _trends(values: Sequence[float]) -> list[int]:
    """Seven points that each go further the same way than the one before."""
    moves = [_sign(later - earlier) for earlier, later in pairwise(values)]
    marks = [0] * len(values)
    for start in range(len(moves) - RUN + 2):
        run = moves[start : start + RUN - 1]
        if abs(sum(run)) == RUN - 1:
            marks[start : start + RUN] = [run[0]] * RUN
    return marks


def _near(values: Sequence[float], mean: float, reach: float) -> list[int]:
    """Two of three points in the outer third, all three on one side of the mean."""
    marks = [0] * len(values)
    for start in range(len(values) - 2):
        three = [value - mean for value in values[start : start + 3]]
        outer = [2 / 3 * reach < abs(distance) <= reach for distance in three]
        side = _sign(three[0])
        if sum(outer) >= 2 and side and all(_sign(distance) == side for distance in three):
            for place, is_outer in enumerate(outer):
                marks[start + place] = side if is_outer else marks[start + place]
    return marks


def _sides(values: Sequence[float], mean: float) -> list[int]:
    """Seven points on one side of the mean."""
    sides = [_sign(value - mean) for value in values]
    marks = [0] * len(values)
    for start in range(len(values) - RUN + 1):
        if abs(sum(sides[start : start + RUN])) == RUN:
            marks[start : start + RUN] = [sides[start]] * RUN
    return marks


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
