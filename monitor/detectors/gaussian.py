"""Rates and mean scores: a Gaussian filter with level, slope, season and an AR(1) deviation state.

All variances of the filter are in units of the series' own scale S, which is learnt beside it; so one set
of settings serves log rates and scores of any range. Equations: README.md, section 3.

References
----------
West and Harrison (1997), Bayesian Forecasting and Dynamic Models, 2nd ed., sec. 4.5 (learning the scale) and
9.1 (autoregressive components); detection.md §6.1-6.4 (the settings, on published sickness rates).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from monitor.detectors import baseline, deviates, peers
from monitor.detectors.contract import (
    CENTRAL_95,
    FEWEST_PEERS,
    LARGEST_DEVIATE,
    BoolVector,
    Common,
    IntVector,
    Matrix,
    Scored,
    State,
    Values,
    warm_up_periods,
)
from monitor.detectors.peers import Expected
from monitor.model import Vector

AR_A_MONTH = 0.8
"""What is left of a deviation a month later (detection.md §6.2, the setting for sickness)."""
LEVEL_SD, SLOPE_SD_ALONE, SLOPE_SD_POOLED, SEASON_SD = 30.0, 1.0, 0.4, (1.5, 1.0)
"""Prior standard deviations, in √S: as good as unknown; with S = .07² a slope of ± .03 and a season of ± .1."""
SCALE_WEIGHT_POOLED, SCALE_WEIGHT_ALONE = 10.0, 1.0
"""Observations that the peers' median scale weighs; alone, a series starts from its first innovations."""
SETTLED = 1.7
"""Variance, in S, of a forecast that has learnt its series; periods of a larger one count less for S."""
MOST_FREEDOM = 60.0
"""Degrees of freedom end here: real tails stay heavier than normal, however long the past."""
CLIP, CAP = 4.0, 25.0
"""Largest innovation the filter follows, in deviates, and the largest square its scale takes in."""
PRECISION_RANGE = (0.1, 10.0)
"""How far one period's denominator may count above or below the usual one."""
LOWEST_RATE = 0.05
"""Half of the last printed digit of a rate in percent: a bare 0 is read as this."""
LEAST_SCALE = 1e-4
"""√S is at least this part of a level (of 1 on the log scale): in a constant past any change at all is a
signal, but a finite one."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is filtered, where it is there, and its denominator (NaN = none)."""

    figure: Vector
    present: BoolVector
    denominator: Vector


@dataclass(frozen=True, slots=True)
class Forecast:
    """One period before it is seen; `q`, `variance` and `noise` in S, `sd` of the predictive in the figure's unit."""

    mean: Vector
    gain: Matrix
    q: Vector
    noise: Vector
    scale: Vector
    variance: Vector
    sd: Vector


def log_rates(values: Values) -> Figures:
    """Read log((y + .5)/E), or the log of a bare rate in percent.

    The half is left out where there is no denominator: a bare rate is no count.
    """
    bare = np.isnan(values.denominator)
    present = (values.numerator >= 0.0) & np.isfinite(values.numerator) & (bare | (values.denominator > 0.0))
    top = np.where(bare, np.maximum(values.numerator, LOWEST_RATE), values.numerator + 0.5)
    bottom = np.where(bare | ~present, 1.0, values.denominator)
    return Figures(np.log(np.where(present, top, 1.0) / bottom), present, np.where(bare, np.nan, bottom))


def mean_scores(values: Values) -> Figures:
    """Read the mean of a sum over respondents, or a bare score."""
    bare = np.isnan(values.denominator)
    present = np.isfinite(values.numerator) & (bare | (values.denominator > 0.0))
    bottom = np.where(bare | ~present, 1.0, values.denominator)
    return Figures(np.where(present, values.numerator, 0.0) / bottom, present, np.where(bare, np.nan, bottom))


