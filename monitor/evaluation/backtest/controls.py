"""Whom an event's organisation is held against: peers at the same level a year before, with no event around.

Organisations of which something becomes known are worse than others when it does, and by chance alone were
worse before: whoever is chosen for a bad figure comes back to the mean. Controls at the same level do so too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from monitor.evaluation.backtest.events import Event
from monitor.organisations import Registry

LOOK_BACK = timedelta(days=365)
"""An event is looked for in the year before it; its controls are chosen by what was known when that began."""
APART = timedelta(days=730)
"""A control has no event so long before and after the day."""
A_YEAR_OF_LEVELS = 365
PER_EVENT = 5
"""Controls of each event: the spread of their share is then small beside that of the events."""

DECIMALS = 9
"""Of differences in level: what differs by rounding only is as near."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An event with its controls and the levels at the start of its year: 0 = best of its peers, 1 = worst."""

    event: Event
    level: float
    controls: tuple[str, ...]
    control_level: float


@dataclass(frozen=True, slots=True)
class Left:
    """An event that cannot be judged, and why."""

    event: Event
    why: str


class Levels:
    """How organisations stood among their peers, as known on a day: ranks of their figures over the year before it."""

    def __init__(self, ranks: Mapping[str, Iterable[tuple[int, float]]]) -> None:
        self._ranks = {code: sorted(some) for code, some in ranks.items()}

    def at(self, code: str, day: date) -> float | None:
        """Give the mean rank of what became known in the year up to this day; None: nothing did."""
        some, last = self._ranks.get(code, []), day.toordinal()
        until = bisect_right(some, (last, 2.0))
        year = [rank for at, rank in some[:until] if at > last - A_YEAR_OF_LEVELS]
        return fmean(year) if year else None


def pairs(
    events: Sequence[Event], registry: Registry, levels: Levels, scored: Mapping[str, date]
) -> tuple[list[Pair], list[Left]]:
    """Give each event that can be judged its controls, and say of the others why they cannot.

    Parameters
    ----------
    scored
        The first day on which each organisation had a score.
    """
    days: dict[str, list[date]] = {}
    for event in events:
        days.setdefault(event.organisation, []).append(event.day)
    found, left = [], []
    for event in events:
        start = event.day - LOOK_BACK
        level = levels.at(event.organisation, start)
        if level is None or scored.get(event.organisation, date.max) > start:
            left.append(Left(event, f"nothing of it had been scored by {start}, a year before"))
            continue
        others = _others(event, registry, levels, days, scored)
        if not others:
            left.append(Left(event, "no peer without an event within two years had been scored a year before"))
            continue
        nearest = sorted(others, key=lambda one: (round(abs(one[1] - level), DECIMALS), one[0]))[:PER_EVENT]
        found.append(Pair(event, level, tuple(code for code, _ in nearest), fmean(rank for _, rank in nearest)))
    return found, left


def _others(
    event: Event,
    registry: Registry,
    levels: Levels,
    days: Mapping[str, Sequence[date]],
    scored: Mapping[str, date],
) -> list[tuple[str, float]]:
    """Give the organisations that an event can be held against, with their levels."""
    start, group = event.day - LOOK_BACK, registry.organisations[event.organisation].peer_group
    return [
        (code, level)
        for code in sorted(registry.watched(event.day))
        if registry.organisations[code].peer_group is group
        and not any(abs(day - event.day) <= APART for day in days.get(code, ()))
        and code != event.organisation
        and scored.get(code, date.max) <= start
        and (level := levels.at(code, start)) is not None
    ]
