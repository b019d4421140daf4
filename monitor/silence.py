"""Who has gone silent: a fault of data, never of care (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from monitor.calendars import due
from monitor.settlement import Roll


def silent(feed: str, listed: Sequence[Roll], today: date) -> dict[str, str]:
    """Give whose figures are due and have not come, with why; where most are missing, it is the feed itself."""
    found: dict[str, str] = {}
    for roll in listed:
        number = roll.calendar.last_before(today - roll.wait - roll.lateness)
        awaited = roll.awaited(number)
        missing = [code for code in awaited if not roll.has_closed(code, number)]
        day = due(roll.calendar.period(number), roll.wait, roll.lateness)
        reason = f"{roll.indicator.name} ({roll.block.source}) was due on {day} and has not come"
        most = len(missing) * 2 > len(awaited)
        for code in [feed] if most else missing:
            found.setdefault(code, reason)
    return found