@dataclass(frozen=True, slots=True)
class Gaussian:
    """The filter on one scale; a `Detector`.

    Parameters
    ----------
    logarithmic
        Whether what is filtered is a logarithm, to be shown as what it is of.
    ar_share
        Share of the innovation variance that stays for a while; the rest is gone with its period. More
        of it takes a lasting rise for a passing one for longer.
    drift_a_month
        Standard deviation that a level gains in a month, in √S.
    """

    name: str
    figures: Callable[[Values], Figures]
    logarithmic: bool
    ar_share: float
    drift_a_month: float
    version: str = "1"

    def start(self, series: int, *, per_year: int) -> State:
        """Give the state of series that have seen nothing."""
        terms = 3 + 2 * baseline.harmonics(per_year)  # the deviation stands last
        return {
            "per_year": np.full(series, per_year, dtype=np.int64),
            "seen": np.zeros(series, dtype=np.int64),
            "mean": np.zeros((series, terms)),
            "covariance": np.zeros((series, terms, terms)),
            "scale_prior": np.zeros(series),
            "scale_prior_weight": np.full(series, SCALE_WEIGHT_ALONE),
            "scale_sum": np.zeros(series),
            "scale_weight": np.zeros(series),
            "denominator_sum": np.zeros(series),
            "shock_cross": np.full(series, peers.LOADING_PRIOR),
            "shock_square": np.full(series, peers.LOADING_PRIOR),
        }

    def settle(self, state: State, values: Values, groups: IntVector) -> Common:
        """Find each group's shock, and the median scale while somebody needs one to start from."""
        figures = self.figures(values)
        forecast = self._forecast(state, values, figures, None)
        known = figures.present & (state["seen"] > 1)
        one, variance = np.ones(groups.size), np.square(forecast.sd)

        def at(shift: Vector) -> Expected:
            return Expected(forecast.mean + shift, one, variance)

        common = peers.shock(figures.figure, at, loadings=_loadings(state), groups=groups, known=known, limit=np.inf)
        return {**common, "scale": _pooled_scale(state, groups)}

    def score(self, state: State, values: Values, common: Common) -> Scored:
        figures = self.figures(values)
        forecast = self._forecast(state, values, figures, common)
        freedom = _freedom(state)
        z = deviates.of_student((figures.figure - forecast.mean) / forecast.sd, freedom)
        half = deviates.student_of(CENTRAL_95, freedom) * forecast.sd
        shown = np.stack((z, forecast.mean, forecast.mean - half, forecast.mean + half))
        np.clip(shown[0], -LARGEST_DEVIATE, LARGEST_DEVIATE, out=shown[0])
        if self.logarithmic:
            np.exp(np.minimum(shown[1:], 300.0), out=shown[1:])
        shown[:, ~(figures.present & (state["seen"] >= _warm_up(state)))] = np.nan
        return Scored(shown[0], shown[1], shown[2], shown[3])

    def learn(self, state: State, values: Values, common: Common) -> State:
        figures = self.figures(values)
        state = self._begin(state, figures, common)
        forecast = self._forecast(state, values, figures, common)
        off = np.where(figures.present, figures.figure - forecast.mean, 0.0)
        mean, covariance = _correct(state, figures, forecast, off)
        seen, loadings = state["seen"], _loadings(state)
        mean[:, 0] += np.where(seen > 0, baseline.ANCHOR * loadings * common["shock"], 0.0)
        self._move(mean, covariance, per_year=_per_year(state), begun=seen + figures.present > 0)
        return {
            **state,
            **_spread(state, figures, forecast, off),
            **_follow(state, figures, forecast, off, common),
            "mean": mean,
            "covariance": covariance,
            "seen": seen + figures.present,
            "denominator_sum": state["denominator_sum"]
            + np.where(figures.present & np.isfinite(figures.denominator), figures.denominator, 0.0),
        }

    def inflate(self, state: State, which: BoolVector) -> State:
        covariance = state["covariance"].copy()
        covariance[which, 0, 0] += LEVEL_SD**2
        return {**state, "covariance": covariance}

    def _forecast(self, state: State, values: Values, figures: Figures, common: Common | None) -> Forecast:
        row = _row(values.years, state["mean"].shape[1])
        mean, gain, q = baseline.look(state["mean"], state["covariance"], row)
        noise = (1.0 - self.ar_share) / _precision(state, figures)
        scale = np.maximum(_scale(state), self._least_scale(state))
        variance = q + noise
        if common is not None:
            loadings, shock = _loadings(state), common["shock"]
            mean = mean + loadings * shock
            doubt = shock * shock / state["shock_square"] + loadings * loadings * common["shock_variance"]
            variance = variance + doubt / scale
        return Forecast(mean, gain, q, noise, scale, variance, np.sqrt(np.maximum(variance * scale, 1e-300)))

    def _least_scale(self, state: State) -> Vector:
        if self.logarithmic:
            return np.full(state["seen"].size, LEAST_SCALE**2)
        return np.square(LEAST_SCALE * np.abs(state["mean"][:, 0])) + LEAST_SCALE**4

    def _begin(self, state: State, figures: Figures, common: Common) -> State:
        """Give series that see their first figure their prior, around that figure."""
        state = {**state, **_scale_prior(state, common)}
        fresh = figures.present & (state["seen"] == 0)
        if not fresh.any():
            return state
        mean, covariance = state["mean"].copy(), state["covariance"].copy()
        mean[fresh] = 0.0
        mean[fresh, 0] = figures.figure[fresh]
        terms = mean.shape[1]
        for pooled, slope in ((True, SLOPE_SD_POOLED), (False, SLOPE_SD_ALONE)):
            which = fresh & ((common["peers"] >= FEWEST_PEERS) == pooled)
            variances = baseline.prior_variances(terms - 1, level=LEVEL_SD, slope=slope, season=SEASON_SD)
            covariance[which] = np.diag([*variances, self.ar_share / (1.0 - _ar(_per_year(state)) ** 2)])
        return {**state, "mean": mean, "covariance": covariance}

    def _move(self, mean: Matrix, covariance: Matrix, *, per_year: int, begun: BoolVector) -> None:
        """Take level and deviation to the next period, in place."""
        rho, drift = _ar(per_year), 12.0 * self.drift_a_month**2 / per_year
        baseline.evolve(mean, covariance, per_year=per_year, drift=drift)
        mean[:, -1] *= rho
        rows = covariance.T
        rows[-1] *= rho
        rows[:, -1] *= rho
        rows[-1, -1] += np.where(begun, self.ar_share, 0.0)


