"""What is true of judged series or organisations, against which alarms are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True)
class Truth:
    """Units (series or organisations) over the judged periods; masks are of shape (periods, units), oldest first.

    Parameters
    ----------
    event
        Periods of a change: one run a unit, or none.
    quiet
        Periods in which an alarm is false.
    cluster
        What varies together: intervals come from drawing clusters anew. Shape (units,).
    reaches
        Periods from the onset within which an alarm counts as found, by name.
    parts
        Where realised rates are told apart, by name: masks that combine with `quiet` (a shock, a scenario).
    """

    per_year: int
    event: np.ndarray
    quiet: np.ndarray
    cluster: np.ndarray
    reaches: Mapping[str, int]
    parts: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def has_event(self) -> np.ndarray:
        """Units in which something changes, shape (units,)."""
        return np.asarray(self.event.any(axis=0))


def joined(truths: Sequence[Truth]) -> Truth:
    """Put the units of several draws side by side."""
    first, ahead = truths[0], 0
    clusters = []
    for truth in truths:
        clusters.append(truth.cluster + ahead)
        ahead += int(truth.cluster.max()) + 1
    return Truth(
        first.per_year,
        np.hstack([truth.event for truth in truths]),
        np.hstack([truth.quiet for truth in truths]),
        np.concatenate(clusters),
        first.reaches,
        {name: np.hstack([_wide(truth, name) for truth in truths]) for name in first.parts},
    )


def _wide(truth: Truth, name: str) -> np.ndarray:
    return np.broadcast_to(truth.parts[name], truth.event.shape)
