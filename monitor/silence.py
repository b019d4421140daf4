"""Who has gone silent: a fault of data, never of care (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from monitor.calendars import due
from monitor.model import Period
from monitor.settlement import Roll

ONE_DAY = timedelta(days=1)


def silent(feed: str, listed: Sequence[Roll], today: date) -> dict[str, str]:
    """Give whose figures are due and have not come, with why; where most are missing, it is the feed itself.

    Of several figures that are missing the one that was due last is named: it says how long the silence is by now.
    """
    found: dict[str, tuple[date, str]] = {}
    for roll in listed:
        number = roll.last_due(today)
        missing = roll.missing(number)
        if not missing:  # so of most, on most days
            continue
        day = due(roll.calendar.period(number), roll.wait, roll.lateness)
        if len(missing) * 2 > len(roll.awaited(number)):
            whose = {feed: f"of most organisations {_why(roll, missing, number, day)}"}
        else:
            whose = {code: _why(roll, [code], number, day) for code in missing}
        for code, why in whose.items():
            named = day, f"{roll.indicator.name} ({roll.block.source}): {why}"
            found[code] = max(found.get(code, named), named, key=lambda each: each[0])
    return {code: why for code, (_, why) in found.items()}


def _why(roll: Roll, codes: Sequence[str], number: int, day: date) -> str:
    """Say since when these have sent nothing, and what was due last."""
    ranges = [each for code in codes for each in roll.closed[code]]
    period = named(roll.calendar.period(number))
    if any(first > number for first, _ in ranges):
        return f"{period} was due on {_on(day)} and has not come, though later figures have"
    ends = [last for _, last in ranges]
    heard = f"nothing since {named(roll.calendar.period(max(ends)))}" if ends else "nothing yet"
    return f"{heard}; last due {_on(day)} ({period})"


def named(period: Period) -> str:
    """Name a month, and any other period by its last day."""
    start, last = period[0], period[1] - ONE_DAY
    is_month = start.day == 1 and period[1].day == 1 and (start.year, start.month) == (last.year, last.month)
    return f"{start:%B %Y}" if is_month else f"the period to {_on(last)}"


def _on(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
