"""When each organisation's next figures are expected, and whose are late (pure).

The calendar of a feed's arrivals follows from its contract and from who has sent it before: a period is due when its
wait and the source's lateness have passed. Being late is a matter of data; what it means is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.calendars import due
from monitor.coverage import Ranges
from monitor.model import Period
from monitor.settlement import Roll

YEAR = timedelta(days=366)
"""What was left out is asked for that long after it was due; then it is history."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A period that one series lacks, the next one or one left out: who sends it, and by when.

    Parameters
    ----------
    newest
        The last period that is complete, later than `awaited` where that was left out; None: none is yet.
    due
        The day from which it is missing.
    late_days
        Days on which it has been missing, that one included; 0: it is not late.
    """

    organisation: str
    indicator: str
    source: str
    newest: Period | None
    awaited: Period
    due: date
    late_days: int


def expected(listed: Iterable[Roll], today: date) -> tuple[Expected, ...]:
    """Give what is expected of everyone who has sent a series before and has not ended, the latest first.

    That is the next period and, since whatever comes later does not bring it, each one left out that became due in the
    last year.
    """
    found = (one for roll in listed for one in _of(roll, today))
    return tuple(sorted(found, key=lambda one: (-one.late_days, one.due, one.indicator, one.source, one.organisation)))


def _of(roll: Roll, today: date) -> Iterator[Expected]:
    for code, ranges in roll.closed.items():
        newest = ranges[-1][1] if ranges else None
        for number in _awaited(ranges, roll.begins[code]):
            one = _expected(roll, code, newest, number, today)
            if number < roll.ends.get(code, number + 1) and (
                newest is None or number > newest or one.due > today - YEAR
            ):
                yield one


def _awaited(ranges: Ranges, begin: int) -> Iterator[int]:
    """Give the numbers that lie between what is closed, and the one after."""
    for first, last in ranges:
        yield from range(begin, first)
        begin = last + 1
    yield begin


def _expected(roll: Roll, code: str, newest: int | None, number: int, today: date) -> Expected:
    period = roll.calendar.period(number)
    day = due(period, roll.wait, roll.lateness)
    return Expected(
        code,
        roll.indicator.key,
        roll.block.source,
        None if newest is None else roll.calendar.period(newest),
        period,
        day,
        max((today - day).days + 1, 0),
    )
