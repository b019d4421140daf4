"""The moving baseline of a block: level, slope and season per series, in arrays that a step can share.

The vector of a series is (level, slope a year, cos, sin, cos 2, sin 2, …, deviation). Level moves by its slope from
period to period, so that a period is read by the same row F = (1, 0, cos, sin, …, 1) for every series.

References
----------
West and Harrison (1997), Bayesian Forecasting and Dynamic Models, 2nd ed., ch. 5-8 (trend and Fourier forms).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from monitor.detectors.contract import Matrix, State, cadence, warm_up
from monitor.model import Vector

ANCHOR = 0.1
"""Share of a common shock that each level takes up; without it shock and levels drift apart (detection.md §5)."""
STAYS_A_MONTH = 0.8
"""What is left of a deviation a month later (detection.md §6.2, the setting for sickness)."""
FADES_A_MONTH = 0.8
"""What is left after a month of how far a baseline was moved: the reference is some four months old."""


def harmonics(per_year: int) -> int:
    """Say how many harmonics the season has: two weekly, one monthly, none below six periods a year."""
    if per_year < 6:
        return 0
    return 2 if per_year >= 26 else 1


@lru_cache(maxsize=1_000)
def regressors(years: float, terms: int) -> Vector:
    """Give the row F of a period for a vector of this many terms: 1, 0, cos and sin of harmonics, 1; read only."""
    row = np.zeros(terms)
    row[0] = row[-1] = 1.0
    angles = 2.0 * np.pi * years * np.arange(1, (terms - 3) // 2 + 1)
    row[2:-1:2], row[3:-1:2] = np.cos(angles), np.sin(angles)
    row.flags.writeable = False
    return row


def terms(per_year: int) -> int:
    """Say how many terms the vector of a series has."""
    return 3 + 2 * harmonics(per_year)


@lru_cache
def stays(per_year: int) -> float:
    """Give rho, what is left of a deviation a period later."""
    return float(STAYS_A_MONTH ** (12.0 / per_year))


def look(mean: Matrix, covariance: Matrix, row: Vector) -> tuple[Vector, Matrix, Vector]:
    """Predict: f = F'm, g = C F and q = F'C F, g with the terms first.

    The arrays come with the series first, as states hold them; a transpose makes each term's row
    contiguous, which is where the speed comes from.
    """
    terms, series = row.size, mean.shape[0]
    gain = (row @ np.ascontiguousarray(covariance.T).reshape(terms, terms * series)).reshape(terms, series)
    return row @ mean.T, gain, row @ gain


def absorb(mean: Matrix, covariance: Matrix, gain: Matrix, *, shift: Vector, shrink: Vector) -> tuple[Matrix, Matrix]:
    """Correct by one observation: m + g shift and C - g g' shrink, as new arrays with the series first."""
    before = np.ascontiguousarray(covariance.T)
    after = np.einsum("in,jn->ijn", gain, gain * -shrink)
    after += before
    return (mean.T + gain * shift).T, after.T


def follow(way: Matrix, gain: Matrix, shift: Vector, state: State) -> Matrix:
    """Give how far own figures have moved each term of late, carried to the next period; the deviation goes by itself.

    What a figure moved fades, but not while a series is latched, or where nothing came; nothing counts before the
    warm-up is over.
    """
    per_year = cadence(state)
    kept = np.where((shift != 0.0) & ~state["latched"], FADES_A_MONTH ** (12.0 / per_year), 1.0)
    moved = (way.T * kept + gain[:-1] * shift) * (state["seen"] >= warm_up(state))
    moved[0] += moved[1] / per_year
    back: Matrix = moved.T
    return back


def evolve(mean: Matrix, covariance: Matrix, *, per_year: int, drift: float | Vector, gained: Vector) -> None:
    """Move level by slope and the deviation by rho to the next period, in place.

    `drift` and `gained` are the variances that level and deviation gain.
    """
    step, rho = 1.0 / per_year, stays(per_year)
    mean[:, 0] += step * mean[:, 1]
    rows = covariance.T
    rows[0] += step * rows[1]
    rows[:, 0] += step * rows[:, 1]
    rows[0, 0] += drift
    mean[:, -1] *= rho
    rows[-1] *= rho
    rows[:, -1] *= rho
    rows[-1, -1] += gained


def prior_variances(terms: int, *, level: float, slope: float, season: tuple[float, ...]) -> Vector:
    """Lay prior standard deviations out as the diagonal of C; `season` holds one per harmonic, a deviation is none."""
    seasonal = [sd for sd in season[: (terms - 3) // 2] for _ in ("cos", "sin")]
    variances: Vector = np.square(np.array([level, slope, *seasonal, 0.0]))
    return variances
