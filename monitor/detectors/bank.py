"""Two settings of one filter, mixed online per series: one for deviations that pass, one for those that stay.

Each setting is weighed by how well it has foretold the figures, a series' own and its peers'; so white rates
are judged as white and sickness by its memory, with no setting by hand.

References
----------
detection.md §6.2 (own and peers' log-likelihood, forgetting .98). West and Harrison (1997),
Bayesian Forecasting and Dynamic Models, 2nd ed., sec. 12.2 (multi-process models, class I).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
from monitor.detectors.gaussian import Gaussian, lasting, steady
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
"""Prefix of what belongs to the second setting."""
SHARED = ("latched",)
"""What both settings read alike."""


@dataclass(frozen=True, slots=True)
class Bank:
    """A filter that passes and one that stays; a `Detector`. `favour` holds what figures have told for the second."""

    name: str
    steady: Gaussian
    lasting: Gaussian
    version: str = "10"

    def start(self, series: int, *, per_year: int) -> State:
        """Give the state of series that have seen nothing."""
        first, second = (one.start(series, per_year=per_year) for one in (self.steady, self.lasting))
        return {**_joined(first, second), "favour": np.zeros(series)}

    def settle(self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None) -> Common:
        """Find the shock under each setting, and which of the two the peers' figures speak for."""
        figures = self.steady.figures(values)
        commons, densities = [], []
        for one, own in ((self.steady, state), (self.lasting, _other(state))):
            forecast = one.forecast(own, figures)
            common = one.common(own, figures, forecast, groups, regions)
            commons.append(common)
            if prior := scale.prior(own, common):
                own = {**own, **prior}
                forecast = one.forecast(own, figures)
            densities.append(forecast.shocked(own, common).log_density(figures, own))
        return {**_joined(*commons), "favour": _mean_of_others(densities[1] - densities[0], groups)}

    def score(self, state: State, values: Values, common: Common) -> Scored:
        return self.take(state, values, common)[0]

    def learn(self, state: State, values: Values, common: Common) -> State:
        return self.take(state, values, common)[1]

    def take(self, state: State, values: Values, common: Common) -> tuple[Scored, State]:
        figures = self.steady.figures(values)
        scored, learnt, densities = [], [], []
        for one, own, shared in ((self.steady, state, common), (self.lasting, _other(state), _other(common))):
            begun = one.begun(own, figures, shared)
            forecast = one.forecast(begun, figures).shocked(begun, shared)
            scored.append(one.scored(begun, figures, forecast))
            learnt.append(one.learnt(begun, figures, forecast, shared))
            densities.append(forecast.log_density(figures, begun))
        favour = KEPT * state["favour"] + OWN * (densities[1] - densities[0]) + PEERS * common["favour"]
        after = {**_joined(*learnt), "favour": np.clip(favour, -MOST, MOST)}
        return _mixed(scored[0], scored[1], weight_of_lasting(state["favour"])), after

    def inflate(self, state: State, which: BoolVector) -> State:
        first, second = self.steady.inflate(state, which), self.lasting.inflate(_other(state), which)
        return {**_joined(first, second), "favour": state["favour"]}


def weight_of_lasting(favour: Vector) -> Vector:
    """Give the weight of the second setting, 0 to 1, by what figures have told for it (log odds beside `LEAN`)."""
    weight: Vector = special.expit(LEAN + favour)
    return weight


def _mixed(first: Scored, second: Scored, weight: Vector) -> Scored:
    """Mix two settings: their tails, on the side where the deviate lies, and what they expected."""
    side = np.where(first.z + second.z > 0.0, -1.0, 1.0)

    def mix(one: Vector, two: Vector) -> Vector:
        mixed: Vector = one + weight * (two - one)
        return mixed

    z = side * special.ndtri(mix(special.ndtr(side * first.z), special.ndtr(side * second.z)))
    z = np.minimum(np.maximum(z, -LARGEST_DEVIATE), LARGEST_DEVIATE)
    others = (
        mix(getattr(first, name), getattr(second, name)) for name in ("expected", "low", "high", "moved", "usual")
    )
    return Scored(z, *others)


def _joined(first: Mapping[str, Matrix], second: Mapping[str, Matrix]) -> dict[str, Matrix]:
    return {**first, **{OTHER + name: array for name, array in second.items() if name not in SHARED}}


def _other(both: Mapping[str, Matrix]) -> dict[str, Matrix]:
    own = {name.removeprefix(OTHER): array for name, array in both.items() if name.startswith(OTHER)}
    return {**own, **{name: both[name] for name in SHARED if name in both}}


def _mean_of_others(gained: Vector, groups: IntVector) -> Vector:
    """Give each series the mean of its peers that have something to say; 0 where they are too few."""
    speaks = gained != 0.0
    total, number = np.bincount(groups, gained), np.bincount(groups, speaks)
    others = number[groups] - speaks
    mean: Vector = np.where(number[groups] >= FEWEST_PEERS, (total[groups] - gained) / np.maximum(others, 1), 0.0)
    return mean


gaussian = Bank("gaussian", steady, lasting)
"""Rates."""
