"""The moving baseline of one series in plain floats: what `baseline` does for a block."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import cos, pi, sin
from operator import mul

from monitor.detectors import baseline
from monitor.detectors.alone.unrolled import UNROLLED
from monitor.detectors.contract import warm_up_periods


@lru_cache(maxsize=1_000)
def row(years: float, terms: int) -> tuple[float, ...]:
    """Give the row F of a period (`baseline.regressors`)."""
    angles = [2.0 * pi * years * number for number in range(1, (terms - 1) // 2)]
    return (1.0, 0.0, *(part(angle) for angle in angles for part in (cos, sin)), 1.0)


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    """Give the sum of products; the shorter one ends it."""
    return sum(map(mul, one, other), 0.0)


class Line:
    """Level, slope, season and deviation, their covariance, and how far own figures have moved them of late."""

    __slots__ = ("_corrected", "_fades", "_gain", "_step", "_warm_up", "covariance", "mean", "moved", "stays", "terms")

    def __init__(self, per_year: int) -> None:
        self.terms, self.stays = baseline.terms(per_year), baseline.stays(per_year)
        self._step, self._warm_up = 1.0 / per_year, warm_up_periods(per_year)
        self._gain, self._corrected = UNROLLED[self.terms]
        self._fades = float(baseline.FADES_A_MONTH ** (12.0 / per_year))
        self.mean, self.moved = [0.0] * self.terms, [0.0] * (self.terms - 1)
        self.covariance = [[0.0] * self.terms for _ in range(self.terms)]

    def begin(self, level: float, variances: list[float]) -> None:
        """Take a prior around a first figure."""
        self.mean = [level] + [0.0] * (self.terms - 1)
        self.covariance = [[0.0] * self.terms for _ in range(self.terms)]
        for place, variance in enumerate(variances):
            self.covariance[place][place] = variance

    def look(self, read: tuple[float, ...]) -> tuple[float, list[float], float]:
        """Predict: f = F'm, g = C F and q = F'C F."""
        gain = self._gain(self.covariance, read)
        return dot(read, self.mean), gain, dot(read, gain)

    def way(self, read: tuple[float, ...]) -> float:
        """Give how far own figures have moved what is expected."""
        return dot(read, self.moved) + self.mean[-1]

    def learn(self, gain: list[float], shift: float, shrink: float, drift: float, gained: float) -> None:
        """Correct by one figure (m + g shift, C - g g' shrink) and go on to the next period."""
        step, stays = self._step, self.stays
        self.mean = [each + shift * by for each, by in zip(self.mean, gain, strict=True)]
        self.mean[0] += step * self.mean[1]
        self.mean[-1] *= stays
        rows = self._corrected(self.covariance, gain, shrink, step, stays)
        rows[0] = [value + step * other for value, other in zip(rows[0], rows[1], strict=True)]
        rows[-1] = [value * stays for value in rows[-1]]
        rows[0][0] += drift
        rows[-1][-1] += gained
        self.covariance = rows

    def follow(self, gain: list[float], shift: float, seen: int, *, holds: bool) -> None:
        """Carry to the next period how far own figures have moved each term; none before the warm-up is over."""
        if seen < self._warm_up:
            return
        kept = self._fades if shift != 0.0 and not holds else 1.0
        self.moved = [each * kept + by * shift for each, by in zip(self.moved, gain, strict=False)]
        self.moved[0] += self._step * self.moved[1]
