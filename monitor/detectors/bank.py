"""Two settings of one filter, mixed online per series: one for deviations that pass, one for those that stay.

Each setting is weighed by how well it has foretold the figures, a series' own and its peers'; so white rates
are judged as white and sickness by its memory, with no setting by hand.

References
----------
detection.md §6.2 (own and peers' log-likelihood, forgetting .98). West and Harrison (1997),
Bayesian Forecasting and Dynamic Models, 2nd ed., sec. 12.2 (multi-process models, class I).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from monitor.detectors import scale
from monitor.detectors.contract import (
    FEWEST_PEERS,
    LARGEST_DEVIATE,
    BoolVector,
    Common,
    IntVector,
    Matrix,
    Scored,
    State,
    Values,
)
from monitor.detectors.forecast import Forecast
from monitor.detectors.gaussian import Gaussian
from monitor.detectors.readings import Figures, root_rates
from monitor.model import Vector

KEPT = 0.99
"""Share of the evidence for a setting that a period leaves."""
OWN, PEERS = 1.0, 0.5
"""Weights of a series' own log-likelihood and of its peers' mean: where half of a group stays and half passes, the
other way round gave a third of the alarms that it said (README.md, section 7)."""
LEAN = 2.0
"""Log odds of the second setting where nothing speaks for either: most published rates stay (README.md, section 7: what
each lean finds in published rates and in family B)."""
MOST = 20.0
"""Log odds end here: more says no more, and would take years to come back."""
OTHER = "lasting_"
"""Prefix of what peers share under the second setting."""


@dataclass(frozen=True, slots=True)
class _Foretold:
    """What both settings foretell of a period, a row a setting, and by how much more the second has foretold."""

    own: State
    figures: Figures
    forecast: Forecast
    told: Vector


@dataclass(frozen=True, slots=True)
class Bank:
    """A filter of two settings, one that passes and one that stays; a `Detector`.

    Its state has both settings of a series side by side, so that one step takes both. `favour` holds what figures have
    told for the second.
    """

    name: str
    both: Gaussian
    version: str = "12"

    def start(self, series: int, *, per_year: int) -> State:
        """Give the state of series that have seen nothing."""
        rows = self.both.start(2 * series, per_year=per_year)
        return {**_by_series(rows), "latched": np.zeros(series, dtype=np.bool_), "favour": np.zeros(series)}

    def settle(self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None) -> Common:
        """Find the shock under each setting, and which of the two the peers' figures speak for."""
        return self._settled(state, values, groups, regions)[0]

    def score(self, state: State, values: Values, common: Common) -> Scored:
        return self.take(state, values, common)[0]

    def learn(self, state: State, values: Values, common: Common) -> State:
        return self.take(state, values, common)[1]

    def take(self, state: State, values: Values, common: Common) -> tuple[Scored, State]:
        figures, shared = _twice(self.both.figures(values)), _together(common)
        own = self.both.begun(self._rows(state), figures, shared)
        foretold = _foretold(own, figures, shared, self.both.forecast(own, figures))
        return self._taken(state, foretold, shared, common["favour"])

    def turn(
        self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None
    ) -> tuple[Common, Scored, State]:
        common, shared, foretold = self._settled(state, values, groups, regions)
        figures, begun = foretold.figures, self.both.begun(foretold.own, foretold.figures, shared)
        if begun is not foretold.own:
            foretold = _foretold(begun, figures, shared, self.both.forecast(begun, figures))
        return common, *self._taken(state, foretold, shared, common["favour"])

    def _settled(
        self, state: State, values: Values, groups: IntVector, regions: IntVector | None
    ) -> tuple[Common, Common, _Foretold]:
        """Give what is stored of a period, the same with an entry a setting, and what was foretold with it."""
        own, figures = self._rows(state), _twice(self.both.figures(values))
        places = (2 * groups[:, None] + np.arange(2)).reshape(-1)
        forecast = self.both.forecast(own, figures)
        shared = self.both.common(own, figures, forecast, places, None if regions is None else np.repeat(regions, 2))
        if prior := scale.prior(own, shared):
            own = {**own, **prior}
            forecast = self.both.forecast(own, figures)
        foretold = _foretold(own, figures, shared, forecast)
        return {**_apart(shared), "favour": _mean_of_others(foretold.told, groups)}, shared, foretold

    def _taken(self, state: State, foretold: _Foretold, shared: Common, favour: Vector) -> tuple[Scored, State]:
        own, figures, forecast = foretold.own, foretold.figures, foretold.forecast
        scored, learnt = self.both.scored(own, figures, forecast), self.both.learnt(own, figures, forecast, shared)
        told = np.clip(KEPT * state["favour"] + OWN * foretold.told + PEERS * favour, -MOST, MOST)
        after = {**state, **_by_series(learnt), "favour": told}
        return _mixed(scored, weight_of_lasting(state["favour"])), after

    def inflate(self, state: State, which: BoolVector) -> State:
        return {**state, **_by_series(self.both.inflate(self._rows(state), np.repeat(which, 2)))}

    def _rows(self, state: State) -> State:
        """Give the filter's own state, a row a setting; what holds, it reads of both alike."""
        rows = {name: state[name].reshape(-1, *state[name].shape[2:]) for name in _filters_own(self.both)}
        return {**rows, "latched": np.repeat(state["latched"], 2)}


