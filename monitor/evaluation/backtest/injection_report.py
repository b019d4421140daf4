"""What was found of planted worsenings, as a document, tables, plots and the goals that they decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from math import isfinite
from typing import Any

import numpy as np

from monitor.evaluation.backtest.injected import MATCHED, OURS, PEERS, RATES, THEORY, Injected, Row, alone
from monitor.evaluation.backtest.laid import Laid
from monitor.evaluation.detection.curves import Curves
from monitor.evaluation.detection.matching import alarms, threshold
from monitor.evaluation.detection.outcomes import Estimate
from monitor.evaluation.detection.report import Table

INJECTED = "injected"
FIRST, SECOND = RATES
QUIET, PANDEMIC = (0.60, 0.70), (0.47, 0.58)
"""G11: POD6 and POD12 at 1 % (detection.md §8), for months before March 2020 and through it."""
SHOCK = "2020-03"
SICKNESS = "sickness"


def laid(found: Injected) -> Laid:
    """Lay out what was found."""
    plots = [_curve(found, window) for window in found.truths]
    tables = [_rows(found), _ahead(found)]
    if goals := goals_of(found):
        tables.append(_goals(goals))
    notes = ["fewer than eight peers: nothing that they share is taken out"] if alone(found.material) else []
    return Laid(_document(found), [*tables, *map(_in_words, plots)], tables, plots, notes)


def _document(found: Injected) -> dict[str, Any]:
    """Give all figures (schemas/backtest.json)."""
    starts = found.material.starts
    return {
        "mode": INJECTED,
        "material": {
            "name": found.material.name, "kind": found.material.kind.value, "from": starts[0].isoformat(),
            "until": starts[-1].isoformat(), "series": len(found.material.series),
            "regions": len(set(found.material.regions.tolist()) - {-1}),
        },
        "seeds": list(found.seeds),
        "windows": [
            {"name": name, "planted": int(truth.has_event.sum()), "control_periods": int(truth.quiet.sum())}
            for name, truth in found.truths.items()
        ],
        "figures": [_figure(row) for row in found.rows],
        "ahead": [
            {
                "window": one.window, "than": one.than, "rate": one.rate,
                "found": {reach: _both(each) for reach, each in one.found.items()},
            }
            for one in found.ahead
        ],
        "goals": goals_of(found),
        "guards": list(guards(found)),
    }  # fmt: skip


def _figure(row: Row) -> dict[str, Any]:
    outcome = row.outcome
    return {
        "window": row.window, "method": row.method, "threshold_from": row.source, "rate": row.rate,
        "threshold": row.threshold, "false_alarms": _both(outcome.fpr),
        "found": {reach: _both(each) for reach, each in outcome.pod.items()}, "delay": _both(outcome.delay),
        "false_episodes_per_series_year": _both(outcome.episodes_per_year),
    }  # fmt: skip


def _both(estimate: Estimate) -> dict[str, float | None]:
    return {name: value if isfinite(value) else None for name, value in asdict(estimate).items()}


def goals_of(found: Injected) -> list[dict[str, Any]]:
    """Give what G11 and G12 ask of these series: G11 of published sickness, G12 of any other."""
    is_sickness = SICKNESS in found.material.name
    return list(_g11(found) if is_sickness else _g12(found))


def _g11(found: Injected) -> Iterator[dict[str, Any]]:
    for row in found.rows:
        if (row.method, row.source, row.rate) == (OURS, MATCHED, FIRST):
            through = row.window[-len(SHOCK) :] >= SHOCK
            name = "G11.pandemic" if through else "G11.quiet"
            for reach, least in zip(("6", "12"), PANDEMIC if through else QUIET, strict=True):
                yield _goal(found, row.window, f"{name}.pod{reach}", row.outcome.pod[reach], least)


def _g12(found: Injected) -> Iterator[dict[str, Any]]:
    for one in found.ahead:
        if (one.than, one.rate) == (PEERS, SECOND):
            apart = one.found["6"]
            yield _goal(found, one.window, "G12.ahead_pod6", apart, -apart.error)


def _goal(found: Injected, window: str, name: str, estimate: Estimate, least: float) -> dict[str, Any]:
    truth = found.truths[window]
    return {
        "name": name, "window": window, **_both(estimate), "at_least": least,
        "met": bool(estimate.value >= least), "planted": int(truth.has_event.sum()),
        "control_periods": int(truth.quiet.sum()),
    }  # fmt: skip


def guards(found: Injected) -> Iterator[str]:
    """Say what keeps the figures honest, and what they rest on."""
    yield (
        "known-at cut-off: each period is scored from its own and its peers' past and its peers of the same period, "
        "by the worker's own step; the figures are the present ones, as a file states them, and not first editions"
    )
    yield (
        f"no leakage: '{THEORY}' thresholds have seen no figure; '{MATCHED}' ones give every method exactly the same "
        "rate of false alarms on the judged controls, which favours none"
    )
    yield (
        "regression to the mean: who is planted in, when and how much is drawn by chance, whatever the figures; "
        "controls are all other periods of the same window with two years of past"
    )
    yield (
        f"a quarter of the series gain 10 to 40 %, half as steps and half as ramps of 3 to 12 months, with a year to "
        f"follow; {len(found.seeds)} plantings in the same series, standard errors over series drawn anew"
    )
    yield "real worsenings among the controls count as false alarms; real ones may have other shapes than planted ones"


def _rows(found: Injected) -> Table:
    rows = tuple(
        (
            row.window, row.method, f"{row.source} {row.rate:.0%}", f"{row.outcome.fpr.value:.2%}",
            *(_error(each) for each in row.outcome.pod.values()), f"{row.outcome.delay.value:.1f}",
        )
        for row in found.rows
    )  # fmt: skip
    reaches = [f"found {reach}" for reach in next(iter(found.truths.values())).reaches]
    counted = "; ".join(
        f"{name}: {truth.has_event.sum():,} planted, {truth.quiet.sum():,} control periods"
        for name, truth in found.truths.items()
    )
    title = f"Found of worsenings planted in {len(found.material.series):,} series of {found.material.name} ({counted})"
    return Table(title, ("window", "method", "threshold", "false", *reaches, "delay"), rows)


def _ahead(found: Injected) -> Table:
    rows = tuple(
        (one.window, one.than, f"{one.rate:.0%}", *(_error(each, signed=True) for each in one.found.values()))
        for one in found.ahead
    )
    reaches = [f"found {reach}" for reach in next(iter(found.truths.values())).reaches]
    return Table("Ahead of others on the same plantings", ("window", "than", "false", *reaches), rows)


def _goals(goals: list[dict[str, Any]]) -> Table:
    rows = tuple(
        (
            goal["name"], goal["window"], f"{goal['value']:.3f} ± {goal['error']:.3f}", f"{goal['at_least']:.3f}",
            "met" if goal["met"] else "NOT MET", f"{goal['planted']:,}",
        )
        for goal in goals
    )  # fmt: skip
    return Table("Goals", ("goal", "window", "value", "at least", "", "planted"), rows)


def _error(one: Estimate, *, signed: bool = False) -> str:
    return f"{one.value:{'+' if signed else ''}.3f} ± {one.error:.3f}"


def _curve(found: Injected, window: str) -> Curves:
    """Give the share found by periods since the onset at the first rate, of every method."""
    truth = found.truths[window]
    age, longest = np.cumsum(truth.event, axis=0), max(truth.reaches.values())
    lines = {}
    for (where, method), evidence in found.evidence.items():
        if where == window:
            alarm = alarms(evidence, threshold(evidence, truth, FIRST)) & truth.event
            shares = [(alarm & (age <= most)).any(axis=0).sum() / truth.has_event.sum() for most in _ages(longest)]
            lines[method] = list(zip(map(float, _ages(longest)), map(float, shares), strict=True))
    name = f"found_{window[-len(SHOCK) :]}"
    title = f"Found at {FIRST:.0%} false alarms, {window} ({found.material.name})"
    return Curves(name, title, "periods from the onset", "share found", lines)


def _ages(longest: int) -> range:
    return range(1, longest + 1)


def _in_words(plot: Curves) -> Table:
    ages = tuple(f"{age:g}" for age, _ in next(iter(plot.lines.values())))
    rows = tuple((name, *(f"{share:.2f}" for _, share in points)) for name, points in plot.lines.items())
    return Table(f"{plot.title}: {plot.up} by {plot.across}", ("method", *ages), rows)
