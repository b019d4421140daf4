"""Rates and mean scores of one series: what `gaussian` and `bank` do for a block."""

from __future__ import annotations

from math import exp, isfinite, log, log1p, nan, sqrt
from typing import NamedTuple

from monitor.detectors import bank, baseline, scale
from monitor.detectors.alone.line import Line, row
from monitor.detectors.alone.normal import deviate_of, of_student, student_of, tail_below, within
from monitor.detectors.contract import CENTRAL_95, LARGEST_DEVIATE, warm_up_periods
from monitor.detectors.gaussian import CLIP, LEAST_SCALE, LEVEL_SD, SEASON_SD, SLOPE_SD, Gaussian
from monitor.detectors.readings import PRECISION_RANGE


class Seen(NamedTuple):
    """One figure beside what was expected of it; all NaN where nothing is scored."""

    z: float = nan
    expected: float = nan
    low: float = nan
    high: float = nan
    moved: float = nan


NOTHING = Seen()


class Ahead(NamedTuple):
    """One period as it is forecast: its figure (NaN: none), mean, gain, variance and unit, and the log density."""

    figure: float
    denominator: float
    mean: float
    gain: list[float]
    variance: float
    unit: float
    density: float
    seen: Seen


class Setting:
    """One setting of the Gaussian filter."""

    def __init__(self, share: float, drift_a_month: float, per_year: int, *, of_roots: bool) -> None:
        self.line, self._of_roots, self._share = Line(per_year), of_roots, share
        self._warm_up, self._drift = warm_up_periods(per_year), 12.0 * drift_a_month**2 / per_year
        self._prior = baseline.prior_variances(
            self.line.terms, level=LEVEL_SD, slope=SLOPE_SD, season=SEASON_SD
        ).tolist()
        self._prior[-1] = share / (1.0 - self.line.stays**2)
        self.seen, self._prior_scale, self._sum, self._weight, self._denominators = 0, 0.0, 0.0, 0.0, 0.0

    def ahead(self, figure: float, denominator: float, years: float) -> Ahead:
        """Forecast a period and hold its figure against that."""
        read = row(years, self.line.terms)
        mean, gain, q = self.line.look(read)
        variance, unit = q + (1.0 - self._share) / self._precision(denominator), self._unit()
        if figure != figure or self.seen < self._warm_up:
            return Ahead(figure, denominator, mean, gain, variance, unit, 0.0, NOTHING)
        sd, freedom = sqrt(max(variance * unit, 1e-300)), self._freedom()
        t = (figure - mean) / sd
        density = -log(sd) - 0.5 * (freedom + 1.0) * log1p(t * t / freedom)
        half, way = student_of(CENTRAL_95, freedom) * sd, self.line.way(read) / sd
        z = within(of_student(t, freedom), LARGEST_DEVIATE)
        return Ahead(figure, denominator, mean, gain, variance, unit, density, self._shown(z, mean, half, way))

    def _shown(self, z: float, mean: float, half: float, way: float) -> Seen:
        if not self._of_roots:
            return Seen(z, mean, mean - half, mean + half, way)
        expected, low, high = max(mean, 0.0), max(mean - half, 0.0), max(mean + half, 0.0)
        return Seen(z, expected * expected, low * low, high * high, way)

    def learn(self, ahead: Ahead, years: float, *, holds: bool) -> None:
        """Take a period in that was forecast so."""
        is_there = ahead.figure == ahead.figure
        if is_there and self.seen == 0:
            self.line.begin(ahead.figure, self._prior)
            ahead = self.ahead(ahead.figure, ahead.denominator, years)
        shift = shrink = 0.0
        if is_there:
            off = ahead.figure - ahead.mean
            most = CLIP * sqrt(max(ahead.variance * ahead.unit, 1e-300))
            shift = (off if self.seen < self._warm_up else within(off, most)) / ahead.variance
            shrink = 1.0 / ahead.variance
            self._learn_scale(off, ahead)
        if is_there or self.seen:
            self.line.learn(ahead.gain, shift, shrink, self._drift, self._share)
        self.line.follow(ahead.gain, shift, self.seen, holds=holds)
        if is_there:
            self.seen += 1
            self._denominators += ahead.denominator if isfinite(ahead.denominator) else 0.0
        if self.seen < self._warm_up:  # alone, its own first innovations set the prior
            self._prior_scale = self._sum / max(self._weight, 1e-9)

    def _learn_scale(self, off: float, ahead: Ahead) -> None:
        if self.seen == 0:  # the first is its own expectation
            return
        square, weight = off * off / ahead.variance, min(scale.SETTLED / ahead.variance, 1.0) ** 2
        if self.seen >= self._warm_up:
            square = min(square, scale.CAP * ahead.unit)
        self._sum += weight * square
        self._weight += weight

    def _unit(self) -> float:
        own = (scale.WEIGHT_ALONE * self._prior_scale + self._sum) / (scale.WEIGHT_ALONE + self._weight)
        return max(own, (LEAST_SCALE * self.line.mean[0]) ** 2 + LEAST_SCALE**4)

    def _freedom(self) -> float:
        return min(max(scale.WEIGHT_ALONE + self._weight, 3.0), scale.MOST_FREEDOM)

    def _precision(self, denominator: float) -> float:
        usual = self._denominators / max(self.seen, 1)
        if not (usual > 0.0 and isfinite(denominator)):
            return 1.0
        least, most = PRECISION_RANGE
        return min(max(denominator / usual, least), most)


class Rates:
    """The settings of a model side by side, mixed by what figures have told for the second."""

    def __init__(self, model: Gaussian, per_year: int) -> None:
        each = zip(model.ar_share, model.drift_a_month, strict=True)
        self._settings = [Setting(share, drift, per_year, of_roots=model.of_roots) for share, drift in each]
        self._of_roots, self._favour = model.of_roots, 0.0

    def ahead(self, numerator: float, denominator: float, years: float) -> tuple[Seen, list[Ahead]]:
        """Forecast a period under each setting; give what is seen of its figure."""
        bare = denominator != denominator
        is_there = isfinite(numerator) and (bare or denominator > 0.0) and not (self._of_roots and numerator < 0.0)
        figure = (numerator if bare else numerator / denominator) if is_there else nan
        bottom = denominator if is_there else (nan if bare else 1.0)
        if self._of_roots and is_there:
            figure = sqrt(figure)
        found = [each.ahead(figure, bottom, years) for each in self._settings]
        return (_mixed(found, bank.LEAN + self._favour) if len(found) > 1 else found[0].seen), found

    def learn(self, found: list[Ahead], years: float, *, holds: bool) -> None:
        """Take a period in that was forecast so."""
        for each, ahead in zip(self._settings, found, strict=True):
            each.learn(ahead, years, holds=holds)
        told = bank.KEPT * self._favour + bank.OWN * (found[-1].density - found[0].density)
        self._favour = within(told, bank.MOST)


def _mixed(found: list[Ahead], odds: float) -> Seen:
    """Mix two settings as `bank` does: their tails, on the side where the deviate lies, and what they expected."""
    first, second = (ahead.seen for ahead in found)
    if first.z != first.z:
        return NOTHING
    weight = 1.0 / (1.0 + exp(-odds))
    side = -1.0 if first.z + second.z > 0.0 else 1.0
    below = tail_below(side * first.z)
    z = side * deviate_of(below + weight * (tail_below(side * second.z) - below))
    expected, low, high, moved = (
        one + weight * (other - one) for one, other in zip(first[1:], second[1:], strict=True)
    )
    return Seen(within(z, LARGEST_DEVIATE), expected, low, high, moved)
