"""The robust conjugate filter that counts and proportions share: one rank-one step per observation.

A `Likelihood` says what differs. Equations: README.md, sections 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from monitor.detectors import baseline, deviates, peers
from monitor.detectors.contract import (
    FEWEST_PEERS,
    BoolVector,
    Common,
    IntVector,
    Matrix,
    Scored,
    State,
    Values,
    cadence,
    prior_periods,
    warm_up,
)
from monitor.detectors.peers import Expected
from monitor.model import Vector

LEVEL_SD, SLOPE_SD_ALONE, SLOPE_SD_POOLED = 2.0, 0.15, 0.03
"""Prior standard deviations on the log or logit scale, slopes a year; pooled where there are peers."""
SEASON_SD_WEEKLY, SEASON_SD_MONTHLY = (0.35, 0.2), (0.12,)
DRIFT_A_YEAR = 12e-4
"""Variance that a level gains in a year (1e-4 a month)."""
DISPERSION_ALONE, DISPERSION_WEIGHT = 1.5, 10.0
"""A dispersion's prior and the observations it weighs; the median of the peers takes its place."""
ROBUST_FROM = 2.5
"""Residual, in standard deviations, from which an observation loses weight."""
CAP = 25.0
"""Most that one observation may add to the dispersion, in dispersions; at 9 it is biased low."""
DISPERSION_LEAST_YOUNG, YOUNG_WEIGHT = 1.25, 4.0
"""Least dispersion that peers' first figures may suggest, until a series has taken in so many: the median of one
or two squares is too uncertain to be believed lower (measured on the simulated nation, README.md section 7)."""
WIDEST = 30.0
"""Linear predictors end here: e^30 of anything is a slip of unit, and stays finite."""

# Source of all constants above: detection.md §5, measured there.


@dataclass(frozen=True, slots=True)
class Figures:
    """What a likelihood reads in a period: the figure, its size (exposure, trials), and where both are there."""

    figure: Vector
    size: Vector
    present: BoolVector


@dataclass(frozen=True, slots=True)
class Forecast:
    """One period before it is seen: linear predictor, gain (terms first), variance without and with the shock's."""

    predictor: Vector
    gain: Matrix
    variance: Vector
    shocked_variance: Vector
    expected: Expected
    dispersion: Vector


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


