"""Counts with or without exposure: a robust conjugate negative binomial filter with level, slope and season.

References
----------
West, Harrison and Migon (1985), JASA 80, 73-83 (conjugate updating of dynamic generalised linear models).
Noufaily et al. (2013), Statistics in Medicine 32, 1206-1222 (quasi-Poisson baseline, robust weights).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.detectors import deviates
from monitor.detectors.conjugate import Conjugate
from monitor.detectors.contract import Values
from monitor.detectors.likelihood import Figures
from monitor.detectors.peers import Expected
from monitor.model import Vector

MOST = 1e12
"""Beyond this a count or an exposure is a slip of unit; squares of it would lose their last digits."""


@dataclass(frozen=True, slots=True)
class NegativeBinomial:
    """Variance phi mu around the baseline; the baseline's own variance q adds q mu²."""

    name: str = "counts"
    version: str = "10"

    def figures(self, values: Values) -> Figures:
        plain = np.isnan(values.denominator)
        exposure = np.where(plain, 1.0, values.denominator)
        is_exposed = (exposure > 0.0) & (exposure <= MOST)
        present = (values.numerator >= 0.0) & (values.numerator <= MOST) & is_exposed
        return Figures(np.where(present, values.numerator, 0.0), np.where(is_exposed, exposure, 1.0), present)

    def link(self, figures: Figures) -> Vector:
        return np.log((figures.figure + 0.5) / figures.size)

    def moments(self, predictor: Vector, size: Vector) -> tuple[Vector, Vector]:
        mean = np.maximum(size * np.exp(predictor), 1e-9)
        return mean, mean

    def deviate(self, figures: Figures, mean: Vector, slope: Vector, ratio: Vector) -> Vector:
        return deviates.of_count(figures.figure, mean, ratio)

    def residual(self, figures: Figures, mean: Vector, sd: Vector) -> Vector:
        """Give Anscombe's residual 1.5 (y^2/3 - mu^2/3) / (mu^1/6 sd)."""
        root = np.cbrt(mean)
        residual: Vector = 1.5 * (np.square(np.cbrt(figures.figure)) - root * root) / (np.sqrt(root) * sd)
        return residual

    def posterior(self, figures: Figures, expected: Expected, q: Vector, weight: Vector) -> tuple[Vector, Vector]:
        """Update a gamma of mean 1 and shape 1/q: shape + w y/phi, rate + w mu/phi."""
        before = 1.0 / q
        rate = before + weight * expected.mean
        return np.log((before + weight * figures.figure) / rate), 1.0 / rate

    def contrast(self, figures: Figures, mean: Vector) -> Vector:
        return np.log((figures.figure + 0.5) / (mean + 0.5))

    def interval(self, predictor: Vector, size: Vector, expected: Expected) -> tuple[Vector, Vector]:
        return deviates.count_interval(expected.mean, expected.ratio)

    def unit(self, values: Values, figures: Figures) -> Vector:
        return figures.size


counts = Conjugate(NegativeBinomial())