def _foretold(own: State, figures: Figures, shared: Common, forecast: Forecast) -> _Foretold:
    forecast = forecast.shocked(own, shared)
    return _Foretold(own, figures, forecast, _gained(forecast.log_density(figures, own)))


@lru_cache
def _filters_own(both: Gaussian) -> frozenset[str]:
    return frozenset(both.start(0, per_year=12)) - {"latched"}


def _by_series(rows: State) -> dict[str, Matrix]:
    """Put the two settings of a series side by side."""
    return {name: array.reshape(-1, 2, *array.shape[1:]) for name, array in rows.items() if name != "latched"}


def _twice(figures: Figures) -> Figures:
    return Figures(
        np.repeat(figures.figure, 2), np.repeat(figures.present, 2), np.repeat(figures.denominator, 2), figures.years
    )


def _apart(both: Common) -> dict[str, Matrix]:
    """Give what peers share under either setting under its own name, an entry a series."""
    first = {name: np.ascontiguousarray(array[::2]) for name, array in both.items()}
    return {**first, **{OTHER + name: np.ascontiguousarray(array[1::2]) for name, array in both.items()}}


def _together(common: Common) -> dict[str, Matrix]:
    return {
        name.removeprefix(OTHER): _in_turn(common[name.removeprefix(OTHER)], other)
        for name, other in common.items()
        if name.startswith(OTHER)
    }


def _in_turn(first: Vector, second: Vector) -> Vector:
    rows = np.empty(2 * first.size, first.dtype)
    rows[::2], rows[1::2] = first, second
    return rows


def _gained(density: Vector) -> Vector:
    """Give by how much more the second setting has foretold."""
    gained: Vector = density[1::2] - density[::2]
    return gained


def weight_of_lasting(favour: Vector) -> Vector:
    """Give the weight of the second setting, 0 to 1, by what figures have told for it (log odds beside `LEAN`)."""
    weight: Vector = special.expit(LEAN + favour)
    return weight


def _mixed(both: Scored, weight: Vector) -> Scored:
    """Mix two settings: their tails, on the side where the deviate lies, and what they expected."""
    side = np.where(both.z[::2] + both.z[1::2] > 0.0, -1.0, 1.0)

    def mix(rows: Vector) -> Vector:
        mixed: Vector = rows[::2] + weight * (rows[1::2] - rows[::2])
        return mixed

    z = side * special.ndtri(mix(special.ndtr(np.repeat(side, 2) * both.z)))
    z = np.minimum(np.maximum(z, -LARGEST_DEVIATE), LARGEST_DEVIATE)
    return Scored(z, *(mix(rows) for rows in (both.expected, both.low, both.high, both.moved, both.usual)))


def _mean_of_others(gained: Vector, groups: IntVector) -> Vector:
    """Give each series the mean of its peers that have something to say; 0 where they are too few."""
    speaks = gained != 0.0
    total, number = np.bincount(groups, gained), np.bincount(groups, speaks)
    others = number[groups] - speaks
    mean: Vector = np.where(number[groups] >= FEWEST_PEERS, (total[groups] - gained) / np.maximum(others, 1), 0.0)
    return mean


gaussian = Bank(
    "gaussian", Gaussian("gaussian", root_rates, of_roots=True, ar_share=(0.0, 0.8), drift_a_month=(0.02, 0.05))
)
"""Rates: deviations go with their period, or stay, as those of sickness do (autocorrelation .69, detection.md §6)."""
