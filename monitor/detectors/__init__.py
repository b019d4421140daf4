"""The registry of detectors: one name, one method, and which of them reads which kind of indicator."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.detectors.bank import gaussian
from monitor.detectors.contract import Detector
from monitor.detectors.counts import counts
from monitor.detectors.gaussian import scores
from monitor.detectors.proportions import proportions
from monitor.detectors.river_backed import gaussian_scorer
from monitor.detectors.river_named import named
from monitor.model import Indicator

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


def detector_of(indicator: Indicator) -> Detector:
    """Give the detector that reads an indicator: the one that its contract names, else that of its kind.

    `BadRequest` where there is none of this name.
    """
    if indicator.detector is None:
        return detector_for(indicator.kind)
    return detectors.get(indicator.detector) or named(indicator.detector)


def model_of(indicator: Indicator) -> str:
    """Name the model whose states, settlements and scores an indicator has: no other reads them."""
    detector = detector_of(indicator)
    return f"{detector.name}/{detector.version}"
