"""A synthetic word that travels the whole way, from the bus to a receiver of tests, so that each stage can be timed.

It belongs to no organisation of the registry, so no peer group, budget, threshold or total can hold it; its feed
never goes live, so nothing of it settles. One subject says one word after the other, and the store holds one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.calendars import calendar, day_of
from monitor.casefile import Notification, What
from monitor.model import (
    Contribution,
    Family,
    Feed,
    Indicator,
    Kind,
    Message,
    Observation,
    Reading,
    SmallNumbers,
    Source,
)

HEARTBEAT = "heartbeat"
"""Its feed, organisation, indicator, subject and receiver; no code of an organisation looks like this."""
CALENDAR = "weekly"
CONTRACT = Feed(
    HEARTBEAT,
    "heartbeat of the service",
    Family.INCIDENTS,
    (
        Indicator(
            HEARTBEAT, "heartbeats", "beats", Kind.COUNT, "beats", None, Reading.UNREAD, Reading.UNREAD,
            SmallNumbers.PEOPLE,
        ),
    ),
    {HEARTBEAT: Source({HEARTBEAT: CALENDAR}, timedelta(0))},
    (),
    "operations",
    "none: nothing real is in it",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """How far the last heartbeat is: when it got here (None: it has not), and how long after it was published."""

    name: str
    at: datetime | None
    delay: timedelta
    is_late: bool


def beat(now: datetime) -> tuple[Message, ...]:
    """Give what the feed says at this instant."""
    period = calendar(CALENDAR).holding(day_of(now))
    one = Contribution(HEARTBEAT, HEARTBEAT, period, 1.0, 0.0)
    return CONTRACT, Observation(HEARTBEAT, HEARTBEAT, HEARTBEAT, (0, now), None, (one,), f"{HEARTBEAT}//0")


def told(feed: str, words: Iterable[Observation], now: datetime) -> tuple[Notification, ...]:
    """Give what the receiver of tests is told of the words that a tick of this feed has taken in."""
    return tuple(
        Notification(
            named(word.rank[1]), "", HEARTBEAT, What.HEARTBEAT, "a heartbeat was taken in", now,
            {"kind": HEARTBEAT, "published": word.rank[1].isoformat(), "taken_in": now.isoformat()},
        )
        for word in (words if feed == HEARTBEAT else ())
    )  # fmt: skip


def named(published: datetime) -> str:
    """Name the notification of the heartbeat of this instant."""
    return f"{HEARTBEAT}/{published.isoformat()}"


def stages(
    published: datetime, reached: Mapping[str, datetime | None], now: datetime, within: timedelta
) -> tuple[Stage, ...]:
    """Say how long after its publication a heartbeat reached each stage, and which took longer than `within`.

    One that has not been reached is as late as the heartbeat is old.
    """
    delays = {name: (at or now) - published for name, at in reached.items()}
    return tuple(Stage(name, at, delays[name], delays[name] > within) for name, at in reached.items())
