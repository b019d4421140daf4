"""What the Gaussian filters read of a period: the square root of a rate, or a mean score.

References
----------
Bartlett (1936), Supplement to the JRSS 3, 68-78: on the scale of roots a count's spread is the same at every level. Of
the published rates of small bodies the logarithm has a long tail below, which hides a rise (README.md, section 7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.detectors.contract import BoolVector, Values
from monitor.model import Vector

PRECISION_RANGE = (0.1, 10.0)
"""How far one period's denominator may count above or below the usual one."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is filtered, where it is there, its denominator (NaN = none), and the period's midpoint in years."""

    figure: Vector
    present: BoolVector
    denominator: Vector
    years: float


def root_rates(values: Values) -> Figures:
    """Read √(y/E), or the root of a bare rate."""
    bare = np.isnan(values.denominator)
    present = (values.numerator >= 0.0) & np.isfinite(values.numerator) & (bare | (values.denominator > 0.0))
    bottom = np.where(bare | ~present, 1.0, values.denominator)
    roots = np.sqrt(np.where(present, values.numerator, 0.0) / bottom)
    return Figures(roots, present, np.where(bare, np.nan, bottom), values.years)


def mean_scores(values: Values) -> Figures:
    """Read the mean of a sum over respondents, or a bare score."""
    bare = np.isnan(values.denominator)
    present = np.isfinite(values.numerator) & (bare | (values.denominator > 0.0))
    bottom = np.where(bare | ~present, 1.0, values.denominator)
    return Figures(
        np.where(present, values.numerator, 0.0) / bottom, present, np.where(bare, np.nan, bottom), values.years
    )


def precision(figures: Figures, usual: Vector) -> Vector:
    """Give how much a period's figures count: their denominators over the usual ones; 1 where there is none."""
    ratio = figures.denominator / np.where(usual > 0.0, usual, np.nan)
    least, most = PRECISION_RANGE
    precision: Vector = np.minimum(np.maximum(np.where(np.isfinite(ratio), ratio, 1.0), least), most)
    return precision
