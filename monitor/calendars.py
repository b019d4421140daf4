"""The periods of a calendar: half-open, numbered without gaps, dates in Europe/London.

A calendar is written `weekly` (ISO weeks), `monthly`, `quarterly`, `yearly`, or `months:2,5,8` for periods
that begin on the first of the listed months: a yearly survey fielded in November is `months:12`, the
three waves of the pulse (read in April, July and January) are `months:2,5,8`, a financial year `months:4`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from monitor.errors import BadRequest
from monitor.model import Period

LONDON = ZoneInfo("Europe/London")
_FIRST_MONDAY = date(1970, 1, 5).toordinal()
_NAMED = {"monthly": tuple(range(1, 13)), "quarterly": (1, 4, 7, 10), "yearly": (1,)}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Periods numbered 0, 1, 2, … from 1970; `months` None: ISO weeks."""

    name: str
    months: tuple[int, ...] | None

    @property
    def per_year(self) -> int:
        """Periods in a year: 52, 12, 4, 3 or 1 in the calendars in use."""
        return 52 if self.months is None else len(self.months)

    def number(self, day: date) -> int:
        """Give the number of the period that holds this day."""
        if self.months is None:
            return (day.toordinal() - _FIRST_MONDAY) // 7
        begun = sum(month <= day.month for month in self.months)
        return (day.year - 1970) * len(self.months) + begun - 1

    def start(self, number: int) -> date:
        """Give the first day of the period of this number."""
        if self.months is None:
            return date.fromordinal(_FIRST_MONDAY + 7 * number)
        year, place = divmod(number, len(self.months))
        return date(1970 + year, self.months[place], 1)

    def period(self, number: int) -> Period:
        """Give [start, end) of the period of this number."""
        return self.start(number), self.start(number + 1)

    def holding(self, day: date) -> Period:
        """Give the period that holds this day."""
        return self.period(self.number(day))

    def has(self, period: Period) -> bool:
        """Say whether these two dates are a period of this calendar."""
        return self.holding(period[0]) == period

    def years(self, number: int) -> float:
        """Give the middle of a period in years since 2000-01-01 (365.25 days each)."""
        start, end = self.period(number)
        return ((start.toordinal() + end.toordinal()) / 2 - date(2000, 1, 1).toordinal()) / 365.25

    def first_within(self, day: date) -> int:
        """Give the number of the first period that starts on or after this day."""
        number = self.number(day)
        return number if self.start(number) == day else number + 1

    def last_before(self, day: date) -> int:
        """Give the number of the last period that ends on or before this day."""
        return self.number(day) - 1


@lru_cache
def calendar(name: str) -> Calendar:
    """Read a calendar's name as contracts write it."""
    if name == "weekly":
        return Calendar(name, None)
    if name in _NAMED:
        return Calendar(name, _NAMED[name])
    return Calendar(name, _listed(name))


def _listed(name: str) -> tuple[int, ...]:
    kind, _, listed = name.partition(":")
    months = tuple(int(part) for part in listed.split(",") if part.strip().isdecimal())
    if kind != "months" or not months or list(months) != sorted(set(months)) or not 1 <= months[0] <= months[-1] <= 12:
        raise BadRequest(f"calendar {name!r}: use weekly, monthly, quarterly, yearly or months:2,5,8")
    return months


def day_of(instant: datetime) -> date:
    """Give the day on which an instant falls in Europe/London."""
    return instant.astimezone(LONDON).date()


def stated_day(stated: datetime) -> date:
    """Give the day that a source states; without a zone it is by the clock on its wall.

    >>> stated_day(datetime.fromisoformat("2026-07-31T23:30Z")), stated_day(datetime.fromisoformat("2026-07-31T23:30"))
    (datetime.date(2026, 8, 1), datetime.date(2026, 7, 31))
    """
    return stated.date() if stated.tzinfo is None else day_of(stated)


def due(period: Period, wait: timedelta, lateness: timedelta) -> date:
    """Give the day from which a period that has not closed is missing."""
    return period[1] + wait + lateness
