"""Step through a panel, a period of all series at a time, by the functions that the worker steps with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from monitor.detectors import detector_for, evidence, fold
from monitor.detectors.belief import carried
from monitor.detectors.contract import BoolVector, IntVector, State, Values
from monitor.detectors.evidence import Evidence
from monitor.evaluation.panels.asked import Asked, Worse
from monitor.evaluation.panels.panel import Panel
from monitor.model import Kind, Vector

STEPS_SHOWN = 16
"""Periods between two moves of the progress bar."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What scoring gives, an entry a row of the panel.

    `expected`, `low`, `high` (central 95 %) in the unit of the numerator, `score` in normal deviates, positive =
    worse; NaN where nothing is scored. `worse` and `better` are the tails of either direction; `tail`, `sudden`
    and `slow` are of `worse`, or of both ways where both were asked; NaN before a series' first score.
    """

    expected: Vector
    low: Vector
    high: Vector
    score: Vector
    worse: Vector
    better: Vector
    tail: Vector
    sudden: Vector
    slow: Vector
    latched: BoolVector


def scored(panel: Panel, asked: Asked, advance: Callable[[int], None] = lambda steps: None) -> Rows:
    """Score every row from its own and its peers' past, and its peers of the same period."""
    detector = detector_for(asked.kind)
    width, rows = len(panel.groups), len(panel.series)
    state = fold.start(detector, width, panel.rhythm.calendar.per_year)
    mirrored = evidence.start(width)
    sign = np.full(width, asked.sign)
    exposure = np.full(width, np.nan)
    out = {name: np.full(rows, np.nan) for name in Rows.__slots__}
    for place, (number, at) in enumerate(panel.steps()):
        values = _values(panel, number, at, exposure)
        state, step = fold.step(detector, state, values, panel.groups, None, sign, panel.regions)
        exposure = carried(values.denominator, is_own=False, last=state[fold.BELIEVED_EXPOSURE])
        exposure = np.where(panel.carries, exposure, np.nan)
        if asked.worse is Worse.BOTH:
            mirrored, other = _mirrored(mirrored, step, panel, number)
        else:
            other = None
        _keep(out, at, panel.series[at], step, other, _unit(values, asked.kind))
        if place % STEPS_SHOWN == STEPS_SHOWN - 1:
            advance(STEPS_SHOWN)
    advance(panel.periods % STEPS_SHOWN)
    return Rows(**{**out, "latched": out["latched"] == 1.0})


def _values(panel: Panel, number: int, at: IntVector, exposure: Vector) -> Values:
    """Lay a period's rows out by series; whoever has none is missing, and carries its exposure."""
    numerator, denominator = np.full(len(panel.groups), np.nan), exposure.copy()
    series, divided = panel.series[at], panel.denominator[at]
    numerator[series] = panel.numerator[at]
    denominator[series] = np.where(np.isnan(divided), exposure[series], divided)
    return Values(number, panel.rhythm.years(number), numerator, denominator)


def _mirrored(state: State, step: fold.Step, panel: Panel, number: int) -> tuple[State, Evidence]:
    """Gather the other way's evidence, of which a step gives no parts."""
    return evidence.accumulate(state, -step.counted, per_year=panel.rhythm.calendar.per_year, period=number)


def _unit(values: Values, kind: Kind) -> Vector:
    """Give what turns an expectation per 1 of the denominator into the numerator's unit; a mean is in it already."""
    return np.where(np.isnan(values.denominator) | (kind is Kind.SCORE), 1.0, values.denominator)


def _keep(
    out: dict[str, Vector], at: IntVector, series: IntVector, step: fold.Step, other: Evidence | None, unit: Vector
) -> None:
    """Put a period's results in the places of its rows."""
    shown = step.scored
    found = {
        "expected": shown.expected * unit, "low": shown.low * unit, "high": shown.high * unit, "score": shown.z,
        "latched": step.latched.astype(np.float64),
        **(_tails(step.evidence) if other is None else _both(step.evidence, other)),
    }  # fmt: skip
    for name, column in found.items():
        out[name][at] = column[series]


def _tails(found: Evidence) -> dict[str, Vector]:
    return {
        "worse": found.worse, "better": found.better, "tail": found.worse, "sudden": found.sudden, "slow": found.slow
    }  # fmt: skip


def _both(found: Evidence, other: Evidence) -> dict[str, Vector]:
    """Double each tail, so that the two ways together are as rare as one is."""
    tails = {
        "worse": found.worse, "better": found.better, "tail": np.minimum(found.worse, found.better),
        "sudden": np.minimum(found.sudden, other.sudden), "slow": np.minimum(found.slow, other.slow),
    }  # fmt: skip
    return {name: np.minimum(2.0 * tail, 1.0) for name, tail in tails.items()}
