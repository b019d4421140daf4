"""When each organisation's next figures are expected, and whose are late (pure).

The calendar of a feed's arrivals follows from its contract and from who has sent it before: a period is due when its
wait and the source's lateness have passed. Being late is a matter of data; what it means is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from monitor.calendars import due
from monitor.model import Period
from monitor.settlement import Roll


@dataclass(frozen=True, slots=True)
class Expected:
    """The next period of one series: who sends it, and by when.

    Parameters
    ----------
    newest
        The last period that is complete; None: none is yet.
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
    """Give what is expected next of everyone who has sent a series before and has not ended, the latest first."""
    found = (one for roll in listed for one in _of(roll, today))
    return tuple(sorted(found, key=lambda one: (-one.late_days, one.due, one.indicator, one.source, one.organisation)))


def _of(roll: Roll, today: date) -> Iterator[Expected]:
    for code, ranges in roll.closed.items():
        newest = ranges[-1][1] if ranges else None
        number = roll.begins[code] if newest is None else newest + 1
        if number >= roll.ends.get(code, number + 1):
            continue
        period = roll.calendar.period(number)
        day = due(period, roll.wait, roll.lateness)
        yield Expected(
            code,
            roll.indicator.key,
            roll.block.source,
            None if newest is None else roll.calendar.period(newest),
            period,
            day,
            max((today - day).days + 1, 0),
        )
