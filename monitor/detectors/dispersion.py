"""The dispersion of a series: how much wider than Poisson or binomial its figures scatter, learnt beside its filter.

Source of the constants, where none is named: detection.md §5, measured there.
"""

from __future__ import annotations

import numpy as np

from monitor.detectors import peers
from monitor.detectors.contract import BoolVector, Common, IntVector, State, cadence, prior_periods, warm_up
from monitor.detectors.peers import Expected
from monitor.model import Vector

ALONE, WEIGHT = 1.5, 10.0
"""The prior and the observations it weighs; the median of the peers takes its place."""
CAP = 25.0
"""Most that one observation may add, in dispersions; at 9 it is biased low."""
LEAST_YOUNG, YOUNG_WEIGHT = 1.25, 4.0
"""Least dispersion that peers' first figures may suggest, until a series has taken in so many: the median of one
or two squares is too uncertain to be believed lower (measured on the simulated nation, README.md section 7)."""


def start(series: int) -> State:
    """Give the dispersions of series that have seen nothing."""
    return {
        "dispersion_prior": np.full(series, ALONE),
        "dispersion_sum": np.zeros(series),
        "dispersion_weight": np.zeros(series),
    }


def current(state: State) -> Vector:
    """Give the dispersion, 1 at least."""
    total = state["dispersion_prior"] * WEIGHT + state["dispersion_sum"]
    return np.maximum(1.0, total / (WEIGHT + state["dispersion_weight"]))


def freedom(state: State) -> Vector:
    """Give the degrees of freedom with which it is known."""
    freedom: Vector = WEIGHT + state["dispersion_weight"]
    return freedom


def prior(state: State, common: Common) -> State:
    """Take the peers' median while young; later the prior is what it was."""
    young, pooled = state["seen"] < prior_periods(cadence(state)), common["dispersion"]
    if not young.any():
        return {}
    takes = young & np.isfinite(pooled)
    floor = np.where(state["dispersion_weight"] < YOUNG_WEIGHT, LEAST_YOUNG, 1.0)
    return {"dispersion_prior": np.where(takes, np.maximum(floor, pooled), state["dispersion_prior"])}


def pooled(state: State, groups: IntVector) -> Vector:
    """Give the median dispersion that the peers' own figures show; NaN when nobody is young any more."""
    if not (state["seen"] < prior_periods(cadence(state))).any():
        return np.full(groups.size, np.nan)
    weight = state["dispersion_weight"]
    return peers.median_spread(state["dispersion_sum"], weight, groups, weight >= min(YOUNG_WEIGHT, warm_up(state) - 1))


def learn(state: State, off: Vector, expected: Expected, weight: Vector, *, present: BoolVector) -> State:
    """Take a period in: s_n += w^1/4 min(phi (y-mu)²/V, 25 phi), s_d += w^1/4; V was forecast."""
    dispersion = current(state)
    root = np.sqrt(np.sqrt(np.where(state["seen"] > 0, weight, 0.0)))  # the first is its own expectation
    off = np.where(present, off, 0.0)
    seen = off * off * dispersion / np.maximum(expected.slope * expected.ratio, 1e-300)
    return {
        "dispersion_sum": state["dispersion_sum"] + root * np.minimum(seen, CAP * dispersion),
        "dispersion_weight": state["dispersion_weight"] + root,
    }
