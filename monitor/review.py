"""Review the organisations that a tick touched: assessments, cases, data cases, and what must be said.

Reads through a view and writes nothing: ahead of the tick's transaction, or in it where another tick or an
act came between, so that two workers never open one case twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from monitor import assessment, cases
from monitor.against import Circumstances
from monitor.belief import unbelieved
from monitor.casefile import Assessment, Case, CaseChange, CaseKind, Notification, What
from monitor.evidence import Evidence
from monitor.freezing import Correction, correct, freeze, is_refolded, is_stale
from monitor.heartbeat import HEARTBEAT
from monitor.kept import Changes
from monitor.memory import Memory
from monitor.model import Tick
from monitor.other_cases import Fault, data_changes, nation_change, shock_lasts, unopened
from monitor.ports import View
from monitor.rules import Rules
from monitor.settlement import Roll
from monitor.sight import Sight, look
from monitor.silence import silent
from monitor.telling import notifications

TOGETHER = timedelta(days=7)
"""Cases that open within so many days open at once: chance opens about one a month (detection.md §7)."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a tick makes of cases, and what must be said of it."""

    cases: tuple[CaseChange, ...]
    notifications: tuple[Notification, ...]


@dataclass(slots=True)
class Review:
    """One tick's review on its way: what it sees, and what has been decided so far."""

    sight: Sight
    every: Sequence[Case]  # open ones of every kind, as the tick found them
    standing: dict[str, Case]  # open concern cases by organisation
    evidence: Mapping[str, Sequence[Evidence]] = field(default_factory=dict)  # of all whom the tick is about, at least
    changes: list[CaseChange] = field(default_factory=list)
    corrections: dict[str, Correction] = field(default_factory=dict)  # by case


def review(
    view: View, memory: Memory, tick: Tick, rules: Rules, changes: Changes, listed: Sequence[Roll]
) -> Reviewed:  # fmt: skip
    """Bring cases up to date with what the tick changed, and say what must be said."""
    if tick.feed == HEARTBEAT:
        return Reviewed((), ())  # it judges nobody, so that a replay need not know of it
    if tick.behind:
        return Reviewed((), ())  # what seems missing, or other than it was, may be put right by what waits
    every = view.open_cases()
    concerns = {case.organisation: case for case in every if case.kind == cases.CONCERN}
    rescored = {code for scores in changes.scores for code in scores.organisations}
    everybody = bool(rescored) or any(case.feed == memory.feed for case in every)
    one = Review(look(view, memory.registry, tick), every, concerns)
    _move_merged(one)
    one.evidence = view.evidence(None if everybody else set(one.standing))
    _data_cases(one, memory, listed, everybody=everybody)
    _concerns(one, rescored)
    said = notifications(one.sight, one.changes, one.corrections, rules.receivers) if one.changes else ()
    return Reviewed(tuple(one.changes), said)


def _move_merged(one: Review) -> None:
    registry, today = one.sight.registry, one.sight.today
    for code, case in sorted(one.standing.items()):
        heir = registry.successor(code, today) if registry.ended(code, today) else None
        if heir:
            change = cases.moved(case, heir, one.standing.get(heir), one.sight.now)
            one.changes.append(change)
            del one.standing[code]
            if change.case.outcome is None:
                one.standing[heir] = change.case


def _data_cases(one: Review, memory: Memory, listed: Sequence[Roll], *, everybody: bool) -> None:
    """Open a data case for whoever is silent or off by a unit, and close those of who speaks as usual again.

    `everybody`: all evidence has been read; where it has not, nothing was scored, and what was off has been told.
    """
    feed, registry, today = memory.feed, one.sight.registry, one.sight.today
    faults = [Fault(code, why) for code, why in silent(feed, listed, today).items()]
    if memory.contract is not None and everybody:
        heard = [items for code, items in one.evidence.items() if not registry.ended(code, today)]
        faults += unbelieved(memory.contract, heard)
    ended = one.sight.view.last_faults(feed, unopened(feed, faults, one.every))
    one.changes += data_changes(feed, faults, one.every, one.sight.now, ended)


