"""From tail probabilities to one: within a family, whose indicators correlate, then over families (pure).

References
----------
Liu and Xie (2020), Journal of the American Statistical Association 115, 393-402 (Cauchy combination);
detection.md §5 (the sum over families and why it needs the null of its own number of families).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from math import atan, exp, log, log1p, pi, tan
from statistics import NormalDist

import numpy as np
from scipy import special

from monitor.model import Vector

SMALLEST, LARGEST = 1e-300, 0.99
"""Tails are read within these: a single p of 1 would otherwise outvote any other (its Cauchy value is -∞)."""
TINY = 1e-15
"""Below it the Cauchy value is taken from its series."""
LARGEST_SHARE = 1.0 - 1e-15
"""Deviates of anything larger are -8: as unmoved as can be."""
UNMOVED, MOVED = 0.6, 0.4
"""Prior odds that a family of a worsening organisation has moved with it (detection.md §5)."""
STEP, REACH = 0.01, 90.0
"""Grid of the null of L: probabilities are within .1 % of the exact ones, and reach down to 1e-37."""
NORMAL = NormalDist()


def cauchy(ps: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """Combine tail probabilities that may correlate; at small p the correlation does not matter.

    `weights` (None: equal) are shares of attention, not of truth: the null is the same for any of them.

    Examples
    --------
    One indicator at .001 among three at a half says about what .003 would:

    >>> round(cauchy([0.001, 0.5, 0.5]), 4)
    0.003
    """
    sums = [tan((0.5 - min(p, LARGEST)) * pi) if p > TINY else 1.0 / (max(p, SMALLEST) * pi) for p in ps]
    weights = weights or [1.0] * len(sums)
    mean = sum(weight * each for weight, each in zip(weights, sums, strict=True)) / sum(weights)
    return atan(1.0 / mean) / pi if mean > 1.0 else 0.5 - atan(mean) / pi


def cauchy_many(ps: Vector, places: np.ndarray, size: int) -> Vector:
    """Combine the tails that share a place, as `cauchy` does with equal weights; NaN where a place has none.

    Parameters
    ----------
    ps, places
        Tails, and the place of each from 0; both of shape (tails,).
    size
        Number of places, and length of the answer.
    """
    number = np.bincount(places, minlength=size)
    mean = np.bincount(places, _cauchy_values(ps), size) / np.maximum(number, 1)
    return np.where(number > 0, _cauchy_tails(mean), np.nan)


def cauchy_first(ps: np.ndarray) -> Vector:
    """Combine over the first axis, as `cauchy` does with equal weights."""
    return _cauchy_tails(_cauchy_values(ps).mean(axis=0))


def _cauchy_values(ps: np.ndarray) -> np.ndarray:
    """Give the Cauchy variables of tails; tan loses what is far out, where it is as good as 1 / (p pi)."""
    moderate, tiny = np.clip(ps, TINY, LARGEST), np.maximum(ps, SMALLEST)
    values: np.ndarray = np.where(ps > TINY, np.tan((0.5 - moderate) * pi), 1.0 / (tiny * pi))
    return values


def _cauchy_tails(means: np.ndarray) -> Vector:
    far = means > 1.0
    tails: Vector = np.where(far, np.arctan(1.0 / np.where(far, means, 1.0)) / pi, 0.5 - np.arctan(means) / pi)
    return tails


def combine(families: Collection[float]) -> float:
    """Give the tail probability of L, the evidence summed over families, by the null of their number.

    L = sum log(.6 + .4 exp(sign(S) S²/2)) with S = Phi^-1(1 - p). One family keeps its own p.

    Examples
    --------
    >>> round(combine([0.01, 0.01]), 4)
    0.0026
    """
    if len(families) <= 1:
        return next(iter(families), 1.0)
    total = sum(map(_evidence, families))
    lowest, tails = _null(len(families))
    place = (total - lowest) / STEP
    if place <= 0.0:
        return 1.0
    if place >= len(tails) - 1:  # L's tail falls as e^-L there
        return exp(tails[-1] - (place - len(tails) + 1) * STEP)
    index = int(place)
    return exp(tails[index] + (place - index) * (tails[index + 1] - tails[index]))


def share_of_evidence(families: Mapping[str, float]) -> dict[str, float]:
    """Give what part of L comes from each family, of 1 in all; one that speaks against it has none.

    Examples
    --------
    >>> [round(share, 2) for share in share_of_evidence({"patients": 0.001, "workforce": 0.02}).values()]
    [0.74, 0.26]
    """
    parts = {family: max(_evidence(p), 0.0) for family, p in families.items()}
    total = sum(parts.values())
    return {family: part / total for family, part in parts.items()} if total > 0.0 else {}


def combine_many(ps: np.ndarray) -> Vector:
    """Combine over the last axis, as `combine` does; the number of families is that axis's length."""
    if ps.shape[-1] <= 1:
        return ps[..., 0] if ps.shape[-1] else np.ones(ps.shape[:-1])
    deviates = -special.ndtri(np.clip(ps, SMALLEST, LARGEST_SHARE))
    total = _evidences(deviates).sum(axis=-1)
    lowest, tails = _null(ps.shape[-1])
    grid = lowest + STEP * np.arange(len(tails))
    combined: Vector = np.exp(np.interp(total, grid, tails))
    return combined


def _evidence(p: float) -> float:
    deviate = -NORMAL.inv_cdf(min(max(p, SMALLEST), LARGEST_SHARE))
    half = 0.5 * deviate * abs(deviate)
    return half + log(MOVED) + log1p(UNMOVED / MOVED * exp(-half)) if half > 0.0 else log(UNMOVED + MOVED * exp(half))


def _evidences(deviates: np.ndarray) -> np.ndarray:
    evidences: np.ndarray = np.logaddexp(np.log(UNMOVED), np.log(MOVED) + 0.5 * deviates * np.abs(deviates))
    return evidences


@lru_cache
def _null(families: int) -> tuple[float, list[float]]:
    """Give where the null of L begins and log P(L > point) on the grid from there, by convolution.

    One family's L is a rising function of a normal deviate, so its distribution on the grid is exact; the
    sums of positive numbers keep their relative precision far into the tail, which a Fourier transform would not.
    """
    lowest = log(UNMOVED)
    edges = lowest + STEP * (np.arange(int(REACH / STEP)) + 0.5)  # a cell's mass goes to its middle
    half = np.log(np.maximum(np.exp(np.minimum(edges, 700.0)) - UNMOVED, 1e-300) / MOVED)
    tails = special.ndtr(-np.copysign(np.sqrt(2.0 * np.abs(half)), half))
    mass = -np.diff(tails, prepend=1.0, append=0.0)
    total = mass
    for _ in range(families - 1):
        total = np.convolve(total, mass)[: mass.size]
    # P(L > point): the cell at the point itself counts half
    above = np.cumsum(total[::-1])[::-1] - 0.5 * total
    above = np.minimum(above, 1.0)
    return families * lowest, np.log(np.maximum(above[above > 1e-280], 1e-300)).tolist()
