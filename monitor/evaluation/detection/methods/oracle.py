"""The ceiling: whoever knows everything but the changes, by the evidence that suits the cadence."""

from __future__ import annotations

import numpy as np

from monitor.evaluation.detection.methods.method import Method, moving_average, spoken
from monitor.evaluation.detection.panel import Panel

WEIGHT = 0.4
"""Of a new month in its moving average (detection.md §3: the best single one on family B)."""


def _evidence(panel: Panel) -> np.ndarray:
    """Give the better of one week and two (outbreaks), or a moving average (what stays)."""
    z = panel.deviates
    if panel.per_year == 12:
        return moving_average(z, WEIGHT)
    pair = (z[1:] + z[:-1]) / np.sqrt(2.0)
    return spoken(np.fmax(z, np.vstack((np.full_like(z[:1], np.nan), pair))))


oracle = Method("oracle", "knows all but the changes: the ceiling", _evidence)
