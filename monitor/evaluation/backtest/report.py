"""What a backtest found, as a document for scripts and as tables and sentences for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from statistics import fmean
from typing import Any

from monitor.evaluation.backtest.controls import LOOK_BACK, Pair
from monitor.evaluation.backtest.findings import DAYS_A_MONTH, Interval, by_month, first_before
from monitor.evaluation.backtest.laid import Laid
from monitor.evaluation.backtest.run import Found, curve
from monitor.evaluation.backtest.timeline import DUE, LANDED, REVISED, STATED
from monitor.evaluation.detection.report import Table

HISTORY = "history"


def laid(found: Found) -> Laid:
    """Lay out what a backtest found."""
    notes = [f"line {left.event.line}: {left.event.organisation} is left out: {left.why}" for left in found.left]
    return Laid(document(found), tables(found), headlines(found), [curve(found)], notes)


def document(found: Found) -> dict[str, Any]:
    """Give all figures (schemas/backtest.json)."""
    timeline, lived = found.timeline, found.lived
    return {
        "mode": HISTORY,
        "history": {
            "from": timeline.first.isoformat(), "until": found.until.isoformat(),
            "feeds": sorted({feed for said in timeline.days.values() for feed in said}),
            "series_periods": lived.series_periods,
            "known": {why: timeline.bases.get(why, 0) for why in (STATED, LANDED, DUE, REVISED)},
        },
        "settings": {
            "chance_cases_per_month": found.rules.chance_cases, "signal_rate": found.rate,
            "settle_after_days": found.rules.settle_after.total_seconds() / 86_400,
        },
        "budget": _budget(found),
        "events": {
            "judged": [_judged(found, pair) for pair in found.pairs],
            "left_out": [{**_named(left.event), "why": left.why} for left in found.left],
            "organisations": len({pair.event.organisation for pair in found.pairs}),
        },
        "findings": [asdict(finding) for finding in found.findings],
        "leads": [asdict(lead) for lead in found.leads],
        "by_month": {
            voice: dict(zip(("events", "controls"), by_month(found.pairs, days), strict=True))
            for voice, days in found.said.items()
        },
        "guards": list(guards(found)),
    }  # fmt: skip


def _named(event: Any) -> dict[str, Any]:
    return {
        "line": event.line, "organisation": event.organisation, "date": event.day.isoformat(), "kind": event.kind
    }  # fmt: skip


def _judged(found: Found, pair: Pair) -> dict[str, Any]:
    event = pair.event
    before = {
        f"{voice}_days_before": first_before(days, event.organisation, event.day, LOOK_BACK.days)
        for voice, days in found.said.items()
    }
    return {
        **_named(event), **before, "controls": list(pair.controls), "level": round(pair.level, 4),
        "control_level": round(pair.control_level, 4),
    }  # fmt: skip


def _budget(found: Found) -> dict[str, Any]:
    """Give chance cases allowed and cases that opened, from the first score on."""
    lived = found.lived
    begin = min(lived.scored.values(), default=found.until)
    months = (found.until - begin).days / DAYS_A_MONTH
    preceding = sum(_precedes(found, one.organisation, one.day) for one in lived.opened)
    return {
        "from": begin.isoformat(),
        "months": round(months, 1),
        "chance_cases_allowed": round(found.rules.chance_cases * months, 2),
        "cases": len(lived.opened),
        "cases_in_the_year_before_an_event": preceding,
        "national_shocks": lived.shocks,
    }


def _precedes(found: Found, code: str, day: date) -> bool:
    events = [pair.event for pair in found.pairs] + [left.event for left in found.left]
    return any(event.organisation == code and day < event.day <= day + LOOK_BACK for event in events)


def guards(found: Found) -> Iterator[str]:
    """Say what keeps the figures honest, and what they rest on."""
    known, total = found.timeline.bases, sum(found.timeline.bases.values())
    yield (
        f"known-at cut-off: every figure is taken in on the day it became known, and never before; of {total:,}, "
        f"{known.get(STATED, 0):,} on the day that their source stated, {known.get(LANDED, 0):,} as they landed, "
        f"{known.get(DUE, 0):,} on their due day for want of either, {known.get(REVISED, 0):,} as late or revised ones "
        "(what was corrected before its period first closed here is known as corrected only)"
    )
    yield (
        "no leakage: the worker's own turn runs in an empty store, so that priors, peers' quantities and thresholds "
        "come from what was known by then; ending the history on any day changes nothing said up to it"
    )
    own, others = _mean([pair.level for pair in found.pairs]), _mean([pair.control_level for pair in found.pairs])
    yield (
        "regression to the mean: controls are peers of the same group without an event within two years, matched by "
        "their level when the year before the event began "
        f"(mean rank among peers, 0 = best, 1 = worst: events {own}, controls {others})"
    )
    yield (
        f"fixed budget: {found.rules.chance_cases:g} chance cases a month nationwide; signals where chance alone gives "
        f"as much in {found.rate:g} of a series' periods; the same for events and controls"
    )
    yield "the registry is the present one, by its dates; methods and contracts are those of this version"
    yield (
        "what it shows is that words came before events oftener than elsewhere, or did not; whoever chose the events "
        "may have known the figures, and few organisations make wide intervals"
    )


def _mean(levels: Sequence[float]) -> str:
    return f"{fmean(levels):.2f}" if levels else "–"


def headlines(found: Found) -> list[Table]:
    """Lay out what answers first."""
    shares = tuple(
        (
            one.voice, f"{one.months} months", _share(one.events), _share(one.controls),
            _share(one.difference, signed=True),
        )
        for one in found.findings
    )  # fmt: skip
    organisations = len({pair.event.organisation for pair in found.pairs})
    title = f"Preceded by a word, of {len(found.pairs)} events in {organisations} organisations (95 % interval)"
    lead = tuple((one.voice, str(one.number), _days(one.median)) for one in found.leads)
    return [
        Table(title, ("word", "within", "events", "controls", "difference"), shares),
        Table("Days from the first word of the year before to the event", ("word", "events", "median"), lead),
        _cases(found),
    ]


def _cases(found: Found) -> Table:
    budget = _budget(found)
    row = tuple(
        f"{budget[name]:,}"
        for name in ("months", "chance_cases_allowed", "cases", "cases_in_the_year_before_an_event", "national_shocks")
    )
    columns = ("months lived with scores", "chance cases allowed", "cases", "in a year before an event", "shocks")
    return Table("Cases in all", columns, (row,))


def tables(found: Found) -> list[Table]:
    """Lay out everything: the headlines, each event, and the plot in words."""
    plot = curve(found)
    steps = next(iter(plot.lines.values()))
    months = tuple(f"{month:g}" for month, _ in steps)
    shares = tuple((name, *(f"{share:.2f}" for _, share in points)) for name, points in plot.lines.items())
    return [
        *headlines(found),
        Table("Each event", ("line", "organisation", "date", "kind", "case before", "signal before"), _each(found)),
        Table(f"{plot.title}: {plot.up}, by {plot.across}", ("word", *months), shares),
    ]


def _each(found: Found) -> tuple[tuple[str, ...], ...]:
    rows = [_judged(found, pair) for pair in found.pairs]
    return tuple(
        (
            str(row["line"]), row["organisation"], row["date"], row["kind"],
            *("–" if row[name] is None else f"{row[name]} days" for name in ("case_days_before", "signal_days_before")),
        )
        for row in rows
    )  # fmt: skip


def _share(one: Interval, *, signed: bool = False) -> str:
    if one.value is None:
        return "–"
    sign = "+" if signed else ""
    value = f"{one.value:{sign}.2f}"
    return value if one.low is None or one.high is None else f"{value} ({one.low:{sign}.2f} to {one.high:{sign}.2f})"


def _days(one: Interval) -> str:
    if one.value is None:
        return "–"
    value = f"{one.value:.0f}"
    return value if one.low is None or one.high is None else f"{value} ({one.low:.0f} to {one.high:.0f})"