@dataclass(frozen=True, slots=True)
class Conjugate:
    """The filter over one likelihood; a `Detector`."""

    likelihood: Likelihood

    @property
    def name(self) -> str:
        return self.likelihood.name

    @property
    def version(self) -> str:
        return self.likelihood.version

    def start(self, series: int, *, per_year: int) -> State:
        """Give the state of series that have seen nothing."""
        terms = 2 + 2 * baseline.harmonics(per_year)
        return {
            "per_year": np.full(series, per_year, dtype=np.int64),
            "seen": np.zeros(series, dtype=np.int64),
            "mean": np.zeros((series, terms)),
            "covariance": np.zeros((series, terms, terms)),
            "dispersion_prior": np.full(series, DISPERSION_ALONE),
            "dispersion_sum": np.zeros(series),
            "dispersion_weight": np.zeros(series),
            "shock_cross": np.full(series, peers.LOADING_PRIOR),
            "shock_square": np.full(series, peers.LOADING_PRIOR),
        }

    def settle(self, state: State, values: Values, groups: IntVector) -> Common:
        """Find each group's shock, and the median dispersion while somebody needs one to start from."""
        figures = self.likelihood.figures(values)
        known = figures.present & (state["seen"] > 0)
        loadings = peers.loadings(state)
        row = baseline.regressors(values.years, state["mean"].shape[1])
        predictor, _, variance = baseline.look(state["mean"], state["covariance"], row)
        dispersion = _dispersion(state)

        def at(shift: Vector) -> Expected:
            return self._expected(predictor + shift, figures.size, dispersion, variance)

        common = peers.shock(figures.figure, at, loadings=loadings, groups=groups, known=known, limit=1.0)
        return {**common, "dispersion": _pooled_dispersion(state, groups)}

    def score(self, state: State, values: Values, common: Common) -> Scored:
        figures = self.likelihood.figures(values)
        state = {**state, "dispersion_prior": _dispersion_prior(state, common)}
        forecast = self._forecast(state, values, figures, common)
        expected, unit = forecast.expected, self.likelihood.unit(values, figures)
        z = self.likelihood.deviate(figures, expected.mean, expected.slope, expected.ratio)
        # the dispersion is learnt from so many periods, and no more: a forecast with it has Student's tails
        z = deviates.of_student(z, DISPERSION_WEIGHT + state["dispersion_weight"])
        low, high = self.likelihood.interval(forecast.predictor, figures.size, expected)
        unscored = ~(figures.present & (state["seen"] >= warm_up(state)))
        shown = np.stack((z, expected.mean / unit, low / unit, high / unit))
        shown[:, unscored] = np.nan
        return Scored(shown[0], shown[1], shown[2], shown[3])

    def learn(self, state: State, values: Values, common: Common) -> State:
        figures = self.likelihood.figures(values)
        state = self._begin(state, figures, common)
        forecast = self._forecast(state, values, figures, common)
        weight = self._weight(state, figures, forecast)
        mean, covariance = self._correct(figures, forecast, weight, state)
        seen = state["seen"]
        mean[:, 0] += np.where(seen > 0, baseline.ANCHOR * peers.loadings(state) * common["shock"], 0.0)
        per_year = cadence(state)
        baseline.evolve(mean, covariance, per_year=per_year, drift=DRIFT_A_YEAR / per_year)
        return {
            **state,
            **self._spread(state, figures, forecast, weight),
            **self._follow(state, figures, forecast, common),
            "mean": mean,
            "covariance": covariance,
            "seen": seen + figures.present,
        }

    def inflate(self, state: State, which: BoolVector) -> State:
        covariance = state["covariance"].copy()
        covariance[which, 0, 0] += LEVEL_SD**2
        return {**state, "covariance": covariance}

    def _expected(self, predictor: Vector, size: Vector, dispersion: Vector, variance: Vector) -> Expected:
        mean, slope = self.likelihood.moments(np.clip(predictor, -WIDEST, WIDEST), size)
        return Expected(mean, slope, dispersion + variance * slope)

    def _forecast(self, state: State, values: Values, figures: Figures, common: Common) -> Forecast:
        row = baseline.regressors(values.years, state["mean"].shape[1])
        predictor, gain, variance = baseline.look(state["mean"], state["covariance"], row)
        loadings, shock = peers.loadings(state), common["shock"]
        predictor = predictor + loadings * shock
        shocked = variance + shock * shock / state["shock_square"] + loadings * loadings * common["shock_variance"]
        dispersion = _dispersion(state)
        expected = self._expected(predictor, figures.size, dispersion, shocked)
        return Forecast(predictor, gain, variance, shocked, expected, dispersion)

    def _begin(self, state: State, figures: Figures, common: Common) -> State:
        """Give series that see their first figure their prior, around that figure."""
        fresh = figures.present & (state["seen"] == 0)
        state = {**state, "dispersion_prior": _dispersion_prior(state, common)}
        if not fresh.any():
            return state
        mean, covariance = state["mean"].copy(), state["covariance"].copy()
        mean[fresh] = 0.0
        mean[fresh, 0] = self.likelihood.link(figures)[fresh]
        terms = mean.shape[1]
        season = SEASON_SD_WEEKLY if terms > 4 else SEASON_SD_MONTHLY
        for pooled, slope in ((True, SLOPE_SD_POOLED), (False, SLOPE_SD_ALONE)):
            which = fresh & ((common["peers"] >= FEWEST_PEERS) == pooled)
            covariance[which] = np.diag(baseline.prior_variances(terms, level=LEVEL_SD, slope=slope, season=season))
        return {**state, "mean": mean, "covariance": covariance}

    def _weight(self, state: State, figures: Figures, forecast: Forecast) -> Vector:
        expected = forecast.expected
        far = np.abs(self.likelihood.residual(figures, expected.mean, np.sqrt(expected.ratio)))
        weight = np.square(ROBUST_FROM / np.maximum(far, ROBUST_FROM))
        weight = np.where(state["seen"] < warm_up(state), 1.0, weight)  # while all is prior, nothing is an outlier
        return np.where(figures.present, weight, 0.0)

    def _correct(self, figures: Figures, forecast: Forecast, weight: Vector, state: State) -> tuple[Matrix, Matrix]:
        q = np.maximum(forecast.shocked_variance, 1e-12)
        shift, left = self.likelihood.posterior(figures, forecast.expected, q, weight / forecast.dispersion)
        taken = weight > 0.0
        shift = np.where(taken, shift / q, 0.0)
        shrink = np.where(taken, (1.0 - left / q) / q, 0.0)
        return baseline.absorb(state["mean"], state["covariance"], forecast.gain, shift=shift, shrink=shrink)

    def _spread(self, state: State, figures: Figures, forecast: Forecast, weight: Vector) -> State:
        """Learn the dispersion: s_n += w^1/4 min((y-mu)² / (v + q v²/phi), 25 phi), s_d += w^1/4."""
        expected, dispersion = forecast.expected, forecast.dispersion
        root = np.sqrt(np.sqrt(np.where(state["seen"] > 0, weight, 0.0)))  # the first is its own expectation
        off = np.where(figures.present, figures.figure - expected.mean, 0.0)
        seen = off * off * dispersion / np.maximum(expected.slope * expected.ratio, 1e-300)
        return {
            "dispersion_sum": state["dispersion_sum"] + root * np.minimum(seen, CAP * dispersion),
            "dispersion_weight": state["dispersion_weight"] + root,
        }

    def _follow(self, state: State, figures: Figures, forecast: Forecast, common: Common) -> State:
        expected = forecast.expected
        bare, loadings = expected, peers.loadings(state)
        if common["shock"].any():  # the contrast is with what was expected before the shock
            bare = self._expected(
                forecast.predictor - loadings * common["shock"], figures.size, forecast.dispersion, forecast.variance
            )
        else:
            return {}
        off = np.where(figures.present, figures.figure - expected.mean, 0.0)
        cross, square = peers.follow(
            (state["shock_cross"], state["shock_square"]),
            contrast=self.likelihood.contrast(figures, bare.mean),
            pull=peers.huber(off, expected) * bare.slope / bare.ratio,
            common=common,
            taken=figures.present & (state["seen"] >= warm_up(state)),
        )
        return {"shock_cross": cross, "shock_square": square}


def _dispersion(state: State) -> Vector:
    prior = state["dispersion_prior"] * DISPERSION_WEIGHT
    total = (prior + state["dispersion_sum"]) / (DISPERSION_WEIGHT + state["dispersion_weight"])
    return np.maximum(1.0, total)


def _dispersion_prior(state: State, common: Common) -> Vector:
    """Take the peers' median while young; later the prior is what it was."""
    pooled = common["dispersion"]
    takes = (state["seen"] < prior_periods(cadence(state))) & np.isfinite(pooled)
    floor = np.where(state["dispersion_weight"] < YOUNG_WEIGHT, DISPERSION_LEAST_YOUNG, 1.0)
    return np.where(takes, np.maximum(floor, pooled), state["dispersion_prior"])


def _pooled_dispersion(state: State, groups: IntVector) -> Vector:
    """Give the median dispersion that the peers' own figures show; NaN when nobody is young any more."""
    if not (state["seen"] < prior_periods(cadence(state))).any():
        return np.full(groups.size, np.nan)
    weight = state["dispersion_weight"]
    return peers.median_spread(state["dispersion_sum"], weight, groups, weight >= min(YOUNG_WEIGHT, warm_up(state) - 1))
