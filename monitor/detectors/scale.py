"""The scale S of a series: the variance in which its Gaussian filter counts, learnt beside it.

A young series takes the median of its peers' scales as a prior, so that the spread of three or four periods is
not believed as if it were known; what doubt is left makes the forecast Student's t.

References
----------
West and Harrison (1997), Bayesian Forecasting and Dynamic Models, 2nd ed., sec. 4.5.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from monitor.detectors import peers
from monitor.detectors.contract import BoolVector, Common, IntVector, State, cadence, prior_periods, warm_up
from monitor.model import Vector

MOST_POOLED, LEAST_POOLED, WEIGHT_ALONE = 8.0, 1.0, 1.0
"""Observations that the peers' median scale weighs: most where peers are alike, least where they differ eightfold;
alone, a series starts from its first innovations."""
SETTLED = 1.7
"""Variance, in S, of a forecast that has learnt its series; periods of a larger one count less for S."""
MOST_FREEDOM = 60.0
"""Degrees of freedom end here: real tails stay heavier than normal, however long the past."""
NORMAL_MAD = 1.4826
"""A normal standard deviation over the median absolute deviation."""
CAP = 25.0
"""Largest square that a scale takes in, in scales."""


def start(series: int) -> State:
    """Give the scales of series that have seen nothing."""
    return {
        "scale_prior": np.zeros(series),
        "scale_prior_weight": np.full(series, WEIGHT_ALONE),
        "scale_sum": np.zeros(series),
        "scale_weight": np.zeros(series),
    }


def current(state: State) -> Vector:
    """Give S."""
    weight = state["scale_prior_weight"]
    scale: Vector = (weight * state["scale_prior"] + state["scale_sum"]) / (weight + state["scale_weight"])
    return scale


def freedom(state: State) -> Vector:
    """Give the degrees of freedom with which S is known."""
    known = state["scale_prior_weight"] + state["scale_weight"]
    freedom: Vector = np.minimum(np.maximum(known, 3.0), MOST_FREEDOM)
    return freedom


def prior(state: State, common: Common) -> State:
    """Take the peers' median while young; alone, a series' own first innovations while it warms up."""
    if not (state["seen"] < _young(state)).any():
        return {}
    pooled = np.isfinite(common["scale"])
    alone = ~pooled & (state["seen"] < warm_up(state)) & (state["scale_prior_weight"] == WEIGHT_ALONE)
    takes = (pooled & (state["seen"] < _young(state))) | alone
    own = state["scale_sum"] / np.maximum(state["scale_weight"], 1e-9)
    likeness = common.get("likeness", np.full(own.size, MOST_POOLED))  # settled by a version that took all for alike
    return {
        "scale_prior": np.where(takes, np.where(pooled, common["scale"], own), state["scale_prior"]),
        "scale_prior_weight": np.where(takes & pooled, likeness, state["scale_prior_weight"]),
    }


def pooled(state: State, groups: IntVector) -> Common:
    """Give the median `scale` that the peers' own figures show, and their `likeness`; NaN once nobody is young."""
    if not (state["seen"] < _young(state)).any():
        return {"scale": np.full(groups.size, np.nan), "likeness": np.full(groups.size, np.nan)}
    total, weight = state["scale_sum"], state["scale_weight"]
    counted = weight >= min(1.0, 0.1 * warm_up(state))
    return {
        "scale": peers.median_spread(total, weight, groups, counted),
        "likeness": _likeness(total, weight, groups, counted),
    }


def _likeness(total: Vector, weight: Vector, groups: IntVector, counted: BoolVector) -> Vector:
    """Give the periods that the peers' median weighs, as an empirical Bayes prior does.

    The log of a mean of k squares varies by trigamma(k/2); what peers vary by beyond that, v, is theirs. A scaled
    inverse chi-square of nu degrees of freedom varies by trigamma(nu/2), about 2/nu: so nu = 2/v (Smyth 2004,
    Stat. Appl. Genet. Mol. Biol. 3, article 3, by moments; here by the median absolute deviation).
    """
    safe = np.where(counted, weight, 1.0)
    logs = np.log(np.maximum(total / safe, peers.TINY)) - special.digamma(0.5 * safe) + np.log(0.5 * safe)
    off = np.abs(logs - peers.median_by_group(logs, groups, counted))
    seen = np.square(NORMAL_MAD * peers.median_by_group(off, groups, counted))
    chance = peers.median_by_group(special.polygamma(1, 0.5 * safe), groups, counted)
    likeness: Vector = np.clip(2.0 / np.maximum(seen - chance, 1e-9), LEAST_POOLED, MOST_POOLED)
    return likeness


def learn(state: State, off: Vector, variance: Vector, scale: Vector, *, present: BoolVector) -> State:
    """Take a period in: S = sum of e²/variance, each at most 25 S once there is an S, over their number."""
    taken = present & (state["seen"] > 0)  # the first is its own expectation
    square = off * off / variance
    # where the prior's doubt makes up the variance, a period says little of S, and peers have halved that doubt
    weight = np.where(taken, np.square(np.minimum(SETTLED / variance, 1.0)), 0.0)
    square = np.where(state["seen"] < warm_up(state), square, np.minimum(square, CAP * scale))
    return {"scale_sum": state["scale_sum"] + weight * square, "scale_weight": state["scale_weight"] + weight}


def _young(state: State) -> int:
    return prior_periods(cadence(state))
