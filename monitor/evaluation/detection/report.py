"""A run's figures as a document for scripts and as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from monitor.evaluation.detection.curves import Curves
from monitor.evaluation.detection.matching import alarms, threshold
from monitor.evaluation.detection.methods import METHODS
from monitor.evaluation.detection.outcomes import Estimate, difference
from monitor.evaluation.detection.run import MATCHED, TRAINED, USUAL, Found, Row
from monitor.evaluation.measured import Measured

OURS = "monitor"
PAIRED = 0.01
"""Rate of false alarms, matched on the judged series, at which methods are compared pair by pair."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table for people; every cell is ready to be shown."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def document(found: Found, goals: Sequence[Measured], conditions: str) -> dict[str, Any]:
    """Give all figures (schemas/detection.json)."""
    return {
        "family": found.family,
        "seeds": list(found.seeds),
        "train_seeds": list(found.train_seeds),
        "size": asdict(found.size),
        "conditions": conditions,
        "figures": [_figure(row) for row in found.rows],
        "ahead": [
            {"level": level, "than": other, "pod": {reach: _both(each) for reach, each in ahead.items()}}
            for level, other, ahead in _ahead(found)
        ],
        "methods": [
            {
                "name": name, "said": METHODS[name].said, "series_periods_per_second": round(speed, 1),
            }
            for name, speed in found.speeds.items()
        ],
        "left_out": dict(found.left_out),
        "goals": [asdict(goal) for goal in goals],
    }  # fmt: skip


def _figure(row: Row) -> dict[str, Any]:
    outcome = row.outcome
    return {
        "method": row.method,
        "level": row.level,
        "threshold_from": row.source,
        "nominal_rate": row.rate,
        "threshold": _or_none(row.threshold),
        "false_alarm_rate": _both(outcome.fpr),
        "pod": {reach: _both(each) for reach, each in outcome.pod.items()},
        "f1": _both(outcome.f1),
        "delay_periods": _both(outcome.delay),
        "false_episodes_per_year": _both(outcome.episodes_per_year),
        "false_alarm_rate_in": {name: _or_none(rate) for name, rate in outcome.parts.items()},
    }


def _both(estimate: Estimate) -> dict[str, float | None]:
    return {"value": _or_none(estimate.value), "standard_error": _or_none(estimate.error)}


def _or_none(value: float) -> float | None:
    return round(value, 6) if isfinite(value) else None


def tables(found: Found, goals: Sequence[Measured], drawn: Iterable[Curves]) -> list[Table]:
    """Lay the figures out: a table a level, pairwise differences, speeds, goals, and the plots in numbers."""
    levels = list(dict.fromkeys(row.level for row in found.rows))
    laid = [_level(level, [row for row in found.rows if row.level == level]) for level in levels]
    laid.append(_pairs(found))
    speeds = tuple((name, METHODS[name].said, f"{speed:,.0f}") for name, speed in found.speeds.items())
    laid.append(Table("Speed, series-periods a second, one process", ("method", "what it is", "speed"), speeds))
    laid += [_curves(each) for each in drawn]
    laid.append(goal_table(goals))
    return laid


def headlines(found: Found, goals: Sequence[Measured]) -> list[Table]:
    """Give what answers first: every level at 1 %, thresholds from other seeds, and the goals."""
    rows = [row for row in found.rows if (row.source, row.rate) == (TRAINED, PAIRED)]
    levels = list(dict.fromkeys(row.level for row in rows))
    return [*(_level(level, [row for row in rows if row.level == level]) for level in levels), goal_table(goals)]


def goal_table(goals: Sequence[Measured]) -> Table:
    """Lay goals out."""
    rows = tuple((goal.name, f"{goal.value:.3f}", _wanted(goal.goal), goal.conditions) for goal in goals)
    return Table("Goals", ("goal", "measured", "wanted", "how"), rows)


def _wanted(goal: Mapping[str, float] | None) -> str:
    return ", ".join(f"{bound.replace('_', ' ')} {value:g}" for bound, value in (goal or {}).items()) or "–"


def _level(level: str, rows: Sequence[Row]) -> Table:
    reaches = list(rows[0].outcome.pod)
    found = (f"found {reach}" for reach in reaches)
    columns = ("method", "threshold", "false alarms", *found, "F1", "delay", "episodes")
    return Table(f"{level.capitalize()}: found and false alarms", columns, tuple(_line(row) for row in rows))


def _line(row: Row) -> tuple[str, ...]:
    outcome = row.outcome
    source = USUAL if row.rate is None else f"{row.source} {row.rate:.1%}"
    found = (f"{each.value:.3f} ± {each.error:.3f}" for each in outcome.pod.values())
    return (
        row.method, source, f"{outcome.fpr.value:.2%} ± {outcome.fpr.error:.2%}", *found,
        f"{outcome.f1.value:.3f}", f"{outcome.delay.value:.1f}", f"{outcome.episodes_per_year.value:.2f}",
    )  # fmt: skip


def _ahead(found: Found) -> list[tuple[str, str, dict[str, Estimate]]]:
    """Compare our default with every other method, on each level that both speak on."""
    ahead = []
    for (name, level), evidence in found.evidence.items():
        own = found.evidence.get((OURS, level))
        if own is not None and name != OURS:
            truth = found.truths[level]
            alarm, other = (alarms(said, threshold(said, truth, PAIRED)) for said in (own, evidence))
            ahead.append((level, name, difference(alarm, other, truth)))
    return sorted(ahead, key=lambda compared: compared[0])


def _pairs(found: Found) -> Table:
    compared = _ahead(found)
    reaches = list(compared[0][2]) if compared else []
    rows = tuple(
        (level, other, *(f"{each.value:+.3f} ± {each.error:.3f}" for each in ahead.values()))
        for level, other, ahead in compared
    )
    title = f"Ahead of others at exactly {PAIRED:.0%} false alarms, on the same series ({MATCHED})"
    return Table(title, ("level", "than", *(f"found {reach}" for reach in reaches)), rows)


def _curves(curves: Curves) -> Table:
    steps = [f"{at:g}" for at, _ in next(iter(curves.lines.values()), ())]
    rows = tuple((name, *(f"{up:.3f}" for _, up in points)) for name, points in curves.lines.items())
    return Table(f"{curves.title}: {curves.up} by {curves.across}", ("method", *steps), rows)
