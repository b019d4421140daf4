"""Review the organisations that a tick touched: assessments, cases, data cases, and what must be said.

Runs inside the tick's transaction: cases are read after the position was claimed, so that two workers
never open one case twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from monitor import assessment, cases, packs
from monitor.alerts.correction import corrected
from monitor.alerts.message import compose
from monitor.alerts.route import Receiver, route
from monitor.budget import threshold
from monitor.calendars import calendar, day_of, due
from monitor.detectors import detector_for
from monitor.disclosure import disclose
from monitor.intake import Memory
from monitor.model import (
    Assessment,
    Case,
    CaseChange,
    CaseKind,
    Feed,
    Indicator,
    Notification,
    Organisation,
    Pack,
    Signal,
    Tick,
)
from monitor.ports import Block, Changes, Evidence, Scores, Store, Transaction
from monitor.settlement import Roll


@dataclass(frozen=True, slots=True)
class Rules:
    """What the people who run the service have decided.

    `chance_cases` is the budget: how many cases a month chance alone may open, nationally. `settle_after`
    is how long a period rests after its first close before its peers' quantities are fixed.
    """

    chance_cases: float = 1.0
    settle_after: timedelta = timedelta(days=1)
    receivers: tuple[Receiver, ...] = field(default=())


NATION = Organisation(cases.NATION, "The nation as a whole", None, None)


@dataclass(slots=True)
class Review:
    """One tick's review on its way: what is known, and what has been decided so far."""

    transaction: Transaction
    memory: Memory
    tick: Tick
    rules: Rules
    contracts: Mapping[str, Feed]
    indicators: Mapping[str, Indicator]
    standing: dict[str, Case]  # open concern cases by organisation
    changes: list[CaseChange] = field(default_factory=list)
    before: dict[str, Pack] = field(default_factory=dict)  # of corrected cases: the pack as last shown
    still_opens: dict[str, bool] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """Give the day of the tick in Europe/London."""
        return day_of(self.tick.now)


def review(
    transaction: Transaction, store: Store, memory: Memory, tick: Tick, rules: Rules, changes: Changes,
    listed: Sequence[Roll],
) -> tuple[CaseChange, ...]:  # fmt: skip
    """Bring cases up to date with what the tick changed, and queue what must be said."""
    contracts = {**store.contracts(), **({memory.feed: memory.contract} if memory.contract else {})}
    indicators = {indicator.key: indicator for feed in contracts.values() for indicator in feed.indicators}
    every = transaction.open_cases()
    concerns = {case.organisation: case for case in every if case.kind == cases.CONCERN}
    one = Review(transaction, memory, tick, rules, contracts, indicators, concerns)
    _move_merged(one)
    _data_cases(one, listed, every)
    rescored = {code for scores in changes.scores for code in scores.organisations}
    _concerns(one, rescored, every)
    if one.changes:
        transaction.record(one.changes, _notifications(one))
    return tuple(one.changes)


def national_threshold(store: Store, memory: Memory, rules: Rules, today: date) -> float:
    """Work out the threshold that carries the budget, from what is live and how many are watched."""
    contracts = {**store.contracts(), **({memory.feed: memory.contract} if memory.contract else {})}
    cadences = sorted(
        (feed.family, calendar(name).per_year)
        for feed in contracts.values()
        for live in [memory.live if feed.key == memory.feed else store.live(feed.key)]
        for source_name, source in feed.sources.items()
        if source_name in live
        for name in source.calendars.values()
    )
    watched = len(memory.registry.watched(today))
    return threshold(rules.chance_cases, max(watched, 1), tuple(cadences)) if cadences else 0.0


def _move_merged(one: Review) -> None:
    registry = one.memory.registry
    for code, case in sorted(one.standing.items()):
        heir = registry.successor(code, one.today) if registry.ended(code, one.today) else None
        if heir:
            change = cases.moved(case, heir, one.standing.get(heir), one.tick.now)
            one.changes.append(change)
            del one.standing[code]
            if change.case.outcome is None:
                one.standing[heir] = change.case


def _data_cases(one: Review, listed: Sequence[Roll], every: Sequence[Case]) -> None:
    """Open a data case for whoever is silent beyond lateness; a whole feed's silence is one case."""
    silent: dict[str, str] = {}
    for roll in listed:
        number = roll.calendar.last_before(one.today - roll.wait - roll.lateness)
        awaited = roll.awaited(number)
        missing = [code for code in awaited if not roll.has_closed(code, number)]
        day = due(roll.calendar.period(number), roll.wait, roll.lateness)
        reason = f"{roll.indicator.name} ({roll.block.source}) was due on {day} and has not come"
        whole = len(missing) * 2 > len(awaited)
        for code in [one.memory.feed] if whole and missing else missing:
            silent.setdefault(code, reason)
    standing = {case.organisation for case in every if case.feed == one.memory.feed}
    ended = one.transaction.last_faults(one.memory.feed, silent.keys() - standing)
    one.changes += cases.data_changes(one.memory.feed, silent, every, one.tick.now, ended)


def _concerns(one: Review, rescored: set[str], every: Sequence[Case]) -> None:
    evidence = one.transaction.evidence(rescored | set(one.standing))
    acts = one.transaction.acts([case.id for case in one.standing.values()])
    closed, refolds = one.transaction.last_closed(), one.transaction.refolds(set(one.standing))
    assessments = [
        _assess(one, code, items, every)
        for code, items in sorted(evidence.items())
        if not one.memory.registry.ended(code, one.today)
    ]
    shocked = _national(one, assessments, rescored, every)
    for assessed in assessments:
        case = one.standing.get(assessed.organisation)
        if case is None and shocked:
            continue
        change = cases.decide(
            assessed, case, acts.get(case.id, ()) if case else (), now=one.tick.now,
            last_closed=closed.get(assessed.organisation),
        )  # fmt: skip
        if change is not None:
            one.changes.append(_with_pack(one, change))
        elif case is not None and _is_stale(one, case, refolds.get(assessed.organisation, ())):
            _correct(one, case, assessed)


