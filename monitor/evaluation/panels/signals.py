"""From tail probabilities to what people read: evidence on a log scale, and a signal with its direction."""

from __future__ import annotations

import numpy as np

from monitor.detectors.contract import IntVector
from monitor.model import Vector

NONE, WORSENING, IMPROVING = range(3)
SIGNALS = ("none", "worsening", "improving")


def shown(tail: Vector) -> Vector:
    """Give -log10 of tails: 2 is one in a hundred. 0 where there is no score yet, as nothing speaks against chance."""
    evidence: Vector = np.abs(np.log10(np.where(np.isnan(tail), 1.0, tail)))
    return evidence


def signalled(worse: Vector, better: Vector, rate: float) -> IntVector:
    """Give a place in `SIGNALS`: which tail is in the rate, the smaller one where both are."""
    least = -np.log10(rate)
    bad, good = shown(worse), shown(better)
    signals = np.where(good >= least, IMPROVING, NONE)
    return np.where((bad >= least) & (bad >= good), WORSENING, signals).astype(np.int64)
