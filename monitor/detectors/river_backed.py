"""Detectors of river behind the same promise: any with `score_one` and `learn_one`, one model per series.

A model's state is the window of figures it has taken in, oldest first; the model is made anew from it, so
nothing of river is ever saved (its pickles break between minor versions).

References
----------
river 0.26.1, `river.anomaly`; traps: detection.md §9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from scipy import special

from monitor.detectors import peers
from monitor.detectors.contract import BoolVector, Common, IntVector, Scored, State, Values, warm_up
from monitor.model import Vector

WINDOW_PERIODS = 52
"""Figures a model is made from: a year of weeks, four of months."""
SATURATED = 1e-9
"""River's scores reach 1 exactly; they end this far before it, at 6.1 deviates."""
FLAT = 1e-9
"""A past that moves by less than this part of its size is constant: river divides by its spread."""


class RiverModel(Protocol):
    """What river asks of a detector of single values with a target."""

    def score_one(self, x: object, y: float) -> float:
        """Look."""

    def learn_one(self, x: object, y: float) -> None:
        """Take in."""


Judge = Callable[[Vector, float], tuple[float, float, float, float]]
"""Gives the score of a figure after these, and what was expected: middle, low and high."""


def each_judged(state: State, values: Values, judge: Judge) -> Scored:
    """Score series one by one, each after its own window; how far it has moved an expectation, nobody can tell."""
    figures = figures_of(values)
    shown = np.full((len(fields(Scored)), figures.size), np.nan)
    for index in np.flatnonzero(np.isfinite(figures) & (state["seen"] >= warm_up(state))):
        past = state["window"][index]
        z, expected, low, high = judge(past[np.isfinite(past)], float(figures[index]))
        shown[:, index] = z, expected, low, high, 0.0, expected
    return Scored(*shown)


@dataclass(frozen=True, slots=True)
class RiverBacked:
    """A river detector of single values whose score is a two-sided probability; signed here; a `Detector`.

    There is no peer in it: `settle` finds no shock.
    """

    name: str
    make: Callable[[], RiverModel]
    version: str = "6"

    def start(self, series: int, *, per_year: int) -> State:
        """Give the state of series that have seen nothing."""
        return {
            "per_year": np.full(series, per_year, dtype=np.int64),
            "seen": np.zeros(series, dtype=np.int64),
            "window": np.full((series, WINDOW_PERIODS), np.nan),
        }

    def settle(self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None) -> Common:
        return peers.no_shock(groups, np.zeros(groups.size, dtype=np.bool_))

    def score(self, state: State, values: Values, common: Common) -> Scored:
        return each_judged(state, values, self._judge)

    def _judge(self, past: Vector, figure: float) -> tuple[float, float, float, float]:
        middle, spread = float(past.mean()), float(past.std(ddof=1))
        half = float(special.ndtri(0.975)) * spread
        if spread <= FLAT * max(abs(middle), 1.0):  # river scores a constant series 1.0, or fails
            return _of_flat(figure - middle, middle), middle, middle, middle
        model = self.make()
        for value in past:
            model.learn_one(None, float(value))
        surprise = min(max(float(model.score_one(None, figure)), 0.0), 1.0 - SATURATED)
        z = float(special.ndtri(0.5 + 0.5 * surprise))
        return float(np.copysign(z, figure - middle)), middle, middle - half, middle + half

    def learn(self, state: State, values: Values, common: Common) -> State:
        figures = figures_of(values)
        present = np.isfinite(figures)
        moved = np.column_stack((state["window"][:, 1:], figures))
        return {
            **state,
            "window": np.where(present[:, None], moved, state["window"]),
            "seen": state["seen"] + present,
        }

    def take(self, state: State, values: Values, common: Common) -> tuple[Scored, State]:
        return self.score(state, values, common), self.learn(state, values, common)

    def turn(
        self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None
    ) -> tuple[Common, Scored, State]:
        common = self.settle(state, values, groups, regions)
        return common, *self.take(state, values, common)

    def inflate(self, state: State, which: BoolVector) -> State:
        """Forget everything: a window has no level to loosen."""
        window, seen = state["window"].copy(), state["seen"].copy()
        window[which], seen[which] = np.nan, 0
        return {**state, "window": window, "seen": seen}


def _of_flat(change: float, middle: float) -> float:
    largest = float(special.ndtri(1.0 - 0.5 * SATURATED))
    return 0.0 if abs(change) <= FLAT * max(abs(middle), 1.0) else float(np.copysign(largest, change))


def figures_of(values: Values) -> Vector:
    """Give the rate, or the bare value; NaN where missing, so that none reaches river and stays for ever."""
    bare = np.isnan(values.denominator)
    there = np.isfinite(values.numerator) & (bare | (values.denominator > 0.0))
    bottom = np.where(bare | ~there, 1.0, values.denominator)
    return np.where(there, values.numerator, np.nan) / bottom


def _gaussian_scorer() -> RiverModel:
    from river import anomaly  # here: river takes a second to import, and few deployments use it

    # no window: it is two-sided already, and what is replayed is the window
    model: RiverModel = anomaly.GaussianScorer(grace_period=2)  # type: ignore[no-untyped-call]
    return model


gaussian_scorer = RiverBacked("river:GaussianScorer", _gaussian_scorer)