def _assess(one: Review, code: str, items: Sequence[Evidence], every: Sequence[Case]) -> Assessment:
    joined = one.memory.registry.joined(code, one.today)
    late = tuple(sorted(case.feed for case in every if case.feed and case.organisation == code))
    circumstances = assessment.Circumstances(joined[-1] if joined else None, late)
    return assessment.assess(
        code, items, one.indicators, today=one.today, threshold=one.tick.threshold, circumstances=circumstances
    )


def _national(one: Review, assessments: Sequence[Assessment], rescored: set[str], every: Sequence[Case]) -> bool:
    """Say whether the nation moves together; it has one case, as itself, while it does."""
    if one.tick.settles or not rescored:
        return False
    new = [assessed for assessed in assessments if assessed.organisation not in one.standing]
    shocked = assessment.guard(new, len(one.memory.registry.watched(one.today)))
    standing = next((case for case in every if case.kind is CaseKind.NATION), None)
    opening = sum(assessed.opens for assessed in new) if shocked else None
    change = cases.nation_change(opening, standing, one.tick.now)
    if change is not None:
        one.changes.append(change)
    return shocked


def _with_pack(one: Review, change: CaseChange) -> CaseChange:
    """Freeze the evidence where signals are new; what ends keeps the evidence that it was told with."""
    if change.what not in ("opened", "worsened"):
        return change
    reason = f"standing at start: {change.reason}" if one.tick.settles and change.what == "opened" else change.reason
    case = replace(change.case, frozen=_now(one))
    return replace(change, case=case, pack=_pack(one, case), reason=reason)


def _now(one: Review) -> tuple[int, datetime]:
    return one.transaction.sequence, one.tick.now


def _pack(one: Review, case: Case) -> Pack:
    return packs.pack(
        case,
        _organisation(one, case.organisation),
        {(signal.indicator, signal.source): _history(one, signal) for signal in case.signals},
        one.indicators,
        now=one.tick.now,
        tick=f"{one.tick.feed}/{one.tick.number}",
        models={detector_for(one.indicators[signal.indicator].kind).version for signal in case.signals},
    )


def _history(one: Review, signal: Signal) -> Sequence[Scores]:
    """Read a series as far as its signal goes: what came later is no evidence of it."""
    group = _organisation(one, signal.organisation).peer_group
    assert group is not None, "only who has peers is scored"
    feed = next(feed for feed in one.contracts.values() if feed.indicator(signal.indicator))
    number = calendar(feed.sources[signal.source].calendars[signal.indicator]).number(signal.period[0])
    return one.transaction.scores(Block(signal.indicator, signal.source, group), number - packs.POINTS + 1, number)


def _is_stale(one: Review, case: Case, refolds: Sequence[tuple[int, datetime]]) -> bool:
    """Say whether what a case has shown may have changed: now, or on the day of its last word but after it."""
    if case.frozen is None or day_of(case.frozen[1]) == one.today:
        return False
    told, on = case.frozen[0], day_of(case.frozen[1])
    return any(tick == one.transaction.sequence or (tick > told and day_of(at) == on) for tick, at in refolds)


def _correct(one: Review, case: Case, assessed: Assessment) -> None:
    """Tell, once a day, when figures that a case has shown are others now."""
    before = one.transaction.pack(case.id)
    if before is None:
        return
    now = _pack(one, case)
    if not corrected(*(disclose(each, one.indicators) for each in (before, now))):
        return
    still = assessed.opens or not cases.is_gone(assessed)
    one.before[case.id], one.still_opens[case.id] = before, still
    reason = f"a figure was corrected; the case would {'still' if still else 'no longer'} open"
    one.changes.append(CaseChange(replace(case, frozen=_now(one)), "corrected", reason, one.tick.now, now))


def _organisation(one: Review, code: str) -> Organisation:
    """Give who a case is about: an organisation, or a feed or the nation for faults of data."""
    known = one.memory.registry.organisations.get(code)
    if known is not None:
        return known
    contract = one.contracts.get(code)
    return Organisation(code, contract.name, None, None) if contract else NATION


def _notifications(one: Review) -> list[Notification]:
    month = one.tick.now - timedelta(days=30)
    sent = dict(one.transaction.messages_since(month))
    told = one.transaction.told([change.case.id for change in one.changes])
    queued = []
    for change in one.changes:
        body = _message(one, change)
        organisation = _organisation(one, change.case.organisation)
        ways = route(change, organisation, one.rules.receivers, sent_this_month=sent, told=told.get(change.case.id, ()))
        for receiver, how, reason in ways:
            sent[receiver] = sent.get(receiver, 0) + (how == "message" and change.what == "opened")
            queued.append(
                Notification(
                    f"{change.case.id}/{change.what}/{change.at:%Y%m%dT%H%M%S}/{receiver}", change.case.id, receiver,
                    change.what, reason, one.tick.now, body, how,
                )
            )  # fmt: skip
    return queued


def _message(one: Review, change: CaseChange) -> Mapping[str, object]:
    pack = change.pack or one.transaction.pack(change.case.id)
    shown = disclose(pack, one.indicators) if pack else None
    before = one.before.get(change.case.id)
    return compose(
        change, shown, _organisation(one, change.case.organisation),
        before=disclose(before, one.indicators) if before else None,
        still_opens=one.still_opens.get(change.case.id),
    )  # fmt: skip
