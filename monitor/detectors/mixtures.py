"""Unusual mixtures: organisations whose scores, each perhaps harmless, are together unlike any their peers have had.

A hint for operators, never a signal: it opens no case and stands in no message. One model per peer group, made
anew from stored scores, oldest first, whenever somebody asks; nothing of river is ever saved.

References
----------
Tan, Ting & Liu (2011), Fast anomaly detection for streaming data, IJCAI; river 0.26.1, `anomaly.HalfSpaceTrees`;
its place here: detection.md §9.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from monitor.detectors.contract import Matrix
from monitor.model import Vector

CLIPPED = 4.0
"""Deviates end here before they are scaled to 0..1: unscaled, the trees score everything 0."""
UNKNOWN = 0.5
"""Stands for a missing score: what nobody knows is in the middle."""
COMPARED_MONTHS = 12
TREES, HEIGHT, SEED = 25, 8, 1
FEWEST_MONTHS = 12
"""Months that fill the trees before their scores mean anything; river says 0 until then, we say nothing."""


def mixtures(months: Sequence[Matrix]) -> Matrix:
    """Give how unusual each organisation's mixture was in each month, 0 to 1; NaN while the trees fill.

    Each month is looked at before it is learnt.

    Parameters
    ----------
    months
        Scores in deviates, one matrix a month, oldest first, each of shape (organisations, series); NaN = missing.
    """
    from river import anomaly  # here: river takes a second to import, and few commands use it

    if not months:
        return np.zeros((0, 0))
    organisations, series = months[0].shape
    names = [str(place) for place in range(series)]
    trees: Any = anomaly.HalfSpaceTrees(
        n_trees=TREES, height=HEIGHT, window_size=max(organisations * FEWEST_MONTHS, 1), seed=SEED,
        limits=dict.fromkeys(names, (0.0, 1.0)),
    )  # fmt: skip
    found = np.full((len(months), organisations), np.nan)
    for number, month in enumerate(months):
        vectors = [dict(zip(names, row, strict=True)) for row in scaled(month).tolist()]
        if number >= FEWEST_MONTHS:
            found[number] = [trees.score_one(vector) for vector in vectors]
        for vector in vectors:
            trees.learn_one(vector)
    return found


def scaled(deviates: Matrix) -> Matrix:
    """Bring deviates to 0..1, a missing one to the middle.

    >>> scaled(np.array([[-9.0, 0.0, 2.0, np.nan]])).tolist()
    [[0.0, 0.5, 0.75, 0.5]]
    """
    clipped = np.clip(deviates, -CLIPPED, CLIPPED)
    return np.where(np.isfinite(deviates), (clipped + CLIPPED) / (2 * CLIPPED), UNKNOWN)


def rank(scores: Matrix) -> Vector:
    """Give the share of the group's scores of the year before that each of the last month's exceeds; NaN: none."""
    earlier = scores[-COMPARED_MONTHS - 1 : -1]  # not older ones: scores drift as the trees fill and feeds join
    before = earlier[np.isfinite(earlier)]
    if not len(scores) or not before.size:
        return np.full(scores.shape[1] if scores.ndim > 1 else 0, np.nan)
    return np.array([np.mean(before < score) if np.isfinite(score) else np.nan for score in scores[-1]])
