"""What can wait: cases held for the digest, watch items, faults of data, and who was not heard (pure).

Every digest says that no alert is not assurance, and names the families that did not report: an organisation
without a case may simply not have been seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.alerts.message import FOOTER
from monitor.casefile import WatchKind
from monitor.model import Family

ASSURANCE = "No alert is not assurance."
POWER = (
    "Measured on simulated organisations that got worse by 10-40 %, at one chance case a month: of ten, five had a "
    "case within a year where feeds are local, three with official figures alone."
)
"""domain.md §4. `monitor bench`, G13.figures: within 12 months .50 (local) and .35 (official) of 440 each."""
MOST_LINES = 30
"""A section of more lines than this says how many are left out, and where they are."""


@dataclass(frozen=True, slots=True)
class WatchItem:
    """Something to look at that is not a case: whose, and why, in words."""

    organisation: str
    name: str
    why: str
    kind: WatchKind = WatchKind.NEAR


@dataclass(frozen=True, slots=True)
class Around:
    """What stands in every digest beside its cases.

    Parameters
    ----------
    unheard
        How many organisations each family did not report for, of `organisations`.
    unassessed
        For how many of them each combination cannot be assessed for want of figures, in words of what the data do.
    to_renew
        Changes that have held for half a year and that nobody has answered for: somebody says what they are.
    """

    watch: Sequence[WatchItem] = ()
    unheard: Mapping[Family, int] | None = None
    organisations: int = 0
    unassessed: Mapping[str, int] | None = None
    to_renew: Sequence[WatchItem] = ()

    def watched(self, kind: WatchKind) -> list[WatchItem]:
        """Give the watch items of one kind."""
        return [item for item in self.watch if item.kind is kind]


SECTIONS = {
    WatchKind.NEAR: "Worth a look, not a case",
    WatchKind.LONG_LOW: "Low for long, not a case",
    WatchKind.BRIGHT_SPOT: "Bright spots",
}

HELD = "Held for half a year: renew it (watch its case), accept it as the new normal, or close the case"


def digest(
    *,
    at: datetime,
    title: str = "Digest",
    cases: Sequence[Mapping[str, Any]] = (),
    data_cases: Sequence[Mapping[str, Any]] = (),
    nation: Sequence[Mapping[str, Any]] = (),
    around: Around = Around(),
) -> dict[str, object]:
    """Write one digest; `cases`, `data_cases`, `nation` are messages (`message.compose`) routed here."""
    sections = [
        _section("The nation as a whole", [case["headline"] for case in nation]),
        _section("Cases", [case["headline"] for case in cases]),
        *(_section(title, _items(around.watched(kind))) for kind, title in SECTIONS.items()),
        _section(HELD, _items(around.to_renew)),
        _section("Faults of data, not of care", [case["headline"] for case in data_cases]),
        _section("Not heard from", _missing(around.unheard or {}, around.organisations)),
        _section("Cannot be assessed for want of figures", _missing(around.unassessed or {}, around.organisations)),
    ]
    bright = len(around.watched(WatchKind.BRIGHT_SPOT))
    also = f", {_count(bright, 'bright spot')}" if bright else ""
    also += f", {_count(len(nation), 'word')} on the nation as a whole" if nation else ""
    return {
        "schema": 1,
        "kind": "digest",
        "at": at.isoformat(timespec="minutes"),
        "headline": f"{title}: {_count(len(cases), 'case')}, {_count(len(around.watch) - bright, 'watch item')}, "
        f"{_count(len(data_cases), 'fault')} of data{also}.",
        "sections": [section for section in sections if section["lines"]],
        "assurance": f"{ASSURANCE} {POWER}",
        "footer": FOOTER,
    }


def _section(title: str, lines: Sequence[str]) -> dict[str, Any]:
    shown = list(lines[:MOST_LINES])
    left = len(lines) - len(shown)
    return {"title": title, "lines": [*shown, f"and {left} more in the report"] if left else shown}


def _items(items: Sequence[WatchItem]) -> list[str]:
    return [f"{item.name} ({item.organisation}): {item.why}" for item in items]


def _missing(missing: Mapping[Family, int] | Mapping[str, int], organisations: int) -> list[str]:
    return [f"{what}: {number} of {organisations} organisations" for what, number in missing.items() if number]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
