"""What differs between counts and proportions, for the filter that they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from monitor.detectors.contract import BoolVector, Values
from monitor.detectors.peers import Expected
from monitor.model import Vector


@dataclass(frozen=True, slots=True)
class Figures:
    """What a likelihood reads in a period: the figure, its size (exposure, trials), and where both are there."""

    figure: Vector
    size: Vector
    present: BoolVector


class Likelihood(Protocol):
    """What differs between counts and proportions."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    def figures(self, values: Values) -> Figures:
        """Read the figures; what is missing or impossible is absent."""

    def link(self, figures: Figures) -> Vector:
        """Give the linear predictor that a figure by itself suggests."""

    def moments(self, predictor: Vector, size: Vector) -> tuple[Vector, Vector]:
        """Give the mean and its change with the linear predictor, which is also the bare variance."""

    def deviate(self, figures: Figures, mean: Vector, slope: Vector, ratio: Vector) -> Vector:
        """Give the deviate of figures whose variance is `ratio` times the slope."""

    def residual(self, figures: Figures, mean: Vector, sd: Vector) -> Vector:
        """Give the residual that decides an observation's weight."""

    def posterior(self, figures: Figures, expected: Expected, q: Vector, weight: Vector) -> tuple[Vector, Vector]:
        """Give the change of the linear predictor and its new variance, by the conjugate prior of variance q."""

    def contrast(self, figures: Figures, mean: Vector) -> Vector:
        """Give the figure against its mean on the scale of the linear predictor."""

    def interval(self, predictor: Vector, size: Vector, expected: Expected) -> tuple[Vector, Vector]:
        """Give the central 95 % of the figure."""

    def unit(self, values: Values, figures: Figures) -> Vector:
        """Give what a figure is divided by to be shown per 1 of its denominator."""
