"""The registry of detectors: one name, one method, and which of them reads which kind of indicator."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.detectors.bank import gaussian
from monitor.detectors.contract import Detector
from monitor.detectors.counts import counts
from monitor.detectors.gaussian import scores
from monitor.detectors.proportions import proportions
from monitor.detectors.river_backed import gaussian_scorer

detectors: Mapping[str, Detector] = {
    detector.name: detector for detector in (counts, gaussian, scores, proportions, gaussian_scorer)
}
"""Every detector by the name that configuration uses."""

MODELS = {"count": "counts", "rate": "gaussian", "proportion": "proportions", "score": "scores"}
"""Which detector reads an indicator by default (detection.md §5 and §6)."""


def model_for(kind: str) -> str:
    """Name the default detector of a kind of indicator: count, rate, proportion or score.

    >>> detectors[model_for("rate")].name
    'gaussian'
    """
    return MODELS[kind]


def detector_for(kind: str) -> Detector:
    """Give the default detector of a kind of indicator."""
    return detectors[model_for(kind)]
