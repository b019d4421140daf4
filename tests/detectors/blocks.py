"""Makers of blocks for tests: figures under every shape that publications take."""

import numpy as np

from monitor.detectors import fold
from monitor.detectors.contract import Detector, State, Values
from monitor.detectors.fold import Step
from monitor.model import Vector

PER_YEAR = (52, 12, 4, 3, 1)


def periods(
    series: int, count: int, *, per_year: int = 12, seed: int = 1, mean: float = 40.0, missing: float = 0.05
) -> list[Values]:
    """Make Poisson figures over an exposure of 100, some of them missing, some periods shared by a shock."""
    rng = np.random.default_rng(seed)
    shocks = np.where(rng.random(count) < 0.1, rng.normal(0, 0.3, count), 0.0)
    figures = rng.poisson(np.minimum(mean * np.exp(shocks[:, None]), 90.0) * np.ones((count, series))).astype(float)
    figures = np.minimum(figures, 100.0)
    figures[rng.random(figures.shape) < missing] = np.nan
    return [Values(t, 10 + (t + 0.5) / per_year, figures[t], np.full(series, 100.0)) for t in range(count)]


def fold_all(
    detector: Detector, state: State, values: list[Values], groups: np.ndarray, sign: Vector
) -> tuple[State, list[Step]]:
    steps = []
    for one in values:
        state, step = fold.step(detector, state, one, groups, None, sign)
        steps.append(step)
    return state, steps


def only(values: Values, rows: np.ndarray) -> Values:
    return Values(values.period, values.years, values.numerator[rows], values.denominator[rows])
