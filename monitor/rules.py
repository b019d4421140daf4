"""What the people who run the service have decided, and the threshold that follows from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from monitor.alerts.route import Receiver
from monitor.budget import Cadences, calibrated, threshold
from monitor.calendars import calendar
from monitor.evidence import Standing
from monitor.memory import Memory
from monitor.model import Feed
from monitor.ports import Store
from monitor.standings import known, next_look, pool


@dataclass(frozen=True, slots=True)
class Rules:
    """What the people who run the service have decided.

    `chance_cases` is the budget: how many cases a month chance alone may open, nationally. `settle_after`
    is how long a period rests after its first close before its peers' quantities are fixed.
    """

    chance_cases: float = 1.0
    settle_after: timedelta = timedelta(days=1)
    receivers: tuple[Receiver, ...] = field(default=())


def national_threshold(
    store: Store, memory: Memory, rules: Rules, today: date, *, looks_back: bool
) -> tuple[float, Sequence[Standing]]:  # fmt: skip
    """Work out the threshold that carries the budget, and, in a tick that has the time, how everybody stood once.

    From theory, by what is live and how many are watched; corrected by how everybody stood among the same feeds in
    the months before, of which `looks_back` adds one that is wanting.
    """
    contracts, live = store.contracts(), store.live_by_feed()
    stored = _cadences(contracts, live)
    stated = {**contracts, **({memory.feed: memory.contract} if memory.contract else {})}
    cadences = _cadences(stated, {**live, memory.feed: memory.live})
    if not cadences:
        return 0.0, ()
    at = threshold(rules.chance_cases, max(len(memory.registry.watched(today)), 1), cadences)
    if stored != cadences or len({family for family, _ in stored}) < 2:
        return at, ()  # a feed goes live in this very tick: what it says is not known beside the others' yet
    standing = known(store, cadences, today)
    new = next_look(store, memory.registry, cadences, today, standing) if looks_back else []
    return calibrated(at, cadences, *pool(store, standing)), new


def _cadences(contracts: Mapping[str, Feed], live: Mapping[str, Collection[str]]) -> Cadences:
    return tuple(
        sorted(
            {
                (feed.family, calendar(name).per_year)
                for key, feed in contracts.items()
                for source_name, source in feed.sources.items()
                if source_name in live.get(key, ())
                for name in source.calendars.values()
            }
        )
    )
