"""What peers share in a period: a shock per group and one per region, each estimated without a member's own value.

With u the members' scores and i their information at the shock c, the estimate without member j is one
Newton step away: c + (U - u_j) / (I - i_j). A series that helps to estimate its own expectation would look
less surprising than it is (a deviate's sd of .89 at 8 peers, detection.md §5).

References
----------
Huber (1964), Annals of Mathematical Statistics 35, 73-101 (weights 1.5); McCullagh and Nelder (1989),
Generalized Linear Models, 2nd ed., sec. 9.2 (the estimating equation).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from monitor.detectors import spread
from monitor.detectors.contract import FEWEST_PEERS, BoolVector, Common, IntVector, State
from monitor.model import Vector

HUBER = 1.5
NEWTON_STEPS = 5
"""From no shock to one of ×2 within 1e-4; a fixed number, so that every refold takes the same path."""
OTHERS_AT_LEAST = 0.05
"""Share of the information that the others must hold; below it there is nobody to compare with."""
LOADING_PRIOR = 1.0 / 0.3**2
"""Information that holds a loading at 1, as if it were known to ± .3 (detection.md §5)."""
LOADING_RANGE = (0.2, 2.5)
FEWEST_NEIGHBOURS = 5
"""Members of a region without whom it has no factor of its own (detection.md §6.3)."""
TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected at one shock: mean, its change per unit of the linear predictor, variance over that change."""

    mean: Vector
    slope: Vector
    ratio: Vector


def loading(cross: Vector, square: Vector) -> Vector:
    """Give how strongly each series follows its peers' shocks."""
    least, most = LOADING_RANGE
    followed: Vector = np.minimum(np.maximum(cross / square, least), most)
    return followed


def loadings(state: State) -> Vector:
    """Give the loadings that a detector's state has learnt."""
    return loading(state["shock_cross"], state["shock_square"])


def no_shock(groups: IntVector, known: BoolVector) -> Common:
    """Give a period in which no shock can be told, for every series."""
    none = np.zeros(groups.size)
    return {
        "shock": none,
        "shock_variance": none,
        "regional": none,
        "spread": np.ones(groups.size),
        "peers": _members(groups, known),
    }


def _members(groups: IntVector, known: BoolVector) -> Vector:
    counted = np.bincount(groups, known, _count(groups)).astype(np.float64)
    return counted[groups]


def _count(groups: IntVector) -> int:
    return int(groups.max()) + 1 if groups.size else 1


def shock(
    observed: Vector,
    at: Callable[[Vector], Expected],
    *,
    loadings: Vector,
    groups: IntVector,
    regions: IntVector | None,
    known: BoolVector,
    grown: BoolVector,
    limit: float,
) -> Common:
    """Estimate what peers share without each member's own value: the group's shock, its region's, and the spread.

    Parameters
    ----------
    at
        What is expected when the linear predictors are shifted by a vector.
    regions
        Region of each series, from 0; -1 = none. None: no regions are known.
    known
        Members that have a value now and had one before; only these count, and `FEWEST_PEERS` are needed.
    grown
        Members past their warm-up, who know their own spread; only these tell the period's.
    limit
        Longest step; from far away a step on a log scale overshoots.

    Returns
    -------
    `shock` and `shock_variance`, of group and region together (shrunk c c²/(c² + Var c), and Var c), `regional`
    (the region's part of the shock), `spread` (variance of the period over the usual), `peers` (members that
    counted).
    """
    peers = _members(groups, known)
    if not (peers >= FEWEST_PEERS).any():
        return no_shock(groups, known)
    raw, variance = _left_out(observed, at, loadings, groups, known & (peers >= FEWEST_PEERS), limit)
    square = raw * raw
    shrunk, regional = raw * square / np.maximum(square + variance, TINY), np.zeros(groups.size)
    if regions is not None:
        regional, doubt = _regional(observed, at, shrunk, loadings, (groups, regions), known, limit)
        shrunk, variance = shrunk + regional, variance + doubt
    expected = at(loadings * shrunk)
    deviates = np.where(known, observed - expected.mean, 0.0) / np.sqrt(expected.ratio * expected.slope)
    return {
        "shock": shrunk,
        "shock_variance": variance,
        "regional": regional,
        "spread": spread.widening(deviates, groups, known & grown),
        "peers": peers,
    }


