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
from monitor.model import Family

ASSURANCE = "No alert is not assurance."
MOST_LINES = 30
"""A section of more lines than this says how many are left out, and where they are."""


@dataclass(frozen=True, slots=True)
class WatchItem:
    """Something to look at that is not a case: whose, and why, in words."""

    organisation: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Around:
    """What stands in every digest beside its cases.

    Parameters
    ----------
    unheard
        How many organisations each family did not report for, of `organisations`.
    power
        What share of real deteriorations is found, as measured, in words; None: not measured here.
    """

    watch: Sequence[WatchItem] = ()
    unheard: Mapping[Family, int] | None = None
    organisations: int = 0
    power: str | None = None


def digest(
    *,
    at: datetime,
    title: str = "Digest",
    cases: Sequence[Mapping[str, Any]] = (),
    data_cases: Sequence[Mapping[str, Any]] = (),
    around: Around = Around(),
) -> dict[str, object]:
    """Write one digest; `cases` and `data_cases` are messages (`message.compose`) that were routed here."""
    sections = [
        _section("Cases", [case["headline"] for case in cases]),
        _section(
            "Worth a look, not a case", [f"{item.name} ({item.organisation}): {item.why}" for item in around.watch]
        ),
        _section("Faults of data, not of care", [case["headline"] for case in data_cases]),
        _section("Not heard from", _unheard(around.unheard or {}, around.organisations)),
    ]
    return {
        "schema": 1,
        "kind": "digest",
        "at": at.isoformat(timespec="minutes"),
        "headline": f"{title}: {_count(len(cases), 'case')}, {_count(len(around.watch), 'watch item')}, "
        f"{_count(len(data_cases), 'fault')} of data.",
        "sections": [section for section in sections if section["lines"]],
        "assurance": f"{ASSURANCE} {around.power}" if around.power else ASSURANCE,
        "footer": FOOTER,
    }


def _section(title: str, lines: Sequence[str]) -> dict[str, Any]:
    shown = list(lines[:MOST_LINES])
    left = len(lines) - len(shown)
    return {"title": title, "lines": [*shown, f"and {left} more in the report"] if left else shown}


def _unheard(unheard: Mapping[Family, int], organisations: int) -> list[str]:
    return [f"{family}: {missing} of {organisations} organisations" for family, missing in unheard.items() if missing]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
