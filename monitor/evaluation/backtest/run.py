"""`monitor backtest` on history: what the service would have said, held against outside events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from monitor.errors import BadRequest
from monitor.evaluation.backtest.controls import Left, Levels, Pair, pairs
from monitor.evaluation.backtest.events import placed, read_events
from monitor.evaluation.backtest.findings import Finding, Lead, by_month, days_of, findings, leads
from monitor.evaluation.backtest.past import File, copied, published
from monitor.evaluation.backtest.relive import Lived, agenda, relive
from monitor.evaluation.backtest.timeline import Timeline, timeline
from monitor.evaluation.detection.curves import Curves
from monitor.organisations import registry
from monitor.rules import Rules
from monitor.settings import Settings

Advance = Callable[[int], None]
Stage = Callable[[str, int | None], Advance]
"""Begins a stage of so many steps (None: unknown) and gives what to call as they are done."""


@dataclass(frozen=True, slots=True)
class Found:
    """All that a backtest gave; `said` holds the days of each kind of word by organisation."""

    timeline: Timeline
    until: date
    rules: Rules
    rate: float
    lived: Lived
    pairs: Sequence[Pair]
    left: Sequence[Left]
    said: Mapping[str, Mapping[str, Sequence[date]]]
    findings: Sequence[Finding]
    leads: Sequence[Lead]


def backtest(
    events: Path,
    settings: Settings,
    *,
    rate: float,
    until: date | None,
    files: Sequence[File],
    registries: Sequence[Path],
    stage: Stage,
) -> Found:
    """Relive a home's history, or that of published files, and hold it against dated events.

    Parameters
    ----------
    settings
        Those that are tried: the budget and the rest of a period before it is scored are taken from them.
    rate
        How often chance may give a signal, per series and period.
    until
        Last day that is lived through; None: the last on which anything became known.
    """
    told = read_events(events)
    if registries and not files:
        raise BadRequest("--organisations goes with --published; a home has its own registry")
    past = published(settings, files, registries, stage("publishing", len(files))) if files else copied(settings)
    with past as engine:
        stage("reading what was known when", None)
        known = _known(engine, until)
    rules = Rules(settings.chance_cases_per_month, settings.settle_after)
    last = min(until or known.last, known.last)
    registered = registry(known.organisations, known.successions)
    standing = placed(told, registered, (known.first, last), events.name)  # before the long part
    lived = relive(known, rules, until=last, progress=stage("living through it", len(agenda(known, rules, last))))
    matched, left = pairs(standing, registered, Levels(lived.ranks), lived.scored)
    said = days_of(lived, rate)
    return Found(
        known, last, rules, rate, lived, matched, left, said, findings(matched, said), leads(matched, said)
    )  # fmt: skip


def _known(engine: Engine, until: date | None) -> Timeline:
    known = timeline(engine)
    if not known.days:
        raise BadRequest("nothing has been published in this history: monitor publish FEED FILE, monitor worker")
    if until is not None and until < known.first:
        raise BadRequest(f"--until {until}: history begins on {known.first}")
    return known


def curve(found: Found) -> Curves:
    """Work out the plot: shares with a first word in the year before, by months before the event."""
    lines = {}
    for voice, days in found.said.items():
        for who, shares in zip(("events", "controls"), by_month(found.pairs, days), strict=True):
            lines[f"{voice}, {who}"] = [(float(month - 12), share) for month, share in enumerate(shares)]
    title = f"A first word in the year before ({len(found.pairs)} events)"
    return Curves("lead", title, "months from the event", "share with one by then", lines)
