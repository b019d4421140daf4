"""A stored row of scores, and what is scored again of it: new columns over old ones (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from monitor.gathering import places
from monitor.kept import Arrays, Scores

DOUBTED = "doubted"
"""Of a row in which somebody's figure is not believed: why, by its code in detectors/belief.py; 0: it is believed."""


def patched(scores: Scores | None, new: Scores, keep: Iterable[str] = ()) -> Scores:
    """Write new columns over a stored row of scores; those in `keep` stay where they were scored before."""
    if scores is None:
        return new
    new = _told(new, scores.organisations)
    codes = _together(scores.organisations, new.organisations)
    old, fresh_ = places(scores.organisations, codes), places(new.organisations, codes)
    stays = {code for code in keep if code in scores.organisations}
    moves = np.array([code not in stays for code in new.organisations], dtype=bool) if stays else slice(None)
    into, listed = fresh_[moves], codes == scores.organisations
    arrays = {}
    stored = _whole(scores)
    for name, array in _whole(new).items():
        if listed:  # so nearly always
            whole = stored[name].copy()
        else:
            whole = np.full(len(codes), np.nan)
            whole[old] = stored[name]
        whole[into] = array[moves]
        arrays[name] = whole
    return Scores(new.block, new.number, new.period, codes, without_doubt(arrays))


def _whole(scores: Scores) -> Arrays:
    """Give the arrays of a row with nobody doubted where it says nothing of that."""
    return {DOUBTED: np.zeros(len(scores.organisations)), **scores.arrays}


def without_doubt(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Leave out what is said of doubt where nobody is doubted, as in nearly every row."""
    return arrays if arrays[DOUBTED].any() else {name: array for name, array in arrays.items() if name != DOUBTED}


def _told(new: Scores, listed: tuple[str, ...]) -> Scores:
    """Leave out who was not there when a period was scored and of whom nothing has come since."""
    here = places(new.organisations, listed) < len(listed)
    if here.all():
        return new
    silent = np.isnan(new.arrays["numerator"]) & np.isnan(new.arrays["worse"])
    rows = np.flatnonzero(~silent | here)
    codes = tuple(new.organisations[row] for row in rows)
    return Scores(new.block, new.number, new.period, codes, {name: array[rows] for name, array in new.arrays.items()})


@lru_cache(maxsize=1_000)
def _together(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Join two lists of organisations, in code order; few differ from one period to the next."""
    return tuple(sorted({*some, *others}))
