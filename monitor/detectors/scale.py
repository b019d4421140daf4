"""The scale S of a series: the variance in which its Gaussian filter counts, learnt beside it.

A young series takes the median of its peers' scales as a prior, so that the spread of three or four periods is
not believed as if it were known; what doubt is left makes the forecast Student's t.

References
----------
West and Harrison (1997), Bayesian Forecasting and Dynamic Models, 2nd ed., sec. 4.5.
"""

from __future__ import annotations

import numpy as np

from monitor.detectors import peers
from monitor.detectors.contract import BoolVector, Common, IntVector, State, cadence, prior_periods, warm_up
from monitor.model import Vector

WEIGHT_POOLED, WEIGHT_ALONE = 8.0, 1.0
"""Observations that the peers' median scale weighs, since organisations of one group still differ; alone, a
series starts from its first innovations."""
SETTLED = 1.7
"""Variance, in S, of a forecast that has learnt its series; periods of a larger one count less for S."""
MOST_FREEDOM = 60.0
"""Degrees of freedom end here: real tails stay heavier than normal, however long the past."""
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
    return {
        "scale_prior": np.where(takes, np.where(pooled, common["scale"], own), state["scale_prior"]),
        "scale_prior_weight": np.where(takes & pooled, WEIGHT_POOLED, state["scale_prior_weight"]),
    }


def pooled(state: State, groups: IntVector) -> Vector:
    """Give the median scale that the peers' own figures show; NaN when nobody is young any more."""
    if not (state["seen"] < _young(state)).any():
        return np.full(groups.size, np.nan)
    weight = state["scale_weight"]
    return peers.median_spread(state["scale_sum"], weight, groups, weight >= min(1.0, 0.1 * warm_up(state)))


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
