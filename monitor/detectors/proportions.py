"""Proportions, some of all: the conjugate filter on the logit scale, over-dispersed like a beta-binomial.

References
----------
West, Harrison and Migon (1985), JASA 80, 73-83 (the beta-binomial case); Williams (1982), Applied
Statistics 31, 144-148 (over-dispersion of logits).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from monitor.detectors import deviates
from monitor.detectors.conjugate import Conjugate
from monitor.detectors.contract import Values
from monitor.detectors.counts import MOST
from monitor.detectors.likelihood import Figures
from monitor.detectors.peers import Expected
from monitor.model import Vector

BARE_TRIALS = 1000.0
"""A percentage without its base is read as so many trials; the learnt dispersion corrects upwards from there."""


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """Variance phi n p (1-p) around the baseline; the baseline's own variance q adds q (n p (1-p))²."""

    name: str = "proportions"
    version: str = "10"

    def figures(self, values: Values) -> Figures:
        bare = np.isnan(values.denominator)
        trials = np.where(bare, BARE_TRIALS, values.denominator)
        events = np.where(bare, values.numerator * (BARE_TRIALS / 100.0), values.numerator)
        present = (events >= 0.0) & (events <= trials) & (trials > 0.0) & (trials <= MOST)
        return Figures(np.where(present, events, 0.0), np.where(present, trials, 1.0), present)

    def link(self, figures: Figures) -> Vector:
        return np.log((figures.figure + 0.5) / (figures.size - figures.figure + 0.5))

    def moments(self, predictor: Vector, size: Vector) -> tuple[Vector, Vector]:
        share = np.clip(special.expit(predictor), 1e-9, 1.0 - 1e-9)
        mean = size * share
        return mean, mean * (1.0 - share)

    def deviate(self, figures: Figures, mean: Vector, slope: Vector, ratio: Vector) -> Vector:
        # one trial cannot spread more than a coin does: the ratio ends at the number of trials
        return deviates.of_share(figures.figure, figures.size, mean / figures.size, np.minimum(ratio, figures.size))

    def residual(self, figures: Figures, mean: Vector, sd: Vector) -> Vector:
        """Give Pearson's residual."""
        share = mean / figures.size
        return (figures.figure - mean) / (np.sqrt(mean * (1.0 - share)) * sd)

    def posterior(self, figures: Figures, expected: Expected, q: Vector, weight: Vector) -> tuple[Vector, Vector]:
        """Update the beta whose logit has mean f and variance q: 1/a + 1/b = q, log(a/b) = f."""
        share = expected.mean / figures.size
        a, b = 1.0 / (q * (1.0 - share)), 1.0 / (q * share)
        more_a = a + weight * figures.figure
        more_b = b + weight * (figures.size - figures.figure)
        return np.log((more_a / a) * (b / more_b)), 1.0 / more_a + 1.0 / more_b

    def contrast(self, figures: Figures, mean: Vector) -> Vector:
        rest, mean_rest = figures.size - figures.figure, figures.size - mean
        return np.log((figures.figure + 0.5) * (mean_rest + 0.5) / ((rest + 0.5) * (mean + 0.5)))

    def interval(self, predictor: Vector, size: Vector, expected: Expected) -> tuple[Vector, Vector]:
        low, high = deviates.share_interval(predictor, np.sqrt(expected.ratio / expected.slope))
        return low * size, high * size

    def unit(self, values: Values, figures: Figures) -> Vector:
        return np.where(np.isnan(values.denominator), BARE_TRIALS / 100.0, figures.size)


proportions = Conjugate(BetaBinomial())
