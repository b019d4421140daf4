"""Any anomaly or drift detector of river by its name, for a single indicator that configuration gives it.

River's scores are of many scales, so each is ranked among the scores that the same model gave to the series' own
past; a drift detector says only whether something has changed at this figure. As in `river_backed`, a model is
made anew from the window of figures, and nothing of river is ever saved.

References
----------
river 0.26.1, `river.anomaly` and `river.drift`; traps: detection.md §9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as release
from inspect import signature
from typing import Any

import numpy as np
from scipy import special

from monitor.detectors.contract import BoolVector, Common, Detector, IntVector, Scored, State, Values
from monitor.detectors.river_backed import FLAT, RiverBacked, each_judged, gaussian_scorer
from monitor.errors import BadRequest
from monitor.model import Vector

PREFIX = "river:"
VERSION = "2"
SETTLING = 0.5
"""Part of the past that a model learns from before its scores count as its own past."""
SEED = 1
NAMELESS = frozenset(
    {"QuantileFilter", "ThresholdFilter", "DriftRetrainingClassifier", "DummyDriftDetector", "NoDrift"}
)
"""They wrap another model, or look at nothing."""
Step = Callable[[Any, float, float], float]
"""Gives a model's score of a figure and has it learnt; also given: the figure scaled to 0..1 by its past."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A river model whose score of a figure is ranked among those of the figures before it; a `Detector`."""

    name: str
    make: Callable[[], Any]
    step: Step
    version: str
    windows: RiverBacked = gaussian_scorer

    def start(self, series: int, *, per_year: int) -> State:
        """Give the state of series that have seen nothing."""
        return self.windows.start(series, per_year=per_year)

    def settle(self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None) -> Common:
        return self.windows.settle(state, values, groups, regions)

    def score(self, state: State, values: Values, common: Common) -> Scored:
        return each_judged(state, values, self._judge)

    def _judge(self, past: Vector, figure: float) -> tuple[float, float, float, float]:
        middle = float(np.median(past))
        low, high = (float(edge) for edge in np.quantile(past, (0.025, 0.975)))
        if high - low <= FLAT * max(abs(middle), 1.0):  # nothing to rank among: river's scores of it mean nothing
            return _beyond(past.size, figure - middle, middle), middle, low, high
        *before, now = self._scores(np.append(past, figure))
        return float(np.copysign(deviate(np.array(before), now), figure - middle)), middle, low, high

    def _scores(self, figures: Vector) -> Iterator[float]:
        """Look at each figure, then take it in; what is said of the first ones does not count."""
        model, past = self.make(), figures[:-1]
        least, width = float(past.min()), float(np.ptp(past))
        settled = int(past.size * SETTLING)
        for place, figure in enumerate(figures.tolist()):
            scaled = min(max((figure - least) / width, 0.0), 1.0)
            score = self.step(model, figure, scaled)
            if place >= settled:
                yield score

    def learn(self, state: State, values: Values, common: Common) -> State:
        return self.windows.learn(state, values, common)

    def take(self, state: State, values: Values, common: Common) -> tuple[Scored, State]:
        return self.score(state, values, common), self.learn(state, values, common)

    def turn(
        self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None
    ) -> tuple[Common, Scored, State]:
        common = self.settle(state, values, groups, regions)
        return common, *self.take(state, values, common)

    def inflate(self, state: State, which: BoolVector) -> State:
        """Forget everything: a window has no level to loosen."""
        return self.windows.inflate(state, which)


def deviate(before: Vector, now: float) -> float:
    """Give the two-sided deviate of a score by its rank among the earlier ones; the least of them gives 0.

    >>> round(deviate(np.arange(19.0), 30.0), 2), deviate(np.zeros(19), 0.0)
    (1.96, 0.0)
    """
    if not before.size or not np.isfinite(now):
        return 0.0
    return float(special.ndtri(0.5 + 0.5 * float(np.sum(before < now)) / (before.size + 1)))


def _beyond(figures: int, change: float, middle: float) -> float:
    """Give the deviate of what lies beyond so many equal figures; 0 where it is one of them."""
    if abs(change) <= FLAT * max(abs(middle), 1.0):
        return 0.0
    return float(np.copysign(special.ndtri(0.5 + 0.5 * figures / (figures + 1)), change))


@cache
def named(name: str) -> Detector:
    """Give the river detector of a name such as `river:HalfSpaceTrees` or `river:ADWIN`.

    Raises `BadRequest` where river has none of this name that can be used here.
    """
    if name == gaussian_scorer.name:
        return gaussian_scorer
    from river import anomaly, drift  # here: river takes a second to import, and few deployments use it

    wanted = name.removeprefix(PREFIX)
    made = getattr(anomaly, wanted, None) or getattr(drift, wanted, None)
    if not name.startswith(PREFIX) or wanted in NAMELESS or not isinstance(made, type):
        raise BadRequest(f"{name}: no detector of this name; a name of river.anomaly or river.drift after {PREFIX}")
    return Ranked(name, lambda: _made(made), _way(made), version=f"{release('river')}/{VERSION}")


def _way(kind: type[Any]) -> Step:
    if hasattr(kind, "drift_detected"):
        return _changes
    return _surprises if "y" in signature(kind.learn_one).parameters else _stands_out


def _made(kind: type[Any]) -> Any:
    options: dict[str, Any] = {
        "HalfSpaceTrees": {"window_size": 12, "limits": {"figure": (0.0, 1.0)}, "seed": SEED},
        "LODA": {"seed": SEED},
        "ADWIN": {"clock": 1},  # it would look at every 32nd figure only
        "KSWIN": {"window_size": 24, "stat_size": 8, "seed": SEED},  # its own 100 are more than a window holds
        "GaussianScorer": {"grace_period": 2},
    }
    return kind(**options.get(kind.__name__, {}))


def _changes(model: Any, figure: float, scaled: float) -> float:
    model.update(figure)
    return float(model.drift_detected)


def _surprises(model: Any, figure: float, scaled: float) -> float:
    score = abs(float(model.score_one({}, figure)))
    model.learn_one({}, figure)
    return score


def _stands_out(model: Any, figure: float, scaled: float) -> float:
    score = float(model.score_one({"figure": scaled}))
    model.learn_one({"figure": scaled})
    return score
