"""How the service did on a simulated nation: what was planted, found, missed and opened by chance (pure).

Only this reads the truth. A deterioration is found when a case of its organisation, or of the one that
succeeded it, is open within 26 or 52 weeks of its onset (detection.md §3, family K); it is found *on what was
planted* when such a case rests on one of the indicators that were moved, and began no earlier than onsets are dated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from monitor.calendars import stated_day

HALF_A_YEAR, A_YEAR = timedelta(weeks=26), timedelta(weeks=52)
UNDETECTABLE = 0.1
"""Relative effect at and below which detection.md §3 gives no reach: what was planted so is not to be found."""
REACH = {0.15: 0.46, 0.2: 0.56, 0.25: 0.75, 0.3: 0.84, 0.4: 0.90}
"""Share of single series found within a year, by relative effect (detection.md §3, family B, by size)."""
ONE_FAMILY = " only"
"""Ends the names of planted patterns that move one family alone."""
DATED_WITHIN = timedelta(days=92)
"""A signal that began longer before the onset is of something else; so far off may a start be dated."""
AFTERWARDS = timedelta(weeks=26)
"""So long after its end a campaign or a shock is still in the windows of slow indicators."""
AT_START = timedelta(days=1)
"""Cases of the first day stand from the past; they are no part of what the live window opens by chance."""

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Case:
    organisation: str
    opened: date
    closed: date | None
    begun: Mapping[str, date]  # indicators of its signals for the worse, and the month in which each began


@dataclass(frozen=True, slots=True)
class _Planted:
    organisation: str
    pattern: str
    onset: date
    effect: float
    shape: str
    indicators: frozenset[str]
    heirs: tuple[tuple[str, date], ...]  # who stands for it, and from which day

    def owns(self, case: _Case) -> bool:
        """Say whether a case is about this organisation or, after a merger, about its heir."""
        if case.organisation == self.organisation:
            return True
        return any(case.organisation == heir and _last_day(case) >= since for heir, since in self.heirs)

    def is_ground_of(self, case: _Case) -> bool:
        """Say whether a case rests on what was planted: one of its indicators, since about the onset or later."""
        earliest = self.onset - DATED_WITHIN
        return any(case.begun[key] >= earliest for key in self.indicators & case.begun.keys())


def scorecard(
    truth: Document,
    cases: Sequence[Document],
    *,
    expected_chance_cases: float,
    live_from: date,
    live_until: date,
) -> dict[str, Any]:
    """Compare cases with the truth (schemas/scorecard.json).

    Parameters
    ----------
    cases
        With `organisation`, `opened` and `closed` (dates or instants, None: still open) and `signals`; data
        cases, whose `kind` is not "concern", are left out.
    expected_chance_cases
        How many the budget allows over the whole live window.
    """
    planted = [_planted(entry, truth.get("successions", ())) for entry in truth["deteriorations"]]
    opened = [_case(entry) for entry in cases if entry.get("kind", "concern") == "concern"]
    first = {one.organisation: _first(one, opened) for one in planted}
    found = [(one, case) for one in planted if (case := first[one.organisation]) is not None]
    in_time = [(one, case) for one, case in found if _days(one, case) <= A_YEAR.days]
    false = _false(truth, planted, opened, live_from, live_until)
    days = [_days(one, case) for one, case in in_time if case.opened >= one.onset]
    on_planted = [(one, _first(one, filter(one.is_ground_of, opened))) for one in planted]
    grounded = [after for one, case in on_planted if case and (after := _days(one, case)) <= A_YEAR.days]
    return {
        "planted": len(planted),
        "followed_6_months": sum(one.onset + HALF_A_YEAR <= live_until for one in planted),
        "followed_12_months": sum(one.onset + A_YEAR <= live_until for one in planted),
        "found_within_6_months": sum(_days(one, case) <= HALF_A_YEAR.days for one, case in found),
        "found_within_12_months": len(in_time),
        "found_on_planted_within_6_months": sum(after <= HALF_A_YEAR.days for after in grounded),
        "found_on_planted_within_12_months": len(grounded),
        "median_lead_time_days": median(days) if days else None,
        "chance_cases_expected": expected_chance_cases,
        "chance_cases_realised": sum(not entry["standing_at_start"] for entry in false),
        "false_cases": false,
        "false_by_what_befell": dict(Counter(entry["befell"] or "nothing" for entry in false)),
        "found": [_hit(one, case) for one, case in in_time],
        "misses": [
            _described(one, reason=_reason(one, first[one.organisation], live_until))
            for one in planted
            if one not in [hit for hit, _ in in_time]
        ],
        "by_pattern": _by_pattern(planted, [one for one, _ in in_time]),
    }


def _planted(entry: Document, successions: Iterable[Document]) -> _Planted:
    heirs = _heirs(entry["organisation"], list(successions))
    onset = date.fromisoformat(str(entry["onset"]))
    return _Planted(
        entry["organisation"], entry["pattern"], onset, float(entry["effect"]), entry["shape"],
        frozenset(entry["indicators"]), heirs,
    )  # fmt: skip


def _heirs(code: str, successions: list[Document]) -> tuple[tuple[str, date], ...]:
    """Follow successions from a code, each from the day on which it and all before it had happened."""
    heirs: dict[str, date] = {}
    waiting = [(code, date.min)]
    while waiting:
        current, since = waiting.pop()
        for step in successions:
            if step["predecessor"] == current and step["successor"] not in {*heirs, code}:
                from_then = max(since, date.fromisoformat(str(step["legal_date"])))
                heirs[step["successor"]] = from_then
                waiting.append((step["successor"], from_then))
    return tuple(heirs.items())


def _case(entry: Document) -> _Case:
    closed = entry.get("closed")
    begun = {
        signal["indicator"]: _day(f"{signal['since']}-01")
        for signal in entry["signals"]
        if signal["reading"] != "improving"
    }
    return _Case(entry["organisation"], _day(entry["opened"]), _day(closed) if closed else None, begun)


def _day(moment: object) -> date:
    return stated_day(datetime.fromisoformat(str(moment)))


def _last_day(case: _Case) -> date:
    return case.closed or date.max


def _first(one: _Planted, cases: Iterable[_Case]) -> _Case | None:
    """Give the first case that was open on or after the onset; None: there was none."""
    its = [case for case in cases if one.owns(case) and _last_day(case) > one.onset]
    return min(its, key=lambda case: case.opened, default=None)


def _days(one: _Planted, case: _Case) -> int:
    return max((case.opened - one.onset).days, 0)


def _hit(one: _Planted, case: _Case) -> dict[str, Any]:
    """Describe a find; a case that was open at the onset has no lead time, and so 0 days."""
    return _described(
        one,
        opened=case.opened.isoformat(),
        lead_time_days=_days(one, case),
        on_planted=one.is_ground_of(case),
    )


def _false(
    truth: Document, planted: list[_Planted], cases: Iterable[_Case], live_from: date, live_until: date
) -> list[dict[str, Any]]:
    """List the cases that nothing planted explains: of the unharmed, and from before an onset."""
    listed = []
    for case in sorted(cases, key=lambda case: (case.opened, case.organisation)):
        owners = [one for one in planted if one.owns(case)]
        explained = any(case.opened >= one.onset for one in owners)
        if not explained and case.opened < live_until:
            why = "opened before its onset" if owners else "nothing was planted here"
            at_start = case.opened <= live_from + AT_START
            listed.append(
                {
                    "organisation": case.organisation,
                    "opened": case.opened.isoformat(),
                    "why": why,
                    "befell": _befell(truth, case),
                    "standing_at_start": at_start,
                }
            )
    return listed


def _befell(truth: Document, case: _Case) -> str | None:
    """Name what had befallen its organisation that is no deterioration, else the shock if it was on."""
    for one in truth.get("befell", ()):
        if one["organisation"] == case.organisation and _lasts(one["since"], one["until"], case.opened):
            return str(one["what"])
    shock = truth.get("national_shock")
    return "shock" if shock and _lasts(shock["region_start"], shock["end"], case.opened) else None


def _lasts(since: object, until: object, opened: date) -> bool:
    return _day(since) <= opened and (until is None or opened <= _day(until) + AFTERWARDS)


def _described(one: _Planted, **more: object) -> dict[str, Any]:
    return {
        "organisation": one.organisation,
        "pattern": one.pattern,
        "onset": one.onset.isoformat(),
        "effect": one.effect,
        "shape": one.shape,
        **more,
    }


def _reason(one: _Planted, late: _Case | None, live_until: date) -> str:
    """Say why a deterioration has no case within a year, the most telling reason first."""
    effect = f"effect {one.effect:.0%}".replace("%", " %")
    if late is not None:
        return f"found after {_days(one, late) // 7} weeks, later than a year"
    if one.effect <= UNDETECTABLE:
        return f"{effect}: below the measured reach"
    if one.pattern == f"sickness{ONE_FAMILY}":
        return f"{one.pattern}: it supports other families, and opens no case by itself"
    if one.pattern.endswith(ONE_FAMILY):
        return f"{one.pattern}: one family alone opens a case only at p ≤ 10^-4"
    if one.onset + A_YEAR > live_until:
        return f"fewer than 12 months of follow-up ({(live_until - one.onset).days // 7} weeks)"
    share = REACH.get(one.effect)
    known = f": of single series this size {share:.0%} are found in a year".replace("%", " %") if share else ""
    return f"{effect} as a {one.shape}{known}; missed"


def _by_pattern(planted: Iterable[_Planted], found: Sequence[_Planted]) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = {}
    for one in planted:
        row = counted.setdefault(one.pattern, {"planted": 0, "found_within_12_months": 0})
        row["planted"] += 1
        row["found_within_12_months"] += one in found
    return counted