def _concerns(one: Review, rescored: set[str]) -> None:
    view, nation = one.sight.view, _nation(one)
    # while the nation stands for them, what happens to it shows in everybody, whoever was scored just now
    everybody = bool(rescored) and nation is not None
    evidence = one.evidence if everybody else _only(one.evidence, rescored | one.standing.keys())
    acts = view.acts([case.id for case in one.standing.values()])
    closed, refolds = view.last_closed(), view.refolds(set(one.standing))
    assessments = [
        _assess(one, code, items)
        for code, items in sorted(evidence.items())
        if code in one.standing or (not one.sight.registry.ended(code, one.sight.today) and _opens(one, items))
    ]
    decided = [
        cases.decide(
            assessed, case, acts.get(case.id, ()) if case else (), now=one.sight.now,
            last_closed=closed.get(assessed.organisation), merged=_merged(one, assessed.organisation),
        )
        for assessed in assessments
        for case in [one.standing.get(assessed.organisation)]
    ]  # fmt: skip
    opening = [change for change in decided if change and change.what is What.OPENED]
    shocked = bool(rescored) and _national(one, nation, opening)
    for assessed, change in zip(assessments, decided, strict=True):
        case = one.standing.get(assessed.organisation)
        if case is not None:
            _follow(one, case, assessed, change, refolds.get(assessed.organisation, ()))
        elif change is not None and not shocked:
            one.changes.append(_with_evidence(one, change))


def _only(evidence: Mapping[str, Sequence[Evidence]], codes: Set[str]) -> dict[str, Sequence[Evidence]]:
    return {code: items for code, items in evidence.items() if code in codes}


def _nation(one: Review) -> Case | None:
    """Give the nation's case while its shock lasts, open or closed by people; None: it does not move together."""
    standing = next((case for case in one.every if case.kind is CaseKind.NATION), None)
    closed = None if standing else one.sight.view.last_shock()
    return closed if closed and shock_lasts(closed, one.sight.now) else standing


def _opens(one: Review, items: Sequence[Evidence]) -> bool:
    sight = one.sight
    return assessment.opens(items, sight.indicators, today=sight.today, threshold=sight.tick.threshold)


def _assess(one: Review, code: str, items: Sequence[Evidence]) -> Assessment:
    sight = one.sight
    silences = (case for case in one.every if case.organisation == code and case.slip is None)
    late = tuple(sorted(case.feed for case in silences if case.feed))
    circumstances = Circumstances(_merged(one, code), late)
    return assessment.assess(
        code, items, sight.indicators, today=sight.today, threshold=sight.tick.threshold, circumstances=circumstances
    )


def _merged(one: Review, code: str) -> date | None:
    """Give the day of an organisation's last merger."""
    return max(one.sight.registry.joined(code, one.sight.today), default=None)


def _national(one: Review, nation: Case | None, opening: Sequence[CaseChange]) -> bool:
    """Say whether the nation moves together; it has one case, as itself, while it does.

    Peer groups settle on different days: who opened in the days before counts with who would open now.
    """
    if one.sight.tick.settles:
        return False
    together = {change.case.organisation for change in opening} | one.sight.view.opened_since(one.sight.now - TOGETHER)
    shocked = assessment.guard(len(together), len(one.sight.registry.watched(one.sight.today)))
    change = nation_change(len(together) if shocked else None, nation, one.sight.now)
    if change is not None:
        one.changes.append(change)
    return shocked


def _with_evidence(one: Review, change: CaseChange) -> CaseChange:
    """Freeze the evidence where signals are new or asked about; what ends keeps the evidence that it was told with."""
    if change.what not in (What.OPENED, What.WORSENED, What.ASKED):
        return change
    return replace(freeze(one.sight, change), at_start=one.sight.tick.settles and change.what is What.OPENED)


def _follow(
    one: Review, case: Case, assessed: Assessment, decided: CaseChange | None, refolds: Sequence[tuple[int, datetime]]
) -> None:
    """Tell what becomes of an open case, and with it what figures that it has shown are now; these alone once a day."""
    asks = is_refolded(case, refolds) if decided else is_stale(one.sight, case, refolds)
    found = correct(one.sight, case, assessed, decided) if asks else None
    if found is not None:
        change, one.corrections[case.id] = found
        one.changes.append(change)
    elif decided is not None:
        one.changes.append(_with_evidence(one, decided))
