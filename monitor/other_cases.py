"""The cases that no evidence of one organisation opens: the nation's, and faults of data (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.calendars import day_of
from monitor.casefile import Case, CaseChange, CaseKind, Outcome, What
from monitor.cases import NATION, REST, close, named


def nation_change(opening: int | None, told: Case | None, now: datetime) -> CaseChange | None:
    """Open the nation's case when so many organisations open at once (None: they do not), or close it, a day later.

    Not on its own day, whose name it bears: a shock that comes and goes within a day has one story. `told`: the
    nation's case while its shock lasts, open or closed by people; of a closed one it is told that the shock has passed.
    """
    if opening is None:
        return _passed(told, now) if told and day_of(told.opened) < day_of(now) else None
    if told is not None:
        return None
    reason = f"{opening} organisations at once: the nation or a recording change, not each of them"
    case = _without_signals(NATION, CaseKind.NATION, reason, now, patterns=("C0",))
    return CaseChange(case, What.OPENED, reason, now)


def _passed(nation: Case, now: datetime) -> CaseChange:
    reason = "no longer so many organisations at once"
    if nation.outcome is None:
        return close(nation, Outcome.PASSED, reason, now)
    return CaseChange(replace(nation, is_gone=True), What.GONE, reason, now)


def shock_lasts(closed: Case, now: datetime) -> bool:
    """Say whether the shock of the nation's closed case goes on: people closed it, and nobody has seen it pass.

    For a quarter at most, as an organisation's case rests; what shocks the nation then is told again.
    """
    by_people = closed.outcome is not Outcome.PASSED and not closed.is_gone
    return by_people and closed.closed is not None and now < closed.closed + REST


def data_changes(
    feed: str, faults: Mapping[str, str], cases: Sequence[Case], now: datetime, ended: Mapping[str, Case] | None = None
) -> list[CaseChange]:
    """Open a data case for every organisation at fault (with why), and close those that speak as usual again.

    `ended` holds the last closed one of each: the same fault is not told again, nor a second one on its day.
    """
    standing = {case.organisation: case for case in cases if case.kind is CaseKind.DATA and case.feed == feed}
    opened = [
        CaseChange(_data_case(code, feed, reason, now), What.OPENED, reason, now)
        for code, reason in sorted(faults.items())
        if code not in standing and not _was_told(code, feed, reason, now, ended or {})
    ]
    spoken = [
        close(case, Outcome.DATA_FAULT, "its figures have arrived as usual, or are no longer awaited", now)
        for code, case in sorted(standing.items())
        if code not in faults
    ]
    return opened + spoken


def _was_told(code: str, feed: str, reason: str, now: datetime, ended: Mapping[str, Case]) -> bool:
    last = ended.get(code)
    return last is not None and (last.because == reason or last.id == _data_case(code, feed, reason, now).id)


def _data_case(organisation: str, feed: str, reason: str, now: datetime) -> Case:
    case = _without_signals(organisation, CaseKind.DATA, reason, now)
    return replace(case, id=f"{case.id}-{feed}", feed=feed)


def _without_signals(
    organisation: str, kind: CaseKind, reason: str, now: datetime, patterns: tuple[str, ...] = ()
) -> Case:
    """Make a case that no evidence of one organisation opens."""
    return Case(
        id=named(organisation, now), organisation=organisation, opened=now, p=1.0, families={}, signals=(),
        patterns=patterns, against=(), because=reason, kind=kind,
    )  # fmt: skip
