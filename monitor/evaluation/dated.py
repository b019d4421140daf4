"""A bus as a demo's clock lets it be seen: each message on the day on which its file came.

Airflow carries the files of months at once and several beside each other. What they say is read here in the order of
the days on which they came, so that a demo through Airflow lives the same history as one without.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Engine

from monitor.bus.embedded import EmbeddedBus
from monitor.calendars import day_of
from monitor.feeds.publish import HASH_DIGITS
from monitor.ports import Batch, Clock

ORIGIN = re.compile(rb'"origin":"[^"]*?/([0-9a-f]{%d})' % HASH_DIGITS)
AT_A_TIME = 5_000


class Place(NamedTuple):
    """When a file comes: its day, and its place among all files."""

    day: date
    place: int


class _Seen(NamedTuple):
    comes: Place
    position: int  # in the log
    body: bytes


class DatedBus(EmbeddedBus):
    """The embedded log, in its own order until `hold`, and from there on by the days of its files.

    Parameters
    ----------
    comes
        By the first digits of a file's hash. Any other file comes when it is published.
    """

    def __init__(self, engine: Engine, clock: Clock, comes: Mapping[str, Place]) -> None:
        super().__init__(engine)
        self._clock, self._comes = clock, comes
        self._begin: dict[str, int] = {}  # where each topic's order by days begins
        self._read: dict[str, int] = {}  # how far each topic has been looked through
        self._order: dict[str, list[_Seen]] = {}

    def hold(self) -> None:
        """Show what comes from now on by its day."""
        for feed in self.feeds():
            self._begin[feed] = self._read[feed] = super().end(feed)
            self._order[feed] = []

    def read(self, feed: str, position: int, limit: int) -> Batch:
        if feed not in self._begin:
            return super().read(feed, position, limit)
        if position < self._begin[feed]:
            return super().read(feed, position, min(limit, self._begin[feed] - position))
        shown, first = self._shown(feed), position - self._begin[feed]
        bodies = tuple(seen.body for seen in self._order[feed][first : min(first + limit, shown)])
        return Batch(bodies, position + len(bodies))

    def end(self, feed: str) -> int:
        return self._begin[feed] + self._shown(feed) if feed in self._begin else super().end(feed)

    def _shown(self, feed: str) -> int:
        """Look through what is new, and give how many messages may be seen today."""
        today = day_of(self._clock.now())
        while (batch := super().read(feed, self._read[feed], AT_A_TIME)).messages:
            for position, body in enumerate(batch.messages, self._read[feed]):
                insort(self._order[feed], _Seen(self._place(body, today), position, body))
            self._read[feed] = batch.next
        tomorrow = Place(today + timedelta(days=1), -1)
        return bisect_left(self._order[feed], tomorrow, key=lambda seen: seen.comes)

    def _place(self, body: bytes, today: date) -> Place:
        found = ORIGIN.search(body)
        return self._comes.get(found[1].decode(), Place(today, 0)) if found else Place(today, 0)
