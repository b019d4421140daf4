"""What an assessment and people's acts change of a case (pure).

An untouched case fades once its evidence leaves its windows, but none within a quarter of a merger, at which a level
begins anew (design.md §3) so that what showed before shows no more; a touched one only a person closes, told each
time that the evidence is gone or back, and asked each half year what becomes of what holds. Every change has its
reason in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from monitor.acceptance import Accepted
from monitor.assessment import CONCERNS, REST_WEEKS, agreeing, listed
from monitor.calendars import day_of
from monitor.casefile import Act, ActKind, Assessment, Case, CaseChange, CaseKind, Outcome, Signal, What
from monitor.errors import BadRequest
from monitor.evidence import Evidence
from monitor.model import Family
from monitor.renewal import how_long, long_held, to_ask

REST = timedelta(weeks=REST_WEEKS)

CONCERN = CaseKind.CONCERN
NATION = "NATION"
"""Stands for the organisation in a case of the whole nation."""


def decide(
    assessment: Assessment,
    case: Case | None,
    acts: Sequence[Act],
    *,
    now: datetime,
    last_closed: datetime | None = None,
    merged: date | None = None,
) -> CaseChange | None:
    """Say what an assessment changes of an organisation's open case; None: nothing.

    `merged`: the day of the organisation's last merger; None: there was none.
    """
    if case is None:
        rested = last_closed is None or now >= last_closed + REST
        return _opened(assessment, now) if assessment.opens and rested else None
    if is_gone(assessment):
        since = merged if merged and day_of(case.opened) < merged else None
        return None if since and day_of(now) < since + REST else _gone(case, acts, now, since)
    if case.is_gone:
        return _back(case, assessment, now) if assessment.opens else None
    before = agreeing(case.families)
    joined = [family for family in agreeing(assessment.families) if family not in before]
    if joined and assessment.p < case.p:
        return CaseChange(_updated(case, assessment), What.WORSENED, f"joined by {listed(joined)}", now)
    holds = to_ask(case, assessment.signals, acts, day_of(now))
    return _asked(case, assessment, holds, now) if holds else None


def is_gone(assessment: Assessment) -> bool:
    """Say whether no family shows a worsening or a silence any more; one that is only long low shows none."""
    shows = {signal.family for signal in assessment.signals if signal.reading in CONCERNS}
    return not shows & set(agreeing(assessment.families))


def _opened(assessment: Assessment, now: datetime) -> CaseChange:
    case = Case(
        id=named(assessment.organisation, now),
        organisation=assessment.organisation,
        opened=now,
        p=assessment.p,
        families=assessment.families,
        signals=assessment.signals,
        patterns=assessment.patterns,
        against=assessment.against,
        because=assessment.because,
        unassessed=assessment.unassessed,
        shares=assessment.shares,
        # what has held for half a year already is told with the opening, and history is not asked about twice in a day
        asked=now if long_held(assessment.signals) else None,
    )
    return CaseChange(case, What.OPENED, assessment.because, now)


def _updated(case: Case, assessment: Assessment) -> Case:
    return replace(
        case, p=assessment.p, families=assessment.families, signals=assessment.signals, patterns=assessment.patterns,
        against=assessment.against, unassessed=assessment.unassessed,
        shares=assessment.shares, still_opens=assessment.opens,
    )  # fmt: skip


def _asked(case: Case, assessment: Assessment, holds: Sequence[Signal], now: datetime) -> CaseChange:
    """Ask a person about what holds, over its figures of today; what the case rests on stays as it was told."""
    names = listed(_named_indicators(holds))
    since = how_long(signal.latched_since for signal in holds if signal.latched_since)
    asking = replace(
        case, signals=assessment.signals, against=assessment.against, still_opens=assessment.opens, asked=now
    )
    reason = f"{names}: {since}; a person renews it, accepts the level or closes the case"
    return CaseChange(asking, What.ASKED, reason, now)


def _named_indicators(some: Iterable[Signal | Accepted]) -> list[str]:
    return list(dict.fromkeys(each.indicator.replace("_", " ") for each in some))


def _gone(case: Case, acts: Sequence[Act], now: datetime, merged: date | None) -> CaseChange | None:
    went = _went(acts, merged)
    if not acts:
        return close(case, Outcome.FADED, f"its signals {went} and nobody had taken it up", now)
    if case.is_gone:
        return None  # said already
    return CaseChange(replace(case, is_gone=True), What.GONE, f"its signals {went}; a person decides", now)


def _went(acts: Sequence[Act], merged: date | None) -> str:
    went = "no longer show in the figures of what the merger made" if merged else "have left their windows"
    accepted = any(act.kind is ActKind.ACCEPT for act in acts)
    return f"{went}, or stand at a level that was accepted" if accepted else went


def corrected_away(ended: CaseChange) -> CaseChange:
    """Say of a case that fades, or whose evidence is gone, that not time has done it but a correction."""
    rest = "nobody had taken it up" if ended.what is What.FADED else "a person decides"
    return replace(ended, reason=f"its figures were corrected and no longer show it; {rest}")


def _back(case: Case, assessment: Assessment, now: datetime) -> CaseChange:
    """Wake a case whose evidence had gone: it would open again, and shows what it would open on."""
    awake = replace(_updated(case, assessment), is_gone=False)
    return CaseChange(awake, What.WORSENED, f"the evidence is back: {assessment.because}", now)


def close(case: Case, outcome: Outcome, reason: str, now: datetime) -> CaseChange:
    """Close a case with its outcome."""
    what = What.FADED if outcome is Outcome.FADED else What.CLOSED
    return CaseChange(replace(case, outcome=outcome, closed=now), what, reason, now)


def acted(case: Case, act: Act) -> CaseChange | None:
    """Give what a person's act changes of the case itself: only a closing does; acts lie beside it.

    An accepted level changes what is scored from then on, which is a step of the case's story too. Raises `BadRequest`
    where the case is closed, a closing names no outcome, or an acceptance nothing that holds.
    """
    if case.outcome is not None:
        raise BadRequest(
            f"case {case.id} is closed ({case.outcome}), and stays as it is on record, notes too; "
            "`monitor cases list` names the open cases"
        )
    if act.kind is ActKind.ACCEPT:
        return _accepted(case, act)
    if act.kind is not ActKind.CLOSE:
        return None
    if act.outcome is None:
        outcomes = ", ".join(repr(str(outcome)) for outcome in (Outcome.CONCERN_FOUND, Outcome.NO_CONCERN))
        raise BadRequest(f"closing {case.id} needs --outcome: {outcomes} or {str(Outcome.DATA_FAULT)!r}")
    return close(case, act.outcome, f"{act.by}: {act.outcome}", act.at)


def _accepted(case: Case, act: Act) -> CaseChange:
    if not act.accepted:
        raise BadRequest(
            f"case {case.id}: no signal of it still holds, so there is no level to accept; "
            "`monitor cases close` ends a case"
        )
    names = ", ".join(_named_indicators(act.accepted))
    return CaseChange(case, What.ACCEPTED, f"{act.by} accepted the level of {names} as the new normal", act.at)


def holding(case: Case, evidence: Sequence[Evidence]) -> tuple[Accepted, ...]:
    """Give the levels of a case's signals that still hold, from the newest period of each.

    Of a fault of data: the level that is not believed, from the period that was told.
    """
    if case.slip is not None:
        slip = case.slip
        return tuple(
            Accepted(item.organisation, item.indicator, item.source, slip.since)
            for item in evidence
            if item.doubted and (item.indicator, item.source) == (slip.indicator, slip.source)
        )
    shown = {(signal.indicator, signal.source) for signal in case.signals}
    return tuple(
        Accepted(item.organisation, item.indicator, item.source, item.period[0])
        for item in evidence
        if item.latched and not item.doubted and (item.indicator, item.source) in shown
    )


def moved(case: Case, successor: str, standing: Case | None, now: datetime) -> CaseChange:
    """Move an ended organisation's case to its successor; where that has one, close it as merged into."""
    if standing is not None:
        return close(case, Outcome.MERGED, f"merged into {standing.id}", now)
    signals = tuple(replace(signal, organisation=successor) for signal in case.signals)
    gone_on = replace(case, organisation=successor, signals=signals)
    return CaseChange(gone_on, What.MOVED, f"{case.organisation} is now part of {successor}", now)


def named(organisation: str, now: datetime) -> str:
    """Name a case by its organisation and the day, in Europe/London, on which it opens."""
    return f"{organisation}-{day_of(now):%Y%m%d}"


def furthest(acts: Sequence[Act]) -> ActKind | None:
    """Give the furthest act on a case; None: nobody has touched it."""
    order = list(ActKind)
    return max((act.kind for act in acts), key=order.index, default=None)


def families_agreeing(case: Case) -> tuple[Family, ...]:
    """Name the families that agreed when the case was last assessed."""
    return agreeing(case.families)
