"""The spread of a period: how much further than usual peers lie apart, once what they share is taken out.

In the pandemic the spread between trusts tripled (detection.md §6.3); who keeps judging by the usual one finds
half of them worse. It counts only where chance alone would hardly show it, since a median of a dozen is noisy.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from monitor.detectors.contract import FEWEST_PEERS, BoolVector, IntVector
from monitor.model import Vector

HALF_NORMAL_MEDIAN = 0.6744897501960817
"""Median of |z| of a normal deviate."""
BEYOND_CHANCE = 0.99
"""The widening counts above this quantile of its null for the number of peers."""
LEAST = 1.4
"""And above this: peers of whom a third worsen lie further apart too, and must not be excused for it."""


def widening(deviates: Vector, groups: IntVector, counted: BoolVector) -> Vector:
    """Give the variance of the period over the usual one, by the median |deviate| of the others; 1 = as usual.

    A series that does not count gets its whole group's; groups of fewer than `FEWEST_PEERS` have none.
    """
    size = int(groups.max()) + 1 if groups.size else 1
    number = np.bincount(groups, counted, size).astype(np.int64)
    limit = np.where(number >= FEWEST_PEERS, np.maximum(chance(number), LEAST), np.inf)
    far = np.abs(deviates) / HALF_NORMAL_MEDIAN
    beyond = np.bincount(groups, counted & (far > limit[groups]), size)
    if ((2 * beyond < number - 1) | (number < FEWEST_PEERS)).all():  # a median is beyond where half of them are
        return np.ones(groups.size)
    median = _median_of_others(far, groups, counted, number)
    return np.where(median > limit[groups], np.square(median), 1.0)


def _median_of_others(values: Vector, groups: IntVector, counted: BoolVector, number: IntVector) -> Vector:
    """Give each series the median of its group's counted members without itself; 0 where there are none."""
    members = np.flatnonzero(counted)
    order = members[np.lexsort((values[members], groups[members]))]
    begins = np.cumsum(number) - number
    rank = np.full(groups.size, np.iinfo(np.int64).max)
    rank[order] = np.arange(order.size) - begins[groups[order]]
    others = number[groups] - counted

    def at(place: IntVector) -> Vector:
        """Give the others' value at this place of theirs in order."""
        stands = begins[groups] + place + (place >= rank)
        return np.where(others > 0, values[order[np.where(others > 0, stands, 0)]], 0.0)

    return 0.5 * (at((others - 1) // 2) + at(others // 2))


def chance(number: IntVector) -> Vector:
    """Give the quantile of median |z| over its usual value among so many peers, one left out.

    The median of n uniform numbers is a beta of (n+1)/2 twice (exact for odd n: David and Nagaraja 2003, Order
    Statistics, 3rd ed., sec. 2.2).

    >>> float(chance(np.array([12]))[0].round(2))
    1.93
    """
    half = 0.5 * np.maximum(number, 2)
    share = special.betaincinv(half, half, BEYOND_CHANCE)
    quantile: Vector = special.ndtri(0.5 + 0.5 * share) / HALF_NORMAL_MEDIAN
    return quantile
