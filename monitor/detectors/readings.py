"""What the Gaussian filters read of a period: the log of a rate, or a mean score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.detectors.contract import BoolVector, Values
from monitor.model import Vector

LOWEST_RATE = 0.05
"""Half of the last printed digit of a rate in percent: a bare 0 is read as this."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is filtered, where it is there, and its denominator (NaN = none)."""

    figure: Vector
    present: BoolVector
    denominator: Vector


def log_rates(values: Values) -> Figures:
    """Read log((y + .5)/E), or the log of a bare rate in percent.

    The half is left out where there is no denominator: a bare rate is no count.
    """
    bare = np.isnan(values.denominator)
    present = (values.numerator >= 0.0) & np.isfinite(values.numerator) & (bare | (values.denominator > 0.0))
    top = np.where(bare, np.maximum(values.numerator, LOWEST_RATE), values.numerator + 0.5)
    bottom = np.where(bare | ~present, 1.0, values.denominator)
    return Figures(np.log(np.where(present, top, 1.0) / bottom), present, np.where(bare, np.nan, bottom))


def mean_scores(values: Values) -> Figures:
    """Read the mean of a sum over respondents, or a bare score."""
    bare = np.isnan(values.denominator)
    present = np.isfinite(values.numerator) & (bare | (values.denominator > 0.0))
    bottom = np.where(bare | ~present, 1.0, values.denominator)
    return Figures(np.where(present, values.numerator, 0.0) / bottom, present, np.where(bare, np.nan, bottom))
