"""Rates and mean scores: a Gaussian filter with level, slope, season and an AR(1) deviation state.

All variances of the filter are in units of the series' own scale S, which is learnt beside it; so one set
of settings serves roots of rates and scores of any range. Equations: README.md, section 3.

References
----------
West and Harrison (1997), Bayesian Forecasting and Dynamic Models, 2nd ed., sec. 4.5 (learning the scale) and
9.1 (autoregressive components); detection.md §6.1-6.4 (the settings, on published sickness rates).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from monitor.detectors import baseline, deviates, peers, scale
from monitor.detectors.contract import (
    CENTRAL_95,
    LARGEST_DEVIATE,
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
from monitor.detectors.forecast import Forecast
from monitor.detectors.peers import Expected
from monitor.detectors.readings import Figures, mean_scores, precision
from monitor.model import Vector

LEVEL_SD, SLOPE_SD, SEASON_SD = 30.0, 0.2, (0.5, 0.3)
"""Prior standard deviations, in √S (a slope's: a year). A level is as good as unknown; what a slope or a season of its
own adds to that of the peers is small beside a period's noise, and to look for more costs power where there is none
(README.md, section 7: wider and narrower ones on published rates and family B)."""
CLIP = 4.0
"""Largest innovation the filter follows, in deviates."""
LEAST_SCALE = 1e-4
"""√S is at least this part of a level: in a constant past any change at all is a signal, but a finite one."""


@dataclass(frozen=True, slots=True)
class Gaussian:
    """The filter on one scale; a `Detector`.

    Several settings, one in turn for each row of a state, make as many filters in one (`bank`).

    Parameters
    ----------
    of_roots
        Whether what is filtered is a square root, to be shown as what it is of.
    ar_share
        By setting, the share of the innovation variance that stays for a while; the rest is gone with its period.
        More of it takes a lasting rise for a passing one for longer.
    drift_a_month
        By setting, the standard deviation that a level gains in a month, in √S.
    """

    name: str
    figures: Callable[[Values], Figures]
    of_roots: bool
    ar_share: tuple[float, ...]
    drift_a_month: tuple[float, ...]
    version: str = "11"

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
            **scale.start(series),
            "denominator_sum": np.zeros(series),
            "shock_cross": np.full(series, peers.LOADING_PRIOR),
            "shock_square": np.full(series, peers.LOADING_PRIOR),
        }

    def settle(self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None) -> Common:
        """Find each group's shock, and the median scale while somebody needs one to start from."""
        figures = self.figures(values)
        return self.common(state, figures, self.forecast(state, figures), groups, regions)

    def score(self, state: State, values: Values, common: Common) -> Scored:
        figures, state = self.figures(values), {**state, **scale.prior(state, common)}
        return self.scored(state, figures, self.forecast(state, figures).shocked(state, common))

    def learn(self, state: State, values: Values, common: Common) -> State:
        return self.take(state, values, common)[1]

    def take(self, state: State, values: Values, common: Common) -> tuple[Scored, State]:
        figures = self.figures(values)
        state = self.begun(state, figures, common)
        return self._taken(state, figures, self.forecast(state, figures), common)

    def turn(
        self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None
    ) -> tuple[Common, Scored, State]:
        figures = self.figures(values)
        forecast = self.forecast(state, figures)
        common = self.common(state, figures, forecast, groups, regions)
        begun = self.begun(state, figures, common)
        if begun is not state:
            forecast = self.forecast(begun, figures)
        return common, *self._taken(begun, figures, forecast, common)

    def _taken(self, state: State, figures: Figures, forecast: Forecast, common: Common) -> tuple[Scored, State]:
        forecast = forecast.shocked(state, common)
        return self.scored(state, figures, forecast), self.learnt(state, figures, forecast, common)

    def forecast(self, state: State, figures: Figures) -> Forecast:
        """Predict a period, as yet without what its peers share."""
        row = baseline.regressors(figures.years, state["mean"].shape[1])
        mean, gain, q = baseline.look(state["mean"], state["covariance"], row)
        usual = state["denominator_sum"] / np.maximum(state["seen"], 1)
        noise = (1.0 - _in_turn(self.ar_share, usual.size)) / precision(figures, usual)
        return Forecast(row, mean, gain, q, noise, _unit(state), q + noise)

    def common(
        self, state: State, figures: Figures, forecast: Forecast, groups: IntVector, regions: IntVector | None
    ) -> Common:
        """Find what peers share, under this setting's forecast."""
        one, variance = np.ones(groups.size), np.square(forecast.sd)

        def at(shift: Vector) -> Expected:
            return Expected(forecast.mean + shift, one, variance)

        known, loadings = figures.present & (state["seen"] > 1), peers.loadings(state)
        common = peers.shock(
            figures.figure, at, loadings=loadings, groups=groups, regions=regions, known=known,
            grown=state["seen"] >= warm_up(state), limit=np.inf,
        )  # fmt: skip
        return {**common, **scale.pooled(state, groups)}

    def scored(self, state: State, figures: Figures, forecast: Forecast) -> Scored:
        """Hold a period against its forecast."""
        freedom, sd, mean = scale.freedom(state), forecast.sd, forecast.mean
        z = deviates.of_student((figures.figure - mean) / sd, freedom)
        half = deviates.student_of(CENTRAL_95, freedom) * sd
        moved = (forecast.row[:-1] @ state["moved"].T + state["mean"][:, -1]) / sd
        shown = np.stack((z, mean, mean - half, mean + half, mean - forecast.shift, moved))
        np.clip(shown[0], -LARGEST_DEVIATE, LARGEST_DEVIATE, out=shown[0])
        if self.of_roots:
            shown[1:5] = np.square(np.maximum(shown[1:5], 0.0))
        shown[:, ~(figures.present & (state["seen"] >= warm_up(state)))] = np.nan
        z, expected, low, high, usual, moved = shown
        return Scored(z, expected, low, high, moved, usual)

    def learnt(self, state: State, figures: Figures, forecast: Forecast, common: Common) -> State:
        """Take a period in that was forecast so."""
        off = np.where(figures.present, figures.figure - forecast.mean, 0.0)
        shift, shrink = _correction(state, figures, forecast, off)
        mean, covariance = baseline.absorb(
            state["mean"], state["covariance"], forecast.gain, shift=shift, shrink=shrink
        )
        seen, loadings = state["seen"], peers.loadings(state)
        mean[:, 0] += np.where(seen > 0, baseline.ANCHOR * loadings * common["shock"], 0.0)
        self._move(mean, covariance, per_year=cadence(state), begun=seen + figures.present > 0)
        return {
            **state,
            **scale.learn(state, off, forecast.variance, forecast.scale, present=figures.present),
            **_follow(state, figures, forecast, off, common),
            "mean": mean,
            "covariance": covariance,
            "moved": baseline.follow(state["moved"], forecast.gain, shift, state),
            "seen": seen + figures.present,
            "denominator_sum": state["denominator_sum"]
            + np.where(figures.present & np.isfinite(figures.denominator), figures.denominator, 0.0),
        }

    def inflate(self, state: State, which: BoolVector) -> State:
        """Forget the level of some series: it may be anything from none to twice what it was, in whatever scale."""
        covariance = state["covariance"].copy()
        covariance[which, 0, 0] += LEVEL_SD**2 + (np.square(state["mean"][:, 0]) / _unit(state))[which]
        return {**state, "covariance": covariance}

    def begun(self, state: State, figures: Figures, common: Common) -> State:
        """Give series that see their first figure their prior, around it; the same state where nobody is young."""
        if prior := scale.prior(state, common):
            state = {**state, **prior}
        fresh = figures.present & (state["seen"] == 0)
        if not fresh.any():
            return state
        mean, covariance = state["mean"].copy(), state["covariance"].copy()
        mean[fresh] = 0.0
        mean[fresh, 0] = figures.figure[fresh]
        variances = baseline.prior_variances(mean.shape[1], level=LEVEL_SD, slope=SLOPE_SD, season=SEASON_SD)
        covariance[fresh] = np.diag(variances)
        stays = _in_turn(self.ar_share, fresh.size)[fresh]
        covariance[fresh, -1, -1] = stays / (1.0 - baseline.stays(cadence(state)) ** 2)
        return {**state, "mean": mean, "covariance": covariance}

    def _move(self, mean: Matrix, covariance: Matrix, *, per_year: int, begun: BoolVector) -> None:
        """Take level and deviation to the next period, in place."""
        drift = 12.0 * np.square(_in_turn(self.drift_a_month, begun.size)) / per_year
        gained = np.where(begun, _in_turn(self.ar_share, begun.size), 0.0)
        baseline.evolve(mean, covariance, per_year=per_year, drift=drift, gained=gained)


def _unit(state: State) -> Vector:
    """Give S, or the least that it is believed to be."""
    least = np.square(LEAST_SCALE * np.abs(state["mean"][:, 0])) + LEAST_SCALE**4
    return np.maximum(scale.current(state), least)


@lru_cache
def _in_turn(settings: tuple[float, ...], rows: int) -> Vector:
    """Give each row its setting; read only."""
    given = np.resize(np.array(settings), rows)
    given.flags.writeable = False
    return given


def _correction(state: State, figures: Figures, forecast: Forecast, off: Vector) -> tuple[Vector, Vector]:
    """Give by how much of the gain the mean moves and the covariance shrinks."""
    most = CLIP * forecast.sd
    followed = np.minimum(np.maximum(off, -most), most)
    followed = np.where(state["seen"] < warm_up(state), off, followed)  # while all is prior, nothing is an outlier
    return followed / forecast.variance, np.where(figures.present, 1.0 / forecast.variance, 0.0)


def _follow(state: State, figures: Figures, forecast: Forecast, off: Vector, common: Common) -> State:
    variance = np.maximum((forecast.q + forecast.noise) * forecast.scale, 1e-300)
    cross, square = peers.follow(
        (state["shock_cross"], state["shock_square"]),
        contrast=off + peers.loadings(state) * common["shock"],
        pull=peers.huber(off, Expected(forecast.mean, np.ones(off.size), variance)) / variance,
        common=common,
        taken=figures.present & (state["seen"] >= warm_up(state)),
    )
    return {"shock_cross": cross, "shock_square": square}


scores = Gaussian("scores", mean_scores, of_roots=False, ar_share=(0.0,), drift_a_month=(0.02,))
"""Mean scores: sampling of respondents makes them white (detection.md §3, family K)."""
