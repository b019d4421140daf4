"""What people take as the new normal: the level of a series, from a period on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Accepted:
    """That the level of a series is the new normal, from the period that begins on this day."""

    organisation: str
    indicator: str
    source: str
    start: date


@dataclass(frozen=True, slots=True)
class Acceptances:
    """The days from which people took levels as the new normal, by (indicator, source) and organisation.

    `last`: number of the last act that accepted one; 0: nobody has.
    """

    last: int = 0
    days: Mapping[tuple[str, str], Mapping[str, frozenset[date]]] = field(default_factory=dict)
