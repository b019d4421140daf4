"""The two families made ready: what a method sees, what is true, and on which levels both are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from monitor.evaluation.detection import family_a, family_b
from monitor.evaluation.detection.family_a import SCENARIOS, TESTED, PanelA
from monitor.evaluation.detection.family_b import INCIDENTS, SIGNALS, PanelB
from monitor.evaluation.detection.methods.method import SILENT, Method
from monitor.evaluation.detection.methods.oracle import oracle
from monitor.evaluation.detection.panel import Panel, of_a, of_b
from monitor.evaluation.detection.truth import Truth
from monitor.fusion import combine_many

SERIES, ANY, FUSED, FALLS, STEPS = "series", "any signal", "organisation", "reporting falls", "sudden falls"
"""Levels: each series; an organisation by its strongest signal, or fused over its families; falls of reports, and
those of them that come at once: half are ramps over 3-12 months, of which nobody can see much in the first months."""
MONTHS = {"3": 3, "6": 6, "12": 12}
OUTBREAK = {"outbreak": 10**6}
"""Any week of it counts."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is drawn a seed: series of each of family A's scenarios, organisations of family B and of the cases."""

    replicates: int = 20
    organisations: int = 150
    cases: int = 220


FULL, SMALL = Size(), Size(replicates=1, organisations=60, cases=60)


@dataclass(frozen=True, slots=True)
class Trial:
    """One draw of a family."""

    panel: Panel
    truths: Mapping[str, Truth]


def draw(family: str, seed: int, size: Size) -> Trial:
    """Draw family A or B."""
    if family == "A":
        return _trial_a(family_a.draw(seed, size.replicates))
    return _trial_b(family_b.draw(seed, size.organisations))


def levels(trial: Trial, method: Method, said: np.ndarray) -> dict[str, np.ndarray]:
    """Give a method's evidence on every level that it can speak on, over the judged periods.

    `said` is its evidence on each series, over all periods.
    """
    judged = trial.panel.judged
    evidence = said[judged]
    if set(trial.truths) == {SERIES}:
        return {SERIES: evidence}
    by_signal = evidence.reshape(len(evidence), -1, len(SIGNALS))
    found = {SERIES: evidence, ANY: by_signal.max(axis=-1)}
    if method.is_ours:
        found[FUSED] = -np.log10(combine_many(np.where(by_signal == SILENT, 1.0, 10.0**-by_signal)))
    if method is not oracle:  # it knows of the falls too
        found[FALLS] = found[STEPS] = method.evidence(trial.panel.turned())[judged, INCIDENTS :: len(SIGNALS)]
    return found


def _trial_a(drawn: PanelA) -> Trial:
    event = drawn.outbreak[TESTED]
    sets = np.array([number for number, _, _ in SCENARIOS])[drawn.scenario]
    parts = {f"set {number + 1}": (sets == number)[None, :] for number in np.unique(sets)}
    for scenario in np.unique(drawn.scenario):
        number, trend, harmonics = SCENARIOS[scenario]
        name = f"set {number + 1}, {'trend' if trend else 'no trend'}, {harmonics} harmonics"
        parts[name] = (drawn.scenario == scenario)[None, :]
    cluster = np.arange(event.shape[1])
    return Trial(of_a(drawn), {SERIES: Truth(52, event, ~event, cluster, OUTBREAK, parts)})


def _trial_b(drawn: PanelB) -> Trial:
    rows, periods = drawn.evaluated, len(drawn.numerator)
    event, falls = (np.asarray(changes.under_way(periods)[rows]) for changes in (drawn.worse, drawn.falls))
    organisations = np.arange(drawn.organisation.max() + 1)
    any_event = np.asarray(event.reshape(len(event), -1, len(SIGNALS)).any(axis=-1))
    own = slice(INCIDENTS, None, len(SIGNALS))
    steady, sudden = ~(falls | event)[:, own], (falls & (drawn.falls.ramp == 0))[:, own]
    shock = drawn.shock[rows][:, None]
    parts: dict[str, np.ndarray] = {"shock": shock, "no shock": ~shock}
    by_signal = {name: (drawn.signal == place)[None, :] for place, name in enumerate(SIGNALS)}

    def truth(event: np.ndarray, quiet: np.ndarray, cluster: np.ndarray, parts: Mapping[str, np.ndarray]) -> Truth:
        return Truth(drawn.per_year, event, quiet, cluster, MONTHS, parts)

    return Trial(
        of_b(drawn),
        {
            SERIES: truth(event, ~event, drawn.organisation, {**parts, **by_signal, "reporting falls": falls}),
            ANY: truth(any_event, ~any_event, organisations, parts),
            FUSED: truth(any_event, ~any_event, organisations, parts),
            FALLS: truth(falls[:, own], steady, organisations, parts),
            STEPS: truth(sudden, steady, organisations, parts),
        },
    )
