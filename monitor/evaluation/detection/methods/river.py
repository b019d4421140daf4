"""River's detectors, one model a series; their two-sided scores are signed here, which favours them.

Traps of river 0.26.1 that are met here (detection.md §9): a windowed `GaussianScorer` raises TypeError on a nearly
constant past, one NaN poisons it for good, and `HalfSpaceTrees` needs inputs within [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from monitor.evaluation.detection.methods.method import SILENT, Method

WINDOW_YEARS = {52: 1, 12: 2}
"""Years of a window: 52 weeks, as measured in detection.md §2, or 24 months."""
GRACE_YEARS = 1
TREES, HEIGHT, SEED = 10, 6, 42


def _gaussian(values: np.ndarray, per_year: int) -> np.ndarray:
    """Score one series by a windowed normal."""
    from river import anomaly  # here: river takes a second to import

    window, grace = WINDOW_YEARS[per_year] * per_year, GRACE_YEARS * per_year
    model: Any = anomaly.GaussianScorer(window_size=window, grace_period=grace)  # type: ignore[no-untyped-call]
    scores, total, number = np.full(values.size, SILENT), 0.0, 0
    for place in np.flatnonzero(np.isfinite(values)):
        value = float(values[place])
        if number >= grace:
            scores[place] = np.copysign(_asked(model, value), value - total / number)
        model.learn_one(None, value)
        total, number = total + value, number + 1
    return scores


def _asked(model: Any, value: float) -> float:
    try:
        return float(model.score_one(None, value))
    except TypeError:  # a nearly constant past has a variance below 0 (river 0.26.1)
        return 0.0


def _half_space_trees(values: np.ndarray, per_year: int) -> np.ndarray:
    """Score one series by trees over its value and the one before, scaled by the range of its first two years."""
    from river import anomaly

    first = values[: 2 * per_year]
    low, high = np.nanmin(first), np.nanmax(first)
    scaled = np.clip((values - low) / max(high - low, 1e-12) * 0.5 + 0.25, 0.0, 1.0)
    model: Any = anomaly.HalfSpaceTrees(n_trees=TREES, height=HEIGHT, window_size=per_year, seed=SEED)
    scores, before, middle = np.full(values.size, SILENT), 0.5, float(np.nanmedian(scaled[: 2 * per_year]))
    for place in np.flatnonzero(np.isfinite(values)):
        features = {"now": float(scaled[place]), "before": before}
        if place >= 2 * per_year:
            scores[place] = np.copysign(model.score_one(features), features["now"] - middle)
        model.learn_one(features)
        before = features["now"]
    return scores


def _each(one: Callable[[np.ndarray, int], np.ndarray], values: np.ndarray, per_year: int) -> np.ndarray:
    return np.column_stack([one(series, per_year) for series in values.T])


gaussian = Method(
    "river_gaussian", "river GaussianScorer, windowed, on values as they are",
    lambda panel: _each(_gaussian, panel.readings(), panel.per_year),
)  # fmt: skip
gaussian_of_peers = Method(
    "river_gaussian_peer_relative", "the same on the value over its peers' median",
    lambda panel: _each(_gaussian, panel.against_peers(), panel.per_year),
)  # fmt: skip
half_space_trees = Method(
    "river_half_space_trees", "river HalfSpaceTrees on the value over its peers' median and the one before",
    lambda panel: _each(_half_space_trees, panel.against_peers(), panel.per_year), is_slow=True,
)  # fmt: skip
