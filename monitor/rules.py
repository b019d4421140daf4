"""What the people who run the service have decided, and the threshold that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from monitor.alerts.route import Receiver
from monitor.budget import threshold
from monitor.calendars import calendar
from monitor.intake import Memory
from monitor.ports import Store


@dataclass(frozen=True, slots=True)
class Rules:
    """What the people who run the service have decided.

    `chance_cases` is the budget: how many cases a month chance alone may open, nationally. `settle_after`
    is how long a period rests after its first close before its peers' quantities are fixed.
    """

    chance_cases: float = 1.0
    settle_after: timedelta = timedelta(days=1)
    receivers: tuple[Receiver, ...] = field(default=())


def national_threshold(store: Store, memory: Memory, rules: Rules, today: date) -> float:
    """Work out the threshold that carries the budget, from what is live and how many are watched."""
    live = {**store.live_by_feed(), memory.feed: memory.live}
    contracts = {**store.contracts(), **({memory.feed: memory.contract} if memory.contract else {})}
    cadences = sorted(
        (feed.family, calendar(name).per_year)
        for feed in contracts.values()
        for source_name, source in feed.sources.items()
        if source_name in live.get(feed.key, ())
        for name in source.calendars.values()
    )
    watched = len(memory.registry.watched(today))
    return threshold(rules.chance_cases, max(watched, 1), tuple(cadences)) if cadences else 0.0
