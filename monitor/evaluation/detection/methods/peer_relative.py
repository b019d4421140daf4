"""The naive chart against which every claim is made: divide by the peers' median, then z of the own history."""

from __future__ import annotations

import numpy as np

from monitor.evaluation.detection.methods.method import Method, moving_average, own_past, spoken
from monitor.evaluation.detection.panel import Panel

FEWEST = 12
"""Earlier values from which a standard deviation is worth having."""
WEIGHT = 0.5


def deviates(panel: Panel) -> np.ndarray:
    """Give z of the log value over its peers' median (of scores, less it) in all of its own past; NaN: missing."""
    readings = panel.against_peers()
    mean, spread, number = own_past(readings, FEWEST)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (readings - mean) / (spread * np.sqrt(1.0 + 1.0 / number))
    return np.asarray(np.where(spread > 0.0, z, np.nan))


def _smoothed(panel: Panel) -> np.ndarray:
    return moving_average(deviates(panel), WEIGHT)


peer_relative = Method(
    "peer_relative_z", "own-history z of the value over its peers' median", lambda panel: spoken(deviates(panel)), 3.0
)
peer_relative_average = Method("peer_relative_ewma", "the same, moving average of weight .5", _smoothed)
