"""How much of the over-dispersion of counts and shares lasts from period to period, learnt beside the filter.

What figures leave beside their baseline is held against what the period before left: r = sum u_t u_{t-1} / n, u in
standard deviations of a figure. Of the over-dispersion the share s = r phi/(rho (phi - 1)) stays, as an autoregressive
deviation with the coefficient rho; the rest is gone with its period.

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
"""Standard errors of a white series' autocorrelation that are taken off what is seen, so that most white series are
read as white (README.md, section 7: none, a half and one)."""
HALF_FORGOTTEN = 4.0
"""Years after which half is forgotten of how figures hang together."""
CLIP = 2.5
"""Deviates that one figure counts for at most: an outbreak is no memory."""


def start(series: int) -> State:
    """Give what series remember of themselves that have seen nothing."""
    nothing = np.zeros(series)
    return {"left": nothing, "left_cross": nothing, "left_weight": nothing}


def share(state: State) -> Vector:
    """Give the share of the over-dispersion that lasts, 0 to `MOST`."""
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
    """Take in by how much a figure is off its baseline; `slope` is the bare variance there. A gap breaks no chain."""
    left = np.clip(off / np.sqrt(slope * dispersion.current(state)), -CLIP, CLIP)
    kept = 0.5 ** (1.0 / (HALF_FORGOTTEN * cadence(state)))
    taken = present & (state["seen"] >= warm_up(state))
    return {
        "left": np.where(present, left, state["left"]),
        "left_cross": np.where(taken, kept * state["left_cross"] + left * state["left"], state["left_cross"]),
        "left_weight": np.where(taken, kept * state["left_weight"] + 1.0, state["left_weight"]),
    }
