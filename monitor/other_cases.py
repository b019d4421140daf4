"""The cases that no evidence of one organisation opens: the nation's, and faults of data (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from monitor.calendars import day_of
from monitor.casefile import Case, CaseChange, CaseKind, Outcome, Slip, What
from monitor.cases import NATION, REST, close, named


class Fault(NamedTuple):
    """What is at fault in the data of an organisation, or of a whole feed, and why; without a slip it is silent."""

    whose: str
    why: str
    slip: Slip | None = None


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
    feed: str, faults: Iterable[Fault], cases: Iterable[Case], now: datetime, ended: Iterable[Case] = ()
) -> list[CaseChange]:
    """Open a data case for every fault, and close those of who speaks as usual again.

    Who is silent has one case; each series that is off by a unit has its own. `ended`: closed ones of those at fault,
    the last one last: what people closed is not told again in the same words.
    """
    found = {_about(fault.whose, fault.slip): _data_case(fault, feed, now) for fault in faults}
    standing = _standing(feed, cases)
    last = {_about(case.organisation, case.slip): case for case in ended}
    new = {about: found[about] for about in sorted(found.keys() - standing.keys())}
    untold = [_after(case, last.get(about)) for about, case in new.items() if not _was_told(case, last.get(about))]
    opened = [CaseChange(case, What.OPENED, case.because, now) for case in untold]
    spoken = [_as_usual(standing[about], now) for about in sorted(standing.keys() - found.keys())]
    return opened + spoken


def unopened(feed: str, faults: Iterable[Fault], cases: Iterable[Case]) -> set[str]:
    """Name whose faults have no open case."""
    standing = _standing(feed, cases)
    return {fault.whose for fault in faults if _about(fault.whose, fault.slip) not in standing}


def _standing(feed: str, cases: Iterable[Case]) -> dict[tuple[str, str, str], Case]:
    return {_about(case.organisation, case.slip): case for case in cases if case.feed == feed}


def _about(whose: str, slip: Slip | None) -> tuple[str, str, str]:
    return (whose, slip.indicator, slip.source) if slip else (whose, "", "")


def _was_told(case: Case, last: Case | None) -> bool:
    return last is not None and last.because == case.because and not last.is_gone


def _after(case: Case, last: Case | None) -> Case:
    """Give the second case of a day its number, and those that follow."""
    if last is None or not (last.id == case.id or last.id.startswith(f"{case.id}-")):
        return case
    number = last.id.removeprefix(case.id).removeprefix("-")
    return replace(case, id=f"{case.id}-{int(number or 1) + 1}")


def _as_usual(case: Case, now: datetime) -> CaseChange:
    how = "are as usual again, were accepted as they are" if case.slip else "have arrived as usual"
    reason = f"its figures {how}, are no longer awaited, or most organisations' are at fault"
    return close(replace(case, is_gone=True), Outcome.DATA_FAULT, reason, now)


def _data_case(fault: Fault, feed: str, now: datetime) -> Case:
    case = _without_signals(fault.whose, CaseKind.DATA, fault.why, now)
    series = f"-{fault.slip.indicator}-{fault.slip.source}" if fault.slip else ""
    return replace(case, id=f"{case.id}-{feed}{series}", feed=feed, slip=fault.slip)


def _without_signals(
    organisation: str, kind: CaseKind, reason: str, now: datetime, patterns: tuple[str, ...] = ()
) -> Case:
    """Make a case that no evidence of one organisation opens."""
    return Case(
        id=named(organisation, now), organisation=organisation, opened=now, p=1.0, families={}, signals=(),
        patterns=patterns, against=(), because=reason, kind=kind,
    )  # fmt: skip
