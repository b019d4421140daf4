"""What people do about a landed file: they correct a cell of it, or have it read again; bytes never change (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.feeds.table import Correction


@dataclass(frozen=True, slots=True)
class Mending:
    """What a named person did, and when: corrected a cell, or (None) had the file read again."""

    by: str
    at: datetime
    correction: Correction | None = None

    def row(self) -> dict[str, Any]:
        """Give it as the register keeps it."""
        stated = self.correction._asdict() if self.correction else {}
        return {"by": self.by, "at": self.at.isoformat(), **stated}


def mendings(word: Mapping[str, Any]) -> tuple[Mending, ...]:
    """Read what the register keeps of a file for one feed, the oldest first."""
    return tuple(_mending(row) for row in word.get("mendings", ()))


def _mending(row: Mapping[str, Any]) -> Mending:
    correction = Correction(row["row"], row["column"], row["value"]) if "row" in row else None
    return Mending(row["by"], datetime.fromisoformat(row["at"]), correction)


def with_mendings(word: Mapping[str, Any], done: Iterable[Mending]) -> dict[str, Any]:
    """Give what the register keeps once this was done too."""
    return {**word, "mendings": [*word.get("mendings", ()), *(each.row() for each in done)]}


def corrections(done: Iterable[Mending]) -> tuple[Correction, ...]:
    """Give what stands corrected, in the order in which it was: the last word on a cell holds."""
    return tuple(each.correction for each in done if each.correction is not None)
