"""What a Gaussian filter expects of one period of a block."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from monitor.detectors import peers, scale
from monitor.detectors.contract import Common, Matrix, State, warm_up
from monitor.detectors.readings import Figures
from monitor.model import Vector


@dataclass(frozen=True, slots=True)
class Forecast:
    """One period before it is seen, read by `row`; `q`, `noise` and `variance` (of all that is doubted) in S."""

    row: Vector
    mean: Vector
    gain: Matrix
    q: Vector
    noise: Vector
    scale: Vector
    variance: Vector
    shift: Vector | float = 0.0  # of the mean, by what the peers share

    @property
    def sd(self) -> Vector:
        """Standard deviation in the figure's unit."""
        return np.sqrt(np.maximum(self.variance * self.scale, 1e-300))

    def shocked(self, state: State, common: Common) -> Forecast:
        """Add what the peers share, and what is doubted of it."""
        loadings, shock = peers.loadings(state), common["shock"]
        doubt = shock * shock / state["shock_square"] + loadings * loadings * common["shock_variance"]
        shift = loadings * shock
        return replace(
            self, mean=self.mean + shift, shift=shift, variance=common["spread"] * (self.variance + doubt / self.scale)
        )

    def log_density(self, figures: Figures, state: State) -> Vector:
        """Give the log density of the figures, up to a constant; 0 where nothing is scored."""
        freedom, sd = scale.freedom(state), self.sd
        t = (figures.figure - self.mean) / sd
        density = -np.log(sd) - 0.5 * (freedom + 1.0) * np.log1p(t * t / freedom)
        return np.where(figures.present & (state["seen"] >= warm_up(state)), density, 0.0)
