"""What a method may see of drawn series, and nothing of their truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.evaluation.detection.chance import exact_deviates
from monitor.evaluation.detection.family_a import TESTED, WEEKS, PanelA
from monitor.evaluation.detection.family_b import KINDS, PanelB

FEWEST_PEERS = 8
"""Below this there are no peers to be compared with, for any method."""
YEAR_OF_START = 10.0
"""Years from 2000 to the first period."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Series side by side; arrays over time are of shape (periods, series), oldest first.

    Parameters
    ----------
    numerator, denominator
        As detectors read them: a missing numerator is NaN, a denominator of NaN says that there is none.
    kind
        `count`, `rate` or `score`, shape (series,).
    sign
        +1 where a rise is worse, -1 where a fall is.
    group
        Peer group of each series, numbered from 0; those of one group share their indicator.
    judged
        Rows that are judged; earlier ones only teach.
    deviates
        Standardised distance of what is seen from what whoever knows all but the changes expects, worse upwards.
        For the oracle alone: a method that reads it is none.
    """

    per_year: int
    numerator: np.ndarray
    denominator: np.ndarray
    kind: np.ndarray
    sign: np.ndarray
    group: np.ndarray
    judged: slice
    deviates: np.ndarray

    @property
    def years(self) -> np.ndarray:
        """Middles of the periods in years since 2000."""
        return np.asarray(YEAR_OF_START + (np.arange(len(self.numerator)) + 0.5) / self.per_year)

    def values(self) -> np.ndarray:
        """Give counts, rates or means as people plot them, turned so that up is worse."""
        return np.asarray(self.sign * self.numerator / np.where(np.isnan(self.denominator), 1.0, self.denominator))

    def readings(self) -> np.ndarray:
        """Give log((y + ½)/E) of counts and rates, and mean scores, turned so that up is worse."""
        size = np.where(np.isnan(self.denominator), 1.0, self.denominator)
        log_rates = np.log((np.maximum(self.numerator, 0.0) + 0.5) / size)
        return np.asarray(self.sign * np.where(self.kind == "score", self.numerator / size, log_rates))

    def against_peers(self) -> np.ndarray:
        """Give the readings less their group's median of the period; as they are where there are too few peers."""
        readings = self.readings()
        for group in np.flatnonzero(np.bincount(self.group) >= FEWEST_PEERS):
            members = readings[:, self.group == group]
            there = np.isfinite(members).any(axis=1)
            members[there] -= np.nanmedian(members[there], axis=1, keepdims=True)
            readings[:, self.group == group] = members
        return readings

    def turned(self) -> Panel:
        """Give the panel with worse and better exchanged."""
        return Panel(
            self.per_year, self.numerator, self.denominator, self.kind, -self.sign, self.group, self.judged,
            -self.deviates,
        )  # fmt: skip


def of_a(drawn: PanelA) -> Panel:
    """Give family A to see: plain counts that rise, no series another's peer."""
    series = drawn.counts.shape[1]
    return Panel(
        52, drawn.counts, np.full((WEEKS, series), np.nan), np.full(series, "count"), np.ones(series),
        np.arange(series), TESTED, exact_deviates(drawn.counts, drawn.mean, drawn.dispersion),
    )  # fmt: skip


def of_b(drawn: PanelB) -> Panel:
    """Give family B to see: a signal's peers are the same signal of its organisation's peer group."""
    kind, signals = np.array(KINDS)[drawn.signal], len(KINDS)
    return Panel(
        drawn.per_year, drawn.numerator, drawn.denominator, kind, drawn.sign.astype(float),
        drawn.group * signals + drawn.signal, drawn.evaluated, drawn.deviate,
    )  # fmt: skip
