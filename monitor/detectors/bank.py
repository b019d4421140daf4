"""Two settings of one filter, mixed online per series: one for deviations that pass, one for those that stay.

Each setting is weighed by how well it has foretold the figures, a series' own and its peers'; so white rates
are judged as white and sickness by its memory, with no setting by hand.

References
----------
detection.md §6.2 (own log-likelihood by half, the peers' mean in full, forgetting .98). West and Harrison (1997),
Bayesian Forecasting and Dynamic Models, 2nd ed., sec. 12.2 (multi-process models, class I).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

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

KEPT = 0.98
"""Share of the evidence for a setting that a period leaves."""
OWN = 0.5
"""Weight of a series' own log-likelihood; its peers' mean weighs 1."""
MOST = 20.0
"""Log odds end here: more says no more, and would take years to come back."""
OTHER = "lasting_"
"""Prefix of what belongs to the second setting."""


@dataclass(frozen=True, slots=True)
class Bank:
    """A filter that passes and one that stays; a `Detector`. `favour` holds the log odds of the second."""

    name: str
    steady: Gaussian
    lasting: Gaussian
    version: str = "3"

    def start(self, series: int, *, per_year: int) -> State:
        """Give the state of series that have seen nothing."""
        first, second = (one.start(series, per_year=per_year) for one in (self.steady, self.lasting))
        return {**_joined(first, second), "favour": np.zeros(series)}

    def settle(self, state: State, values: Values, groups: IntVector) -> Common:
        """Find the shock under each setting, and which of the two the peers' figures speak for."""
        other = _other(state)
        common = _joined(self.steady.settle(state, values, groups), self.lasting.settle(other, values, groups))
        gained = self._gained(state, values, common)
        return {**common, "favour": _mean_of_others(gained, groups)}

    def score(self, state: State, values: Values, common: Common) -> Scored:
        first = self.steady.score(state, values, common)
        second = self.lasting.score(_other(state), values, _other(common))
        weight = special.expit(state["favour"])

        def mix(one: Vector, two: Vector) -> Vector:
            mixed: Vector = one + weight * (two - one)
            return mixed

        high, low = (mix(special.ndtr(s * first.z), special.ndtr(s * second.z)) for s in (-1.0, 1.0))
        z = np.where(high < low, -special.ndtri(high), special.ndtri(low))
        z = np.clip(z, -LARGEST_DEVIATE, LARGEST_DEVIATE)
        return Scored(z, mix(first.expected, second.expected), mix(first.low, second.low), mix(first.high, second.high))

    def learn(self, state: State, values: Values, common: Common) -> State:
        favour = KEPT * state["favour"] + OWN * self._gained(state, values, common) + common["favour"]
        first = self.steady.learn(state, values, common)
        second = self.lasting.learn(_other(state), values, _other(common))
        return {**_joined(first, second), "favour": np.clip(favour, -MOST, MOST)}

    def inflate(self, state: State, which: BoolVector) -> State:
        first, second = self.steady.inflate(state, which), self.lasting.inflate(_other(state), which)
        return {**_joined(first, second), "favour": state["favour"]}

    def _gained(self, state: State, values: Values, common: Common) -> Vector:
        """Give how much better the second setting foretold a period, in log likelihood."""
        return self.lasting.log_density(_other(state), values, _other(common)) - self.steady.log_density(
            state, values, common
        )


def _joined(first: Mapping[str, Matrix], second: Mapping[str, Matrix]) -> dict[str, Matrix]:
    return {**first, **{OTHER + name: array for name, array in second.items()}}


def _other(both: Mapping[str, Matrix]) -> dict[str, Matrix]:
    return {name.removeprefix(OTHER): array for name, array in both.items() if name.startswith(OTHER)}


def _mean_of_others(gained: Vector, groups: IntVector) -> Vector:
    """Give each series the mean of its peers that have something to say; 0 where they are too few."""
    speaks = gained != 0.0
    total, number = np.bincount(groups, gained), np.bincount(groups, speaks)
    others = number[groups] - speaks
    mean: Vector = np.where(number[groups] >= FEWEST_PEERS, (total[groups] - gained) / np.maximum(others, 1), 0.0)
    return mean


gaussian = Bank("gaussian", steady, lasting)
"""Rates."""
