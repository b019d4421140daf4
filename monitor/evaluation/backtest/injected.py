"""What methods find of worsenings planted in real series, at the same rate of false alarms on the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.detectors import detector_for, fold
from monitor.detectors.contract import Values
from monitor.errors import BadRequest
from monitor.evaluation.backtest.material import Material
from monitor.evaluation.backtest.planting import Window, planted
from monitor.evaluation.detection.matching import alarms, threshold
from monitor.evaluation.detection.methods import METHODS
from monitor.evaluation.detection.methods.ours import ours, surprise
from monitor.evaluation.detection.outcomes import Estimate, Outcome, difference, outcome
from monitor.evaluation.detection.panel import FEWEST_PEERS, Panel
from monitor.evaluation.detection.truth import Truth
from monitor.model import Kind

OURS, PEERS = ours.name, "peer_relative_z"
OTHERS = (PEERS, "peer_relative_ewma", "xmr", "ears_c2")
RATES = (0.01, 0.02)
"""False alarms per control period at which G11 and G12 compare (detection.md §8)."""
MATCHED, THEORY = "matched", "theory"
"""Where a threshold comes from: the controls themselves, favouring nobody; or theory, which has seen nothing."""
FINE = 1_000.0
"""Bare rates are multiplied by this for other methods: the half that they add to counts is nothing then."""


@dataclass(frozen=True, slots=True)
class Row:
    """One method in one window at one threshold."""

    window: str
    method: str
    source: str
    rate: float
    threshold: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Ahead:
    """By how much more our default finds than another method at one rate, on the same plantings."""

    window: str
    than: str
    rate: float
    found: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Injected:
    """All that a run gave, windows in their order."""

    material: Material
    seeds: tuple[int, ...]
    rows: tuple[Row, ...]
    ahead: tuple[Ahead, ...]
    truths: Mapping[str, Truth]
    evidence: Mapping[tuple[str, str], np.ndarray]  # by window and method


def inject(
    material: Material,
    windows: Sequence[Window],
    seeds: Sequence[int],
    progress: Callable[[int], None] = lambda done: None,
) -> Injected:
    """Plant, score and compare; one step of progress for each window and seed.

    Raises
    ------
    BadRequest
        No planting found a series with enough past and a whole year after its onset.
    """
    rows: list[Row] = []
    ahead: list[Ahead] = []
    truths: dict[str, Truth] = {}
    said: dict[tuple[str, str], np.ndarray] = {}
    for judged in windows:
        truth, evidence = _heard(material, judged, seeds, progress)
        if not truth.has_event.any() or not truth.quiet.any():
            raise BadRequest(
                f"{material.name}, {judged.name}: no series has two years of past and a whole year to follow; "
                "choose another --ending, or more --seeds"
            )
        rows += [row for name in evidence for row in _rows(judged.name, name, evidence[name], truth)]
        ahead += [_ahead(judged.name, name, rate, evidence, truth) for name in OTHERS for rate in RATES]
        truths[judged.name] = truth
        said |= {(judged.name, name): some for name, some in evidence.items()}
    return Injected(material, tuple(seeds), tuple(rows), tuple(ahead), truths, said)


def _heard(
    material: Material, judged: Window, seeds: Sequence[int], progress: Callable[[int], None]
) -> tuple[Truth, dict[str, np.ndarray]]:
    """Put the plantings of all seeds side by side; a series is one cluster in all of them."""
    truths, heard = [], []
    for seed in seeds:
        trial = planted(material, judged, seed)
        truths.append(trial.truth)
        panel = panel_of(trial.material, judged)
        others = {name: METHODS[name].evidence(panel)[judged.rows] for name in OTHERS}
        heard.append({OURS: evidence_of(trial.material)[judged.rows], **others})
        progress(1)
    one = truths[0]
    event, quiet, cluster = (np.hstack([getattr(each, name) for each in truths]) for name in _SIDES)
    truth = Truth(one.per_year, event, quiet, cluster, one.reaches)
    return truth, {name: np.hstack([each[name] for each in heard]) for name in heard[0]}


_SIDES = ("event", "quiet", "cluster")


def evidence_of(material: Material) -> np.ndarray:
    """Give the service's evidence of worsening for every period, -log10 of its tail, by the worker's own step."""
    detector, width = detector_for(material.kind), len(material.series)
    state = fold.start(detector, width, material.per_year)
    sign, found = np.full(width, material.sign), np.empty(material.numerator.shape)
    regions = material.regions if (material.regions >= 0).any() else None
    for row, years in enumerate(material.years):
        values = Values(row, float(years), material.numerator[row], material.denominator[row])
        state, step = fold.step(detector, state, values, material.groups, None, sign, regions)
        found[row] = surprise(step.evidence.worse)
    return found


def panel_of(material: Material, judged: Window) -> Panel:
    """Give the series as other methods read them."""
    bare = np.isnan(material.denominator)
    scale = np.where(bare & (material.kind in (Kind.RATE, Kind.PROPORTION)), FINE, 1.0)
    width = len(material.series)
    kind = "score" if material.kind is Kind.SCORE else "rate"
    return Panel(
        material.per_year, material.numerator * scale, material.denominator, np.full(width, kind),
        np.full(width, material.sign), material.groups, judged.rows, np.full(material.numerator.shape, np.nan),
    )  # fmt: skip


def _rows(name: str, method: str, evidence: np.ndarray, truth: Truth) -> list[Row]:
    found = []
    for rate in RATES:
        at = threshold(evidence, truth, rate)
        found.append(Row(name, method, MATCHED, rate, at, outcome(alarms(evidence, at), truth)))
        if method == OURS:
            own = float(-np.log10(rate))
            found.append(Row(name, method, THEORY, rate, own, outcome(alarms(evidence, own), truth)))
    return found


def _ahead(name: str, other: str, rate: float, evidence: Mapping[str, np.ndarray], truth: Truth) -> Ahead:
    alarm, than = (alarms(evidence[one], threshold(evidence[one], truth, rate)) for one in (OURS, other))
    return Ahead(name, other, rate, difference(alarm, than, truth))


def alone(material: Material) -> bool:
    """Say whether no group has peers enough for what they share to be taken out."""
    return bool(np.bincount(material.groups).max(initial=0) < FEWEST_PEERS)
