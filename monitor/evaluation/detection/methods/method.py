"""What a method of the benchmark is: evidence for every period, more of it = more alarming."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from monitor.evaluation.detection.panel import Panel

SILENT = -np.inf
"""Evidence where a method has nothing to say: never an alarm."""


@dataclass(frozen=True, slots=True)
class Method:
    """One way to judge series.

    Parameters
    ----------
    evidence
        Gives evidence of worsening, shape (periods, series); each row from its own and earlier periods only.
    usual
        The threshold that its users take, with what it promises; None: they take none.
    is_ours
        Its evidence is -log10 of a tail probability, which can be fused over families.
    is_slow
        Takes minutes where others take seconds: run only where it is named, or on a small setting.
    """

    name: str
    said: str
    evidence: Callable[[Panel], np.ndarray]
    usual: float | None = None
    is_slow: bool = False
    is_ours: bool = False


def spoken(evidence: np.ndarray) -> np.ndarray:
    """Give evidence with silence where it is NaN."""
    return np.asarray(np.where(np.isnan(evidence), SILENT, evidence))


def own_past(readings: np.ndarray, fewest: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give mean, standard deviation and number of all earlier readings of each series; NaN below `fewest`."""
    there = np.isfinite(readings)
    filled = np.where(there, readings, 0.0)
    number, total, squares = (
        np.vstack((np.zeros((1, readings.shape[1])), np.cumsum(some, axis=0)[:-1]))
        for some in (there, filled, filled * filled)
    )
    enough = number >= fewest
    count = np.where(enough, number, np.nan)
    mean = total / count
    spread = np.sqrt(np.maximum(squares - count * mean * mean, 0.0) / (count - 1.0))
    return mean, spread, number


def moving_average(values: np.ndarray, weight: float) -> np.ndarray:
    """Give (1 - w) e + w v along time from 0; what is missing carries the average over."""
    averages, average = np.empty(values.shape), np.zeros(values.shape[1])
    for row, value in enumerate(values):
        average = np.where(np.isfinite(value), (1.0 - weight) * average + weight * value, average)
        averages[row] = average
    return averages
