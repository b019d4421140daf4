"""Thresholds at which methods are compared: at the same rate of false alarms."""

from __future__ import annotations

import numpy as np

from monitor.evaluation.detection.truth import Truth

RATES = (0.005, 0.01, 0.02, 0.05)
"""False alarms per quiet unit-period at which figures are given."""
CURVE = (0.001, 0.002, *RATES, 0.1)
"""Those of the drawn curve."""


def threshold(evidence: np.ndarray, truth: Truth, rate: float) -> float:
    """Give the threshold above which quiet periods alarm at `rate`, or at the next lower rate that ties allow.

    An alarm is evidence above the threshold, not at it.

    >>> truth = Truth(1, np.zeros((4, 1), bool), np.ones((4, 1), bool), np.zeros(1, int), {})
    >>> threshold(np.array([[1.0], [4.0], [3.0], [2.0]]), truth, 0.25)
    3.0
    """
    quiet = np.sort(evidence[truth.quiet])[::-1]
    allowed = int(rate * quiet.size + 1e-9)
    return float(quiet[min(allowed, quiet.size - 1)])


def starts_threshold(evidence: np.ndarray, truth: Truth, rate: float) -> float:
    """Give the threshold above which false alarms begin in a share `rate` of the quiet periods, by halving.

    What stays on is counted once: the budget of an alarm that is latched (detection.md §6).
    """
    told = evidence[np.isfinite(evidence)]
    low, high = (float(told.min()), float(told.max())) if told.size else (0.0, 0.0)
    for _ in range(40):
        middle = 0.5 * (low + high)
        if starts(alarms(evidence, middle) & truth.quiet).sum() > rate * truth.quiet.sum():
            low = middle
        else:
            high = middle
    return high


def starts(alarm: np.ndarray) -> np.ndarray:
    """Mark the periods in which an alarm begins."""
    return np.asarray(alarm & ~np.vstack((np.zeros((1, alarm.shape[1]), dtype=bool), alarm[:-1])))


def alarms(evidence: np.ndarray, at: float) -> np.ndarray:
    """Mark the periods whose evidence is above a threshold; silence never is."""
    return np.asarray(evidence > at)
