"""When a worsening that has held for half a year asks a person to renew, accept or close it (pure).

A latch would hold for ever where nobody looks (detection.md §6). What answers it is any act but a note or an
acknowledgement: words beside a case, and that somebody has seen it, say neither that it is watched on nor that its
level is the new normal. So neither ends the waiting, or puts the next asking off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from monitor.calendars import day_of
from monitor.casefile import Act, ActKind, Case, Signal

HALF_A_YEAR = timedelta(days=181)
"""So long a latch holds before it asks, and from an answer or an asking to the next (detection.md §6).

The shortest six months, or two quarters, of a calendar; 26 weeks have a day more.
"""
ANSWERS = (
    "renew it (`monitor cases watch`), accept it as the new normal (`monitor cases accept`), "
    "or close the case (`monitor cases close`)"
)
NO_ANSWER = (ActKind.NOTE, ActKind.ACKNOWLEDGE)
AWAITS_ANSWER = "held for half a year, waits for a person to renew, accept or close it"


def long_held(signals: Iterable[Signal]) -> list[Signal]:
    """Give the worsenings that have held for half a year of figures: that none came says nothing of what holds.

    One figure by itself holds nothing, however long its period is: at least one more has come since.
    """
    return [
        signal
        for signal in signals
        if signal.latched and signal.latched_since and signal.latched_since < signal.period[0]
        if signal.latched_since + HALF_A_YEAR <= signal.period[1]
    ]


def how_long(starts: Iterable[date]) -> str:
    """Say since when what holds has held, by the months in which each of it became plain."""
    months = sorted({day.replace(day=1) for day in starts})
    return f"{'the longest ' if len(months) > 1 else ''}plain since {months[0]:%B %Y} and holding"


def has_rested(day: date, today: date) -> bool:
    """Say whether half a year has gone by since an asking or an answer, so that it is asked (again)."""
    return day + HALF_A_YEAR <= today


def answered(acts: Iterable[Act]) -> datetime | None:
    """Give when a person last answered for a case, asked or not; None: nobody has."""
    return max((act.at for act in acts if act.kind not in NO_ANSWER), default=None)


def to_ask(case: Case, signals: Iterable[Signal], acts: Sequence[Act], today: date) -> list[Signal]:
    """Give what a person is to be asked about now: nothing within half a year of the last asking or answer."""
    dates = [day_of(at) for at in (case.asked, answered(acts)) if at is not None]
    return long_held(signals) if all(has_rested(day, today) for day in dates) else []


def awaits_answer(case: Case, acts: Sequence[Act]) -> bool:
    """Say whether an open case was asked about, and nobody has answered since."""
    if case.asked is None or case.outcome is not None or case.is_gone:
        return False
    last = answered(acts)
    return last is None or last < case.asked
