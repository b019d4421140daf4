"""The robust conjugate filter of one series of counts or shares: what `conjugate` does for a block."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

from monitor.detectors import baseline, conjugate, dispersion, persistence
from monitor.detectors.alone.likelihoods import Expected, Figure, Likelihood
from monitor.detectors.alone.line import Line, row
from monitor.detectors.alone.normal import of_student, within
from monitor.detectors.alone.rates import NOTHING, Seen
from monitor.detectors.contract import warm_up_periods


class Ahead(NamedTuple):
    """One period as it is forecast."""

    figure: Figure
    predictor: float
    gain: list[float]
    variance: float
    passing: float
    expected: Expected


class Counted:
    """The filter over one likelihood."""

    def __init__(self, likelihood: Likelihood, per_year: int) -> None:
        self._likelihood, self.line, self._warm_up = likelihood, Line(per_year), warm_up_periods(per_year)
        weekly = baseline.harmonics(per_year) > 1
        self._prior = baseline.prior_variances(
            self.line.terms, level=conjugate.LEVEL_SD, slope=conjugate.SLOPE_SD_ALONE,
            season=conjugate.SEASON_SD_WEEKLY if weekly else conjugate.SEASON_SD_MONTHLY,
        ).tolist()  # fmt: skip
        self._drift = conjugate.DRIFT_A_YEAR / per_year
        self._kept = 0.5 ** (1.0 / (persistence.HALF_FORGOTTEN * per_year))
        self.seen, self._sum, self._weight = 0, 0.0, 0.0
        self._left, self._cross, self._number = 0.0, 0.0, 0.0

    def ahead(self, numerator: float, denominator: float, years: float) -> tuple[Seen, Ahead]:
        """Forecast a period and hold its figure against that."""
        return self._ahead(self._likelihood.figure(numerator, denominator), years)

    def _ahead(self, figure: Figure, years: float) -> tuple[Seen, Ahead]:
        read = row(years, self.line.terms)
        predictor, gain, variance = self.line.look(read)
        passing = 1.0 + (1.0 - self._share()) * (self._dispersion() - 1.0)
        mean, slope = self._moments(predictor, figure.size)
        expected = Expected(mean, slope, passing + variance * slope)
        ahead = Ahead(figure, predictor, gain, variance, passing, expected)
        if figure.figure != figure.figure or self.seen < self._warm_up:
            return NOTHING, ahead
        z = of_student(self._likelihood.deviate(figure, expected), dispersion.WEIGHT + self._weight)
        low, high = self._likelihood.interval(predictor, figure.size, expected)
        moved = self.line.way(read) * sqrt(slope / expected.ratio)
        return Seen(z, mean / figure.unit, low / figure.unit, high / figure.unit, moved), ahead

    def learn(self, ahead: Ahead, years: float, *, holds: bool) -> None:
        """Take a period in that was forecast so."""
        is_there = ahead.figure.figure == ahead.figure.figure
        if is_there and self.seen == 0:
            self.line.begin(self._likelihood.link(ahead.figure), self._prior)
            ahead = self._ahead(ahead.figure, years)[1]
        shift, shrink, weight = self._correction(ahead) if is_there else (0.0, 0.0, 0.0)
        deviation = self.line.mean[-1]
        if is_there or self.seen:
            lasting = self._share() * (self._dispersion() - 1.0) / ahead.expected.slope
            gained = (1.0 - self.line.stays**2) * lasting
            self.line.learn(ahead.gain, shift, shrink, self._drift, gained)
        self.line.follow(ahead.gain, shift, self.seen, holds=holds)
        if is_there:
            self._learn_scatter(ahead, weight, deviation, holds=holds)
            self.seen += 1

    def _correction(self, ahead: Ahead) -> tuple[float, float, float]:
        """Give by how much of the gain the mean moves and the covariance shrinks, and the figure's weight."""
        weight, q = 1.0, max(ahead.variance, 1e-12)
        if self.seen >= self._warm_up:
            far = abs(self._likelihood.residual(ahead.figure, ahead.expected))
            weight = (conjugate.ROBUST_FROM / max(far, conjugate.ROBUST_FROM)) ** 2
        shift, left = self._likelihood.posterior(ahead.figure, ahead.expected, q, weight / ahead.passing)
        return shift / q, (1.0 - left / q) / q, weight

    def _learn_scatter(self, ahead: Ahead, weight: float, deviation: float, *, holds: bool) -> None:
        """Learn the dispersion, and how much of it lasts."""
        now, figure, (mean, slope, ratio) = self._dispersion(), ahead.figure, ahead.expected
        bare_mean, bare_slope = self._moments(ahead.predictor - deviation, figure.size)
        left = within((figure.figure - bare_mean) / sqrt(bare_slope * now), persistence.CLIP)
        if self.seen >= self._warm_up and not holds:
            self._cross = self._kept * self._cross + left * self._left
            self._number = self._kept * self._number + 1.0
        self._left = left
        if self.seen:  # the first is its own expectation
            off, root = figure.figure - mean, sqrt(sqrt(weight))
            self._sum += root * min(off * off * now / max(slope * ratio, 1e-300), dispersion.CAP * now)
            self._weight += root

    def _moments(self, predictor: float, size: float) -> tuple[float, float]:
        return self._likelihood.moments(within(predictor, conjugate.WIDEST), size)

    def _dispersion(self) -> float:
        return max(1.0, (dispersion.ALONE * dispersion.WEIGHT + self._sum) / (dispersion.WEIGHT + self._weight))

    def _share(self) -> float:
        """Give the share of the over-dispersion that lasts (`persistence.share`)."""
        if self.line.terms == 3:  # without a season there are too few periods a year to tell
            return 0.0
        number, wide = max(self._number, 1.0), self._dispersion()
        seen = self._cross / number - persistence.BELIEVED_FROM / sqrt(number)
        lasts = seen * wide / (self.line.stays * max(wide - 1.0, 1e-3))
        return min(max(lasts, 0.0), persistence.MOST)
