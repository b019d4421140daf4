"""What moves many organisations at once, and what stays of yesterday: winter, a national shock, shared noise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

WINTER_PEAK_DAY = 10
"""Day of the year around which winter pressure is highest (domain.md §2: January is the worst month)."""
FAMILY_CORRELATION = 0.2
"""Between the innovations of two families of one organisation (detection.md §7)."""
TAILS = 5
"""Degrees of freedom of all innovations (detection.md §7)."""
EARLIER = timedelta(weeks=6)
"""By how much the shock meets one region before the others: it was regional first (detection.md §6)."""
SPREAD = 3.0
"""By how much the spread between peers grows at the height of the shock (detection.md §6)."""


def winter(days: Sequence[date], strengths: np.ndarray) -> np.ndarray:
    """Give the winter bump, a squared cosine over half a year (detection.md §3), scaled per winter.

    Parameters
    ----------
    days
        Middles of periods.
    strengths
        One factor per winter, 1 = usual; the first belongs to the winter around the first new year.
    """
    ordinals = np.array([day.toordinal() - WINTER_PEAK_DAY for day in days])
    phase = 2 * np.pi * ordinals / 365.25 - 2 * np.pi * (date(2001, 1, 1).toordinal() / 365.25)
    nth = np.round((ordinals - date(days[0].year + 1, 1, 1).toordinal()) / 365.25).astype(int)
    bump = np.maximum(np.cos(phase), 0.0) ** 2
    return np.asarray(bump * strengths[np.clip(nth, 0, len(strengths) - 1)])


def shock(days: Sequence[date], start: date, length: timedelta) -> np.ndarray:
    """Give the national shock: half a sine from 0 over 1 to 0, as a pandemic wave has (detection.md §3)."""
    place = np.array([(day - start) / length for day in days])
    return np.where((place > 0) & (place < 1), np.sin(np.pi * np.clip(place, 0, 1)), 0.0)


def heavy(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw from Student's t with 5 degrees of freedom, scaled to variance 1: the tails of real figures."""
    return np.asarray(rng.standard_t(TAILS, shape) * np.sqrt((TAILS - 2) / TAILS))


def correlated(rng: np.random.Generator, shape: tuple[int, int], families: int) -> np.ndarray:
    """Draw innovations of variance 1, shape (families, organisations, periods), correlated between families."""
    shared = heavy(rng, shape)
    own = heavy(rng, (families, *shape))
    return np.asarray(np.sqrt(FAMILY_CORRELATION) * shared + np.sqrt(1 - FAMILY_CORRELATION) * own)


def remembered(innovations: np.ndarray, memory: float | np.ndarray) -> np.ndarray:
    """Turn innovations, shape (…, periods), into an AR(1) that starts in its stationary state.

    Parameters
    ----------
    memory
        Lag-1 autocorrelation, one for all or one for each series; 0 gives the innovations back.
    """
    state = innovations.copy()
    state[..., 0] /= np.sqrt(1 - memory**2)
    for period in range(1, state.shape[-1]):
        state[..., period] += memory * state[..., period - 1]
    return state
