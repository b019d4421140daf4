"""How much of the over-dispersion of counts and shares lasts from period to period, learnt beside the filter.

What figures leave beside their baseline is held against what the period before left: r = sum u_t u_{t-1} / n, u in
standard deviations of a figure as they are expected. Of the over-dispersion the share s = r phi/(rho (phi - 1)) stays,
as an autoregressive deviation with the coefficient rho; the rest is gone with its period.

References
----------
Box, Jenkins and Reinsel (2008), Time Series Analysis, 4th ed., sec. 2.1.6 (1/√n, the standard error of a white series'
autocorrelation) and A4.3 (an autoregressive process seen with white noise). detection.md §6 (shares of .6-.85 in half
of real series).
"""

from __future__ import annotations

import numpy as np

from monitor.detectors import baseline, dispersion
from monitor.detectors.contract import BoolVector, State, cadence, warm_up
from monitor.model import Vector

MOST = 0.9
"""Largest share that lasts: some of every over-dispersion is gone with its period."""
BELIEVED_FROM = 1.0
"""Standard errors of a white series' autocorrelation (1/√n, n as far as it is not forgotten) that are taken off what is
seen, so that most white series are read as white (README.md, section 7: none, a half and one)."""
HALF_FORGOTTEN = 4.0
"""Years of figures after which half is forgotten of how they hang together."""
CLIP = 2.5
"""Deviates that one figure counts for at most: an outbreak is no memory."""


def start(series: int) -> State:
    """Give what series remember of themselves that have seen nothing."""
    return {name: np.zeros(series) for name in ("left", "left_cross", "left_weight")}


def forget(state: State, which: BoolVector) -> State:
    """Let some series remember nothing of themselves."""
    return {name: np.where(which, 0.0, state[name]) for name in ("left", "left_cross", "left_weight")}


def share(state: State) -> Vector:
    """Give the share of the over-dispersion that lasts, 0 to `MOST`; none where a year has too few periods to tell."""
    if not baseline.harmonics(cadence(state)):
        return np.zeros(state["left"].size)
    number, wide = np.maximum(state["left_weight"], 1.0), dispersion.current(state)
    seen = state["left_cross"] / number - BELIEVED_FROM / np.sqrt(number)
    lasts = seen * wide / (baseline.stays(cadence(state)) * np.maximum(wide - 1.0, 1e-3))
    return np.minimum(np.maximum(lasts, 0.0), MOST)


def passing(state: State) -> Vector:
    """Give the dispersion of what is gone with its period, 1 at least."""
    return 1.0 + (1.0 - share(state)) * (dispersion.current(state) - 1.0)


def lasting(state: State, slope: Vector) -> Vector:
    """Give the variance of the deviation that lasts, on the scale of the linear predictor."""
    return share(state) * (dispersion.current(state) - 1.0) / slope


def learn(state: State, off: Vector, slope: Vector, *, present: BoolVector) -> State:
    """Take in by how much a figure is off its baseline; `slope` is the bare variance there.

    Not while a series is latched: what got worse is no memory. A figure after a gap is held against the last one there
    was, which makes shares a little too small.
    """
    left = np.clip(off / np.sqrt(slope * dispersion.current(state)), -CLIP, CLIP)
    kept = 0.5 ** (1.0 / (HALF_FORGOTTEN * cadence(state)))
    taken = present & (state["seen"] >= warm_up(state)) & ~state["latched"]
    return {
        "left": np.where(present, left, state["left"]),
        "left_cross": np.where(taken, kept * state["left_cross"] + left * state["left"], state["left_cross"]),
        "left_weight": np.where(taken, kept * state["left_weight"] + 1.0, state["left_weight"]),
    }
