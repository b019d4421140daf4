"""EARS C1, C2 and C3 on counts, rates or means: a week's value against the seven before it.

A flat past is read as if one of its seven counts had been one higher: its spread would else be 0, and one case in
a rare disease infinitely surprising.

References
----------
Hutwagner et al. (2003), Journal of Urban Health 80, i89-i96. Fricker, Hegler and Dunfee (2008), Statistics in
Medicine 27, 3407-3429, sec. 2 (the three definitions).
"""

from __future__ import annotations

import numpy as np

from monitor.evaluation.detection.methods.method import Method, spoken
from monitor.evaluation.detection.panel import Panel

BASELINE, LAG = 7, 2
ONE_IN_SEVEN = float(np.std([1.0] + [0.0] * 6, ddof=1))
"""Spread of seven counts of which one is one higher."""


def deviates(panel: Panel, lag: int) -> np.ndarray:
    """Give (value - mean) / sd of the seven values before a gap of `lag`; NaN with fewer than four of them."""
    values, z = panel.values(), np.full(panel.numerator.shape, np.nan)
    unit = ONE_IN_SEVEN / np.where(np.isnan(panel.denominator), 1.0, panel.denominator)
    for row in range(BASELINE + lag, len(values)):
        past = values[row - lag - BASELINE : row - lag]
        number = np.isfinite(past).sum(axis=0)
        mean = np.nansum(past, axis=0) / np.maximum(number, 1)
        spread = np.sqrt(np.nansum((past - mean) ** 2, axis=0) / np.maximum(number - 1, 1))
        z[row] = np.where(number >= 4, (values[row] - mean) / np.maximum(spread, unit[row]), np.nan)
    return z


def _c3(panel: Panel) -> np.ndarray:
    """Sum what the last three C2 exceed 1 by."""
    over = np.maximum(np.nan_to_num(deviates(panel, LAG), nan=0.0) - 1.0, 0.0)
    before = np.vstack((np.zeros((2, over.shape[1])), over))
    return np.asarray(before[2:] + before[1:-1] + before[:-2])


c1 = Method("ears_c1", "EARS C1", lambda panel: spoken(deviates(panel, 0)), 3.0)
c2 = Method("ears_c2", "EARS C2", lambda panel: spoken(deviates(panel, LAG)), 3.0)
c3 = Method("ears_c3", "EARS C3", _c3, 2.0)
