"""The robust conjugate filter that counts and proportions share: one rank-one step per observation.

A `Likelihood` says what differs. Equations: README.md, sections 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from monitor.detectors import baseline, deviates, dispersion, peers, persistence
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
    warm_up,
)
from monitor.detectors.likelihood import Figures, Likelihood
from monitor.detectors.lookahead import Forecast, Look, look_ahead
from monitor.detectors.peers import Expected
from monitor.model import Vector

LEVEL_SD, SLOPE_SD_ALONE, SLOPE_SD_POOLED = 2.0, 0.15, 0.03
"""Prior standard deviations on the log or logit scale, slopes a year; pooled where there are peers."""
SEASON_SD_WEEKLY, SEASON_SD_MONTHLY = (0.35, 0.2), (0.12,)
DRIFT_A_YEAR = 12e-4
"""Variance that a level gains in a year (1e-4 a month)."""
ROBUST_FROM = 2.5
"""Residual, in standard deviations, from which an observation loses weight."""
WIDEST = 30.0
"""Linear predictors end here: e^30 of anything is a slip of unit, and stays finite."""

# Source of all constants above: detection.md §5, measured there.


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
        terms = baseline.terms(per_year)
        return {
            "per_year": np.full(series, per_year, dtype=np.int64),
            "seen": np.zeros(series, dtype=np.int64),
            "mean": np.zeros((series, terms)),
            "moved": np.zeros((series, terms - 1)),
            "latched": np.zeros(series, dtype=np.bool_),
            "covariance": np.zeros((series, terms, terms)),
            **dispersion.start(series),
            **persistence.start(series),
            "shock_cross": np.full(series, peers.LOADING_PRIOR),
            "shock_square": np.full(series, peers.LOADING_PRIOR),
        }

    def settle(self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None) -> Common:
        """Find each group's shock, and the median dispersion while somebody needs one to start from."""
        figures = self.likelihood.figures(values)
        return self._settled(state, figures, look_ahead(state, values), groups, regions)

    def _settled(
        self, state: State, figures: Figures, look: Look, groups: IntVector, regions: IntVector | None
    ) -> Common:
        known = figures.present & (state["seen"] > 0)
        loadings = peers.loadings(state)

        def at(shift: Vector) -> Expected:
            return self._expected(look.predictor + shift, figures.size, look.passing, look.variance)

        common = peers.shock(
            figures.figure, at, loadings=loadings, groups=groups, regions=regions, known=known,
            grown=state["seen"] >= warm_up(state), limit=1.0,
        )  # fmt: skip
        return {**common, "dispersion": dispersion.pooled(state, groups)}

    def score(self, state: State, values: Values, common: Common) -> Scored:
        figures, state = self.likelihood.figures(values), {**state, **dispersion.prior(state, common)}
        return self._scored(state, values, figures, self._forecast(state, figures, look_ahead(state, values), common))

    def learn(self, state: State, values: Values, common: Common) -> State:
        return self.take(state, values, common)[1]

    def take(self, state: State, values: Values, common: Common) -> tuple[Scored, State]:
        figures = self.likelihood.figures(values)
        state = self._begun(state, figures, common)
        return self._taken(state, values, figures, look_ahead(state, values), common)

    def turn(
        self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None
    ) -> tuple[Common, Scored, State]:
        figures, look = self.likelihood.figures(values), look_ahead(state, values)
        common = self._settled(state, figures, look, groups, regions)
        begun = self._begun(state, figures, common)
        if begun is not state:
            look = look_ahead(begun, values)
        return common, *self._taken(begun, values, figures, look, common)

    def _taken(
        self, state: State, values: Values, figures: Figures, look: Look, common: Common
    ) -> tuple[Scored, State]:
        forecast = self._forecast(state, figures, look, common)
        return self._scored(state, values, figures, forecast), self._learnt(state, figures, forecast, common)

    def _scored(self, state: State, values: Values, figures: Figures, forecast: Forecast) -> Scored:
        expected, unit = forecast.expected, self.likelihood.unit(values, figures)
        z = self.likelihood.deviate(figures, expected.mean, expected.slope, expected.ratio)
        # the dispersion is learnt from so many periods, and no more: a forecast with it has Student's tails
        z = deviates.of_student(z, dispersion.freedom(state))
        low, high = self.likelihood.interval(forecast.predictor, figures.size, expected)
        # on the scale of the linear predictor a figure's standard deviation is √(ratio/slope)
        moved = forecast.look.row[:-1] @ state["moved"].T + state["mean"][:, -1]
        moved *= np.sqrt(expected.slope / expected.ratio)
        shown = np.stack(
            (z, expected.mean / unit, low / unit, high / unit, moved, self._bare(forecast, figures) / unit)
        )
        shown[:, ~(figures.present & (state["seen"] >= warm_up(state)))] = np.nan
        return Scored(*shown)

    def _bare(self, forecast: Forecast, figures: Figures) -> Vector:
        """Give what was expected before the peers' figures of the period were looked at."""
        if not forecast.shift.any():
            return forecast.expected.mean
        return self.likelihood.moments(np.clip(forecast.predictor - forecast.shift, -WIDEST, WIDEST), figures.size)[0]

    def _learnt(self, state: State, figures: Figures, forecast: Forecast, common: Common) -> State:
        weight = self._weight(state, figures, forecast)
        shift, shrink = self._correction(figures, forecast, weight)
        mean, covariance = baseline.absorb(
            state["mean"], state["covariance"], forecast.look.gain, shift=shift, shrink=shrink
        )
        off, seen = figures.figure - forecast.expected.mean, state["seen"]
        mean[:, 0] += np.where(seen > 0, baseline.ANCHOR * peers.loadings(state) * common["shock"], 0.0)
        self._move(state, figures, forecast, mean, covariance)
        return {
            **state,
            **dispersion.learn(state, off, forecast.expected, weight, present=figures.present),
            **self._left(state, figures, forecast),
            **self._follow(state, figures, forecast, common),
            "mean": mean,
            "covariance": covariance,
            "moved": baseline.follow(state["moved"], forecast.look.gain, shift, state),
            "seen": seen + figures.present,
        }

    def _move(self, state: State, figures: Figures, forecast: Forecast, mean: Matrix, covariance: Matrix) -> None:
        """Take level and deviation to the next period, in place."""
        per_year, begun = cadence(state), state["seen"] + figures.present > 0
        lasting = persistence.lasting(state, forecast.expected.slope)
        gained = np.where(begun, (1.0 - baseline.stays(per_year) ** 2) * lasting, 0.0)
        baseline.evolve(mean, covariance, per_year=per_year, drift=DRIFT_A_YEAR / per_year, gained=gained)

    def _left(self, state: State, figures: Figures, forecast: Forecast) -> State:
        """Learn how much lasts, by what the period leaves beside the baseline."""
        bare = np.clip(forecast.predictor - state["mean"][:, -1], -WIDEST, WIDEST)
        mean, slope = self.likelihood.moments(bare, figures.size)
        return persistence.learn(state, figures.figure - mean, slope, present=figures.present)

    def inflate(self, state: State, which: BoolVector) -> State:
        covariance = state["covariance"].copy()
        covariance[which, 0, 0] += LEVEL_SD**2
        return {**state, **persistence.forget(state, which), "covariance": covariance}

    def _expected(self, predictor: Vector, size: Vector, spread: Vector, variance: Vector) -> Expected:
        mean, slope = self.likelihood.moments(np.clip(predictor, -WIDEST, WIDEST), size)
        return Expected(mean, slope, spread + variance * slope)

    def _forecast(self, state: State, figures: Figures, look: Look, common: Common) -> Forecast:
        loadings, shock, wide = peers.loadings(state), common["shock"], common["spread"]
        shift = loadings * shock
        doubt = shock * shock / state["shock_square"] + loadings * loadings * common["shock_variance"]
        predictor, variance = look.predictor + shift, look.variance + doubt
        expected = self._expected(predictor, figures.size, look.passing, variance)
        expected = replace(expected, ratio=wide * expected.ratio)
        return Forecast(look, predictor, variance, expected, wide * look.passing, shift)

    def _begun(self, state: State, figures: Figures, common: Common) -> State:
        """Give series that see their first figure their prior, around it; the same state where nobody is young."""
        fresh = figures.present & (state["seen"] == 0)
        if prior := dispersion.prior(state, common):
            state = {**state, **prior}
        if not fresh.any():
            return state
        mean, covariance = state["mean"].copy(), state["covariance"].copy()
        mean[fresh] = 0.0
        mean[fresh, 0] = self.likelihood.link(figures)[fresh]
        terms = mean.shape[1]
        season = SEASON_SD_WEEKLY if baseline.harmonics(cadence(state)) > 1 else SEASON_SD_MONTHLY
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

    def _correction(self, figures: Figures, forecast: Forecast, weight: Vector) -> tuple[Vector, Vector]:
        """Give by how much of the gain the mean moves and the covariance shrinks."""
        q = np.maximum(forecast.variance, 1e-12)
        shift, left = self.likelihood.posterior(figures, forecast.expected, q, weight / forecast.spread)
        taken = weight > 0.0
        return np.where(taken, shift / q, 0.0), np.where(taken, (1.0 - left / q) / q, 0.0)

    def _follow(self, state: State, figures: Figures, forecast: Forecast, common: Common) -> State:
        if not common["shock"].any():
            return {}
        expected, look = forecast.expected, forecast.look
        # the contrast is with what was expected before the shock
        bare = self._expected(look.predictor, figures.size, forecast.spread, look.variance)
        off = np.where(figures.present, figures.figure - expected.mean, 0.0)
        cross, square = peers.follow(
            (state["shock_cross"], state["shock_square"]),
            contrast=self.likelihood.contrast(figures, bare.mean),
            pull=peers.huber(off, expected) * bare.slope / bare.ratio,
            common=common,
            taken=figures.present & (state["seen"] >= warm_up(state)),
        )
        return {"shock_cross": cross, "shock_square": square}
