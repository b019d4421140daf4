"""Whether a worsening that was plain still holds, though the baseline has followed it since: held, never frozen.

A detector keeps apart how far its own figures have moved its baseline of late, and shows it as `Scored.moved`. That
fades, so it is the way from a reference some months older. Once the evidence is plain the series is latched and
nothing fades any more: the reference stays where it is while the filter goes on learning. Each figure's way from the
reference, z + moved, goes into a moving average; the latch opens when that falls.

References
----------
detection.md §6 (the idea, on published sickness rates). The four constants are measured on family B (README.md,
section 7).
"""

from __future__ import annotations

import numpy as np
from scipy import special

from monitor.detectors.contract import BoolVector, Scored, State
from monitor.model import Vector

PLAIN = float(special.ndtr(-1.4 * 2.326))
"""Tail of evidence from which on a worsening is held: 1.4 times the deviate of one chance in a hundred."""
STILL_WORSE = 1.15
"""Deviates from the reference, on average, above which a latch stays shut; lower holds longer, and chance too."""
KEPT_A_MONTH = 0.8
"""Share of that average which is left after a month of figures."""
LARGEST = 6.0
"""No figure counts for more deviates."""


def start(series: int) -> State:
    """Give the state of series without a score."""
    return {
        "latched": np.zeros(series, dtype=np.bool_),
        "latched_since": np.full(series, np.nan),
        "away": np.zeros(series),
    }


def hold(state: State, scored: Scored, worse: Vector, *, per_year: int, period: int) -> State:
    """Take in one period: `worse` is the evidence's tail; a missing period changes nothing."""
    seen = np.isfinite(scored.z)
    rate = 1.0 - KEPT_A_MONTH ** (12.0 / per_year)
    way = np.clip(np.where(seen, scored.z + scored.moved, 0.0), -LARGEST, LARGEST)
    away = np.where(seen, state["away"] + rate * (way - state["away"]), state["away"])
    plain = seen & (worse <= PLAIN)
    held = np.where(seen, plain | (state["latched"] & (away > STILL_WORSE)), state["latched"])
    since = np.where(held, np.where(state["latched"], state["latched_since"], float(period)), np.nan)
    return {"latched": held, "latched_since": since, "away": away}


def accept(state: State, which: BoolVector) -> State:
    """Take the present level of some series as the new normal: nothing is held against the old one any more."""
    opened = {"latched": False, "latched_since": np.nan, "away": 0.0, "moved": 0.0}
    changed = {name: state[name].copy() for name in state if name.rpartition("_")[2] in opened or name in opened}
    for name, array in changed.items():
        array[which] = opened.get(name, 0.0)
    return {**state, **changed}
