"""Freeze the evidence of a case, and see whether what the case has shown still stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor import cases, packs
from monitor.alerts.correction import Figure, corrected
from monitor.assessment import assess
from monitor.calendars import calendar, day_of
from monitor.casefile import Assessment, Case, CaseChange, Pack, Signal, What
from monitor.detectors import model_of
from monitor.disclosure import disclose
from monitor.kept import Block, Cell, Scores, Sum
from monitor.sight import Sight


@dataclass(frozen=True, slots=True)
class Correction:
    """That figures which a case has shown are others now: what was shown, and whether the case would still open."""

    before: Pack
    still_opens: bool | None  # None: it is not asked, as the case goes on with a successor


def freeze(sight: Sight, change: CaseChange) -> CaseChange:
    """Give the change with its evidence: as known now, at this place in the order of ticks."""
    case = replace(change.case, frozen=(sight.view.sequence, sight.now))
    return replace(change, case=case, pack=_pack(sight, case, whose=case.organisation))


def is_refolded(case: Case, refolds: Sequence[tuple[int, datetime]]) -> bool:
    """Say whether the past of a case has been scored again since its last word."""
    return case.frozen is not None and any(tick > case.frozen[0] for tick, _ in refolds)


def is_stale(sight: Sight, case: Case, refolds: Sequence[tuple[int, datetime]]) -> bool:
    """Say whether a case needs a word of its own, of which it has one a day, for what it has shown may have changed.

    Now, or on the day of its last word but after it.
    """
    if case.frozen is None or day_of(case.frozen[1]) == sight.today:
        return False
    told, on = case.frozen[0], day_of(case.frozen[1])
    return any(tick == sight.view.sequence or (tick > told and day_of(at) == on) for tick, at in refolds)


def correct(
    sight: Sight, case: Case, assessed: Assessment, decided: CaseChange | None
) -> tuple[CaseChange, Correction] | None:
    """Give the correction of a case; None where neither a figure as people saw it nor the conclusion is different.

    It comes with what is `decided` anyway, or as a change of its own. Of a case whose evidence has gone only the
    figures count: that it would not open now has been told.
    """
    before = sight.view.pack(case.id)
    if before is None or not case.signals:
        return None
    if before.organisation != case.organisation:
        return None if decided else _of_predecessor(sight, case, before)
    ends = decided is not None and decided.what in (What.FADED, What.GONE)
    undone = ends and cases.is_gone(_in_hindsight(sight, case))
    change = _step(sight, case, assessed, cases.corrected_away(decided) if decided and undone else decided)
    assert change.pack is not None, "just frozen"
    if undone or _figures(sight, before, change.pack) or _concludes_otherwise(sight, case, assessed):
        return change, Correction(before, assessed.opens)
    return None


def _of_predecessor(sight: Sight, case: Case, before: Pack) -> tuple[CaseChange, Correction] | None:
    """Correct what a moved case has shown: figures of its predecessor, which its successor's are no correction of."""
    code = before.organisation
    shown = replace(case, organisation=code, signals=tuple(replace(each, organisation=code) for each in case.signals))
    now = _pack(sight, shown, whose=case.organisation)
    if not _figures(sight, before, now):
        return None
    case = replace(case, frozen=(sight.view.sequence, sight.now))
    change = CaseChange(case, What.CORRECTED, f"a figure of {code} was corrected", sight.now, pack=now)
    return change, Correction(before, None)


def _step(sight: Sight, case: Case, assessed: Assessment, decided: CaseChange | None) -> CaseChange:
    reason = f"a figure was corrected; the case would {'still' if assessed.opens else 'no longer'} open"
    step = decided or CaseChange(case, What.CORRECTED, reason, sight.now)
    return freeze(sight, replace(step, case=replace(step.case, still_opens=assessed.opens)))


def _figures(sight: Sight, before: Pack, now: Pack) -> Sequence[Figure]:
    return corrected(disclose(before, sight.indicators), disclose(now, sight.indicators))


def _concludes_otherwise(sight: Sight, case: Case, assessed: Assessment) -> bool:
    """Say whether a case would open now and would not as last told, or the reverse, and not because time has passed."""
    if case.is_gone or assessed.opens == case.still_opens:
        return False
    return _in_hindsight(sight, case).opens != case.still_opens


def _in_hindsight(sight: Sight, case: Case) -> Assessment:
    """Assess what a case's last word was said of, on its day and by its threshold, on the figures as they are now."""
    assert case.frozen is not None, "it was refolded since"
    sequence, instant = case.frozen
    evidence, threshold = sight.view.judged(sight.organisation(case.organisation), sequence)
    return assess(case.organisation, evidence, sight.indicators, today=day_of(instant), threshold=threshold)


def _pack(sight: Sight, case: Case, *, whose: str) -> Pack:
    """Freeze a case's signals; `whose` series, with those of its predecessors, have left before."""
    return packs.pack(
        case,
        sight.organisation(case.organisation),
        {(signal.indicator, signal.source): _history(sight, signal) for signal in case.signals},
        sight.indicators,
        now=sight.now,
        tick=f"{sight.tick.feed}/{sight.tick.number}",
        models={model_of(sight.indicators[signal.indicator]) for signal in case.signals},
        earlier=sight.view.packs(sight.registry.lineage(whose, sight.today)),
        first=_first(sight, case.signals),
    )


def _first(sight: Sight, signals: Sequence[Signal]) -> dict[tuple[str, str], Sum]:
    """Give what the last period of each series held first, where a word has changed it since."""
    held = {
        (signal.indicator, signal.source): sight.view.first_known(
            Cell(signal.indicator, signal.source, signal.organisation, signal.period[0])
        )
        for signal in signals
    }
    return {key: first for key, first in held.items() if first is not None}


def _history(sight: Sight, signal: Signal) -> Sequence[Scores]:
    """Read a series as far as its signal goes: what came later is no evidence of it."""
    group = sight.organisation(signal.organisation).peer_group
    assert group is not None, "only who has peers is scored"
    feed = next(feed for feed in sight.contracts.values() if feed.indicator(signal.indicator))
    periods = calendar(feed.sources[signal.source].calendars[signal.indicator])
    number, many = periods.number(signal.period[0]), max(packs.POINTS, periods.per_year + 1)
    return sight.history(Block(signal.indicator, signal.source, group), number - many + 1, number)
