"""What is planted in drawn series: from when, how far, and how fast; steps and ramps that stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Changes:
    """At most one change a series; arrays of shape (series,).

    Parameters
    ----------
    onset
        First period that is changed; -1: nothing changes.
    size
        Relative size of the whole change, 0 where nothing changes.
    ramp
        Periods until it is whole; 0: a step.
    """

    onset: np.ndarray
    size: np.ndarray
    ramp: np.ndarray

    def reached(self, periods: int) -> np.ndarray:
        """Give the share of the whole change in each period, shape (periods, series).

        >>> step, ramp = Changes(np.array([1, 1]), np.array([.1, .1]), np.array([0, 2])).reached(4).T.tolist()
        >>> step, ramp
        ([0.0, 1.0, 1.0, 1.0], [0.0, 0.5, 1.0, 1.0])
        """
        since = np.arange(periods)[:, None] - self.onset + 1.0
        share = np.clip(since / np.maximum(self.ramp, 1), 0.0, 1.0)
        return np.asarray(np.where(self.onset >= 0, share, 0.0))

    def under_way(self, periods: int) -> np.ndarray:
        """Mark the periods from the onset on, shape (periods, series)."""
        return np.asarray((self.onset >= 0) & (np.arange(periods)[:, None] >= self.onset))

    def where(self, moves: np.ndarray) -> Changes:
        """Give the same changes, but none where a series does not move."""
        return Changes(
            np.where(moves, self.onset, -1), np.where(moves, self.size, 0.0), np.where(moves, self.ramp, 0)
        )  # fmt: skip

    def of(self, series: np.ndarray) -> Changes:
        """Give those of some series, or of an organisation to each of its series, by index."""
        return Changes(self.onset[series], self.size[series], self.ramp[series])


def plant(rng: np.random.Generator, sizes: np.ndarray, *, onset: tuple[int, int], ramp: tuple[int, int]) -> Changes:
    """Draw one change of each size: onset and a ramp's length within [first, last], half of them steps."""
    first, last = onset
    start = rng.integers(first, last + 1, sizes.size)
    shortest, longest = ramp
    length = rng.integers(shortest, longest + 1, sizes.size)
    return Changes(start, sizes, np.where(rng.random(sizes.size) < 0.5, 0, length))