def _row(years: float, terms: int) -> Vector:
    return np.append(baseline.regressors(years, terms - 1), 1.0)


def _ar(per_year: int) -> float:
    return float(AR_A_MONTH ** (12.0 / per_year))


def _precision(state: State, figures: Figures) -> Vector:
    """Give how much this period's figure counts: its denominator over the usual one; 1 where there is none."""
    usual = state["denominator_sum"] / np.maximum(state["seen"], 1)
    ratio = np.where(usual > 0.0, figures.denominator / np.where(usual > 0.0, usual, 1.0), 1.0)
    return np.clip(np.where(np.isfinite(ratio), ratio, 1.0), *PRECISION_RANGE)


def _scale(state: State) -> Vector:
    prior = state["scale_prior_weight"]
    scale: Vector = (prior * state["scale_prior"] + state["scale_sum"]) / (prior + state["scale_weight"])
    return scale


def _freedom(state: State) -> Vector:
    freedom: Vector = np.clip(state["scale_prior_weight"] + state["scale_weight"], 3.0, MOST_FREEDOM)
    return freedom


def _scale_prior(state: State, common: Common) -> State:
    """Take the peers' median while warming up; alone, a series' own first innovations."""
    warming = state["seen"] < _warm_up(state)
    pooled = np.isfinite(common["scale"])
    own = state["scale_sum"] / np.maximum(state["scale_weight"], 1.0)
    prior = np.where(pooled, common["scale"], own)
    weight = np.where(pooled, SCALE_WEIGHT_POOLED, SCALE_WEIGHT_ALONE)
    return {
        "scale_prior": np.where(warming, prior, state["scale_prior"]),
        "scale_prior_weight": np.where(warming, weight, state["scale_prior_weight"]),
    }


def _pooled_scale(state: State, groups: IntVector) -> Vector:
    """Give the median scale that the peers' own figures show; NaN when nobody warms up any more."""
    if not (state["seen"] < _warm_up(state)).any():
        return np.full(groups.size, np.nan)
    weight = state["scale_weight"]
    own = state["scale_sum"] / np.maximum(weight, 1.0)
    return peers.median_by_group(own, groups, weight >= min(1.0, 0.1 * _warm_up(state)))


def _correct(state: State, figures: Figures, forecast: Forecast, off: Vector) -> tuple[Matrix, Matrix]:
    followed = np.clip(off, -CLIP * forecast.sd, CLIP * forecast.sd)
    followed = np.where(state["seen"] < _warm_up(state), off, followed)  # while all is prior, nothing is an outlier
    shift = followed / forecast.variance
    shrink = np.where(figures.present, 1.0 / forecast.variance, 0.0)
    return baseline.absorb(state["mean"], state["covariance"], forecast.gain, shift=shift, shrink=shrink)


def _spread(state: State, figures: Figures, forecast: Forecast, off: Vector) -> State:
    """Learn the scale: S = sum of e²/(q + noise), each at most 25 S once there is an S, over their number."""
    taken = figures.present & (state["seen"] > 0)  # the first is its own expectation
    square = off * off / forecast.variance
    # where the prior's doubt makes up the variance, a period says little of S, and peers have halved that doubt
    weight = np.where(taken, np.square(np.minimum(SETTLED / forecast.variance, 1.0)), 0.0)
    square = np.where(state["seen"] < _warm_up(state), square, np.minimum(square, CAP * forecast.scale))
    return {
        "scale_sum": state["scale_sum"] + weight * square,
        "scale_weight": state["scale_weight"] + weight,
    }


def _follow(state: State, figures: Figures, forecast: Forecast, off: Vector, common: Common) -> State:
    variance = np.maximum((forecast.q + forecast.noise) * forecast.scale, 1e-300)
    cross, square = peers.follow(
        (state["shock_cross"], state["shock_square"]),
        contrast=off + _loadings(state) * common["shock"],
        pull=peers.huber(off, Expected(forecast.mean, np.ones(off.size), variance)) / variance,
        common=common,
        taken=figures.present & (state["seen"] >= _warm_up(state)),
    )
    return {"shock_cross": cross, "shock_square": square}


def _loadings(state: State) -> Vector:
    return peers.loading(state["shock_cross"], state["shock_square"])


def _per_year(state: State) -> int:
    return int(state["per_year"][0]) if state["per_year"].size else 12


def _warm_up(state: State) -> int:
    return warm_up_periods(_per_year(state))


gaussian = Gaussian("gaussian", log_rates, logarithmic=True, ar_share=0.6, drift_a_month=0.05)
"""Rates: sickness has a lag-1 autocorrelation of .69 within a trust (detection.md §6)."""
scores = Gaussian("scores", mean_scores, logarithmic=False, ar_share=0.0, drift_a_month=0.02)
"""Mean scores: sampling of respondents makes them white (detection.md §3, family K)."""