def _left_out(
    observed: Vector,
    at: Callable[[Vector], Expected],
    loadings: Vector,
    groups: IntVector,
    known: BoolVector,
    limit: float,
) -> tuple[Vector, Vector]:
    """Give each series its group's shock without its own value, and its variance; 0 where nobody else counts."""
    size = _count(groups)
    common = np.zeros(size)
    weight = np.where(known, loadings, 0.0)
    for _ in range(NEWTON_STEPS):
        shift = common[groups]
        score, information = _pull(observed, at(loadings * shift), weight)
        total, whole = np.bincount(groups, score, size), np.bincount(groups, information, size)
        common = common + np.clip(total / np.maximum(whole, TINY), -limit, limit)
    others = whole[groups] - information
    enough = others > OTHERS_AT_LEAST * whole[groups]
    safe = np.where(enough, others, 1.0)
    return np.where(enough, shift + (total[groups] - score) / safe, 0.0), np.where(enough, 1.0 / safe, 0.0)


def _regional(
    observed: Vector,
    at: Callable[[Vector], Expected],
    shock: Vector,
    loadings: Vector,
    within: tuple[IntVector, IntVector],
    known: BoolVector,
    limit: float,
) -> tuple[Vector, Vector]:
    """Give what a region's members share beyond their group's shock, shrunk c (1 - Var c/c²)+, and its variance."""
    groups, regions = within
    placed = known & (regions >= 0)
    _, cells = np.unique(groups * (regions.max(initial=0) + 2) + regions + 1, return_inverse=True)
    counted = placed & (_members(cells, placed) >= FEWEST_NEIGHBOURS)
    if not counted.any():
        return np.zeros(groups.size), np.zeros(groups.size)
    raw, variance = _left_out(observed, lambda shift: at(loadings * shock + shift), loadings, cells, counted, limit)
    kept = np.where(regions >= 0, np.maximum(1.0 - variance / np.maximum(raw * raw, TINY), 0.0), 0.0)
    return raw * kept, np.where(kept > 0.0, variance, 0.0)


def _pull(observed: Vector, expected: Expected, weight: Vector) -> tuple[Vector, Vector]:
    """Give each member's score and information; `weight` is its loading, 0 where it does not count."""
    residual = np.where(weight > 0.0, observed - expected.mean, 0.0)
    pulled = weight * huber(residual, expected) / expected.ratio
    return pulled * residual, pulled * weight * expected.slope


def huber(residual: Vector, expected: Expected) -> Vector:
    """Weigh a residual down once it is more than `HUBER` standard deviations away."""
    sd = np.sqrt(expected.ratio * expected.slope)
    weights: Vector = HUBER * sd / np.maximum(np.abs(residual), HUBER * sd)
    return weights


def follow(
    state: tuple[Vector, Vector], *, contrast: Vector, pull: Vector, common: Common, taken: BoolVector
) -> tuple[Vector, Vector]:
    """Learn how strongly a series follows: regress its contrast on the shock, with information `pull`."""
    cross, square = state
    gained = np.where(taken, pull * common["shock"], 0.0)
    return cross + gained * np.where(taken, contrast, 0.0), square + gained * common["shock"]


def median_by_group(values: Vector, groups: IntVector, counted: BoolVector) -> Vector:
    """Give each series the median of the group's counted members; NaN where fewer than `FEWEST_PEERS` count."""
    medians = np.full(_count(groups), np.nan)
    for group in np.unique(groups[counted]):
        members = values[counted & (groups == group)]
        if members.size >= FEWEST_PEERS:
            medians[group] = np.median(members)
    given: Vector = medians[groups]
    return given


def median_spread(total: Vector, weight: Vector, groups: IntVector, counted: BoolVector) -> Vector:
    """Give each series the median variance of its group's counted members, each over its own median under chance.

    A mean of k squares has its median at (1 - 2/(9k))^3 of what it estimates (Wilson and Hilferty 1931); without
    that, spreads learnt from two or three periods would be read as half to four fifths of what they are.
    """
    safe = np.maximum(weight, TINY)
    own = total / safe / (1.0 - 2.0 / (9.0 * np.maximum(weight, 1.0))) ** 3
    return median_by_group(np.where(counted, own, 0.0), groups, counted)
