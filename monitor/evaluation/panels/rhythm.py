"""The periods of a panel: a calendar, begun where the panel begins its own.

Weeks may begin on any weekday, quarters on any month and years on any month, as long as all of a panel do:
weeks from Sunday are weeks, and a financial year is a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from monitor.calendars import Calendar, calendar
from monitor.detectors.contract import WARM_UP_PERIODS
from monitor.errors import BadRequest

EARLIEST, LATEST = date(1900, 1, 8), date(2199, 12, 31)
"""Dates outside are slips of the pen."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A calendar whose weeks begin so many days after Monday."""

    calendar: Calendar
    days: int

    def number(self, day: date) -> int | None:
        """Give the number of the period that starts on this day; None: none does."""
        shifted = day - timedelta(days=self.days)
        number = self.calendar.number(shifted)
        return number if self.calendar.start(number) == shifted else None

    def start(self, number: int) -> date:
        """Give the first day of a period."""
        return self.calendar.start(number) + timedelta(days=self.days)

    def years(self, number: int) -> float:
        """Give the middle of a period in years since 2000-01-01."""
        return self.calendar.years(number) + self.days / 365.25


def rhythm(cadence: str, first: date) -> Rhythm:
    """Give the periods of a cadence, one of which starts on `first` where the cadence allows it."""
    made = calendar(cadence)
    _check(made)
    if cadence == "weekly":
        return Rhythm(made, first.weekday())
    if cadence in ("quarterly", "yearly"):
        months = 12 // made.per_year
        made = _from((first.month - 1) % months + 1, months)
    return Rhythm(made, 0)


def _check(made: Calendar) -> None:
    """Refuse a calendar for which no warm-up is known."""
    if made.per_year not in WARM_UP_PERIODS:
        known = ", ".join(str(number) for number in sorted(WARM_UP_PERIODS))
        raise BadRequest(f"cadence {made.name}: {made.per_year} periods a year; panels of {known} can be scored")


def _from(month: int, months: int) -> Calendar:
    listed = tuple(range(month, 13, months))
    return Calendar(f"months:{','.join(map(str, listed))}", listed)


def day_in(text: str) -> date | None:
    """Read an ISO date, with or without a midnight; None: it is none.

    >>> day_in("2024-04-01T00:00:00"), day_in("1/4/2024")
    (datetime.date(2024, 4, 1), None)
    """
    text = text.strip()
    if len(text) > 10 and not set(text[10:]) <= set("T 0:.+Z"):
        return None
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST and len(text) >= 10 else None


def starts(first: date, cadence: str) -> str:
    """Say in words when a panel's periods start, by its first one."""
    if cadence == "weekly":
        return f"weeks of this panel start on a {first:%A}, as its first row does ({first})"
    if cadence in ("quarterly", "yearly"):
        return f"{cadence} periods of this panel start as its first row does ({first})"
    return f"{cadence} periods start on the first day of a month of that calendar"
