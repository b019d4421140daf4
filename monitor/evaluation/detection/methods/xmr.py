"""XmR charts with the four rules of Making Data Count, made into a number: 1 is a rule just met.

Limits come from the two years before a point, so that they move on as people recalculate them.

References
----------
Montgomery (2013), Introduction to Statistical Quality Control, 7th ed., sec. 6.4; the rules: domain.md §7.
"""

from __future__ import annotations

import numpy as np

from monitor.evaluation.detection.methods.method import Method, spoken
from monitor.evaluation.detection.panel import Panel
from monitor.spc import FEWEST, RUN, TO_LIMIT

YEARS_OF_LIMITS = 2
TREND = 6
"""Points that each lie above the one before."""
NEAR = 2.0 / 3.0
"""Of the way to the limit: two of three points beyond it are a signal."""


def _evidence(panel: Panel) -> np.ndarray:
    values = panel.values()
    mean, reach = _limits(values, YEARS_OF_LIMITS * panel.per_year)
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.where(reach > 0.0, (values - mean) / reach, np.nan)
    rules = (off, _second_of_three(off) / NEAR, _run(off > 0.0) / RUN, _run(_rises(values)) / TREND)
    return spoken(np.where(np.isfinite(off), np.fmax.reduce(rules), np.nan))


def _limits(values: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the mean of the window before each row, and 2.66 mean moving ranges; NaN with too few points."""
    mean, reach = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    ranges = np.abs(np.diff(values, axis=0, prepend=np.nan))
    for row in range(FEWEST, len(values)):
        past, moved = values[max(row - window, 0) : row], ranges[max(row - window, 0) : row]
        number, steps = np.isfinite(past).sum(axis=0), np.isfinite(moved).sum(axis=0)
        enough = (number >= FEWEST) & (steps > 0)
        mean[row] = np.where(enough, np.nansum(past, axis=0) / np.maximum(number, 1), np.nan)
        reach[row] = np.where(enough, TO_LIMIT * np.nansum(moved, axis=0) / np.maximum(steps, 1), np.nan)
    return mean, reach


def _second_of_three(off: np.ndarray) -> np.ndarray:
    """Give the second largest of the last three points."""
    three = np.stack((off, _before(off, 1), _before(off, 2)))
    return np.asarray(np.sort(np.where(np.isfinite(three), three, -np.inf), axis=0)[1])


def _rises(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.diff(values, axis=0, prepend=np.nan) > 0.0)


def _run(holds: np.ndarray) -> np.ndarray:
    """Count how many rows in a row something holds, up to each row."""
    lengths, length = np.zeros(holds.shape), np.zeros(holds.shape[1])
    for row, now in enumerate(holds):
        length = np.where(now, length + 1.0, 0.0)
        lengths[row] = length
    return lengths


def _before(values: np.ndarray, rows: int) -> np.ndarray:
    return np.vstack((np.full((rows, values.shape[1]), np.nan), values[:-rows]))


xmr = Method("xmr", "XmR chart with the rules of Making Data Count, limits of two years", _evidence, 1.0)
