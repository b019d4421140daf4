"""The service's own detectors, through the same step that the worker takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from monitor.detectors import detector_for, fold
from monitor.detectors.contract import Values
from monitor.detectors.evidence import Evidence
from monitor.evaluation.detection.methods.method import SILENT, Method
from monitor.evaluation.detection.panel import Panel

USUAL = 2.0
"""-log10 of a tail of 1 %."""
HELD = 300.0
"""Evidence that a latched worsening has at least: above any threshold, as it shows whatever its evidence is now."""


def steps(panel: Panel, kind: str, series: np.ndarray) -> Iterator[fold.Step]:
    """Give one step after another of the series of one kind."""
    detector = detector_for(kind)
    state = fold.start(detector, series.size, panel.per_year)
    _, groups = np.unique(panel.group[series], return_inverse=True)
    for row, years in enumerate(panel.years):
        values = Values(row, float(years), panel.numerator[row, series], panel.denominator[row, series])
        state, step = fold.step(detector, state, values, groups, None, panel.sign[series])
        yield step


def read_all(panel: Panel, read: Callable[[fold.Step], np.ndarray]) -> np.ndarray:
    """Give what each step says of each series, shape (periods, series); a tail is NaN where nothing was scored."""
    found = np.full(panel.numerator.shape, np.nan)
    for kind in np.unique(panel.kind):
        series = np.flatnonzero(panel.kind == kind)
        for row, step in enumerate(steps(panel, str(kind), series)):
            found[row, series] = read(step)
    return found


def _method(name: str, said: str, read: Callable[[Evidence], np.ndarray]) -> Method:
    def evidence(panel: Panel) -> np.ndarray:
        return surprise(read_all(panel, lambda step: read(step.evidence)))

    return Method(name, said, evidence, USUAL, is_ours=True)


def surprise(tail: np.ndarray) -> np.ndarray:
    """Give -log10 of tails; silent where there is none."""
    return np.asarray(np.where(np.isnan(tail), SILENT, -np.log10(np.maximum(tail, 1e-300))))


def _alone(panel: Panel) -> np.ndarray:
    return surprise(read_all(_lonely(panel), lambda step: step.evidence.worse))


def _held(panel: Panel) -> np.ndarray:
    return read_all(panel, lambda step: surprise(step.evidence.worse) + np.where(step.latched, HELD, 0.0))


def _lonely(panel: Panel) -> Panel:
    """Give the panel without peers: each series is a group of its own."""
    return Panel(
        panel.per_year, panel.numerator, panel.denominator, panel.kind, panel.sign,
        np.arange(panel.group.size), panel.judged, panel.deviates,
    )  # fmt: skip


ours = _method("monitor", "this service: sudden and slow evidence at one budget", lambda evidence: evidence.worse)
sudden = _method("monitor_sudden", "its sudden evidence alone", lambda evidence: evidence.sudden)
slow = _method("monitor_slow", "its slow evidence alone", lambda evidence: evidence.slow)
latched = Method("monitor_latched", "its evidence, or a worsening that is latched and still holds", _held)
alone = Method("monitor_alone", "the same without peers", _alone, USUAL, is_ours=True)
