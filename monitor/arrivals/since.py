"""From which day on a local system is asked, where its question names `:since` (pure).

Kept beside what was seen: lost, everything is asked once more. Nothing rests on it, since words have ranks.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

BEGIN = date(1900, 1, 1)
"""Before anything that a system knows; databases do not all know the year 1."""
_SINCE = re.compile(r"(?<![:\w]):since\b")
_KEPT = re.compile(r"(\S+) (\S+) ([0-9a-f]{64})")


class Asked(NamedTuple):
    """The last question: the day it was put on, and the hash of its answer.

    `through`: the day of the last question before it whose answer had wholly gone to the bus.
    """

    through: date
    day: date
    sha256: str

    def text(self) -> str:
        """Write it as it is kept."""
        return f"{self.through} {self.day} {self.sha256}"


def asked(text: str | None) -> Asked | None:
    """Read what was kept; None: nothing was, or nothing that can be read."""
    found = _KEPT.fullmatch(text or "")
    try:
        return found and Asked(date.fromisoformat(found[1]), date.fromisoformat(found[2]), found[3])
    except ValueError:
        return None


def filled(sql: str, through: date, overlap: timedelta) -> str:
    """Write the day to ask from into a question, as SQL writes it; a cast `::since` is none.

    >>> filled("SELECT 1 WHERE changed >= DATE :since", date(2026, 3, 1), timedelta(days=28))
    "SELECT 1 WHERE changed >= DATE '2026-02-01'"
    """
    day = max(BEGIN, through - overlap) if through > BEGIN else BEGIN
    return _SINCE.sub(f"'{day}'", sql)
