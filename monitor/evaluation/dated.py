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
RECEIPT = b'"type":"monitor.receipt.'
AT_A_TIME = 5_000


class Coming(NamedTuple):
    """When a file comes: its day, and its number among all files."""

    day: date
    number: int


class _Seen(NamedTuple):
    comes: Coming
    position: int  # in the log
    body: bytes


class DatedBus(EmbeddedBus):
    """The embedded log, in its own order until `hold`, and from there on by the days of its files.

    Parameters
    ----------
    comes
        By the first digits of a file's hash. Any other file comes when it is published.
    """

    def __init__(self, engine: Engine, clock: Clock, comes: Mapping[str, Coming]) -> None:
        super().__init__(engine)
        self._clock, self._comes = clock, comes
        self._begin: dict[str, int] = {}  # where each topic's order by days begins
        self._read: dict[str, int] = {}  # how far each topic has been looked through
        self._order: dict[str, list[_Seen]] = {}
        self._whole: set[bytes] = set()  # files whose receipt has come, by the first digits of their hash

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

    def is_whole(self, feed: str, file: str) -> bool:
        """Say whether all has come that a file says, by the first digits of its hash: its receipt comes last."""
        self._look(feed)
        return file.encode() in self._whole

    def _shown(self, feed: str) -> int:
        """Give how many messages may be seen today."""
        self._look(feed)
        tomorrow = Coming(day_of(self._clock.now()) + timedelta(days=1), -1)
        return bisect_left(self._order[feed], tomorrow, key=lambda seen: seen.comes)

    def _look(self, feed: str) -> None:
        """Look through what is new, and put each message in its place."""
        today = Coming(day_of(self._clock.now()), 0)
        while (batch := super().read(feed, self._read[feed], AT_A_TIME)).messages:
            for position, body in enumerate(batch.messages, self._read[feed]):
                found = ORIGIN.search(body)
                file = found[1] if found else b""
                insort(self._order[feed], _Seen(self._comes.get(file.decode(), today), position, body))
                if RECEIPT in body:
                    self._whole.add(file)
            self._read[feed] = batch.next
