"""Publishes a demo's files in a process of its own, ahead of the days on which they come.

Reading and sending a file needs nothing of what the worker makes of the files before it, so both go on side by side.
The worker sees of each topic what has come by the demo's clock, so that it lives the same days as if each file were
published on its own.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from multiprocessing import get_context
from multiprocessing.connection import Connection

from sqlalchemy import Engine

from monitor.bus.embedded import EmbeddedBus
from monitor.clock import HandClock
from monitor.errors import MonitorError, Outage
from monitor.evaluation.arrivals import Arrival
from monitor.evaluation.byhand import ByHand, noon
from monitor.evaluation.hurry import hurried
from monitor.ports import Batch
from monitor.settings import Settings
from monitor.wiring import Service, opened


class ShownBus(EmbeddedBus):
    """The embedded log as far as it has been shown: what lies beyond has not come yet."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._ends: dict[str, int] = {}

    def show(self, feed: str, end: int) -> None:
        """Show a topic up to here."""
        self._ends[feed] = end

    def read(self, feed: str, position: int, limit: int) -> Batch:
        return super().read(feed, position, max(min(limit, self.end(feed) - position), 0))

    def end(self, feed: str) -> int:
        return self._ends.get(feed, 0)

    def feeds(self) -> tuple[str, ...]:
        return tuple(sorted(self._ends))


@dataclass(frozen=True, slots=True)
class Ahead:
    """Has each file published before it is asked for; the worker reads `shown`."""

    shown: ShownBus
    arrivals: Sequence[Arrival]  # in the order in which they are published
    told: Connection
    ends: dict[Arrival, int]  # where the topic of each file's feed ended, once it was published

    def bus(self, service: Service, arrivals: Sequence[Arrival]) -> EmbeddedBus:
        return self.shown

    def load(self, service: Service, arrivals: Sequence[Arrival]) -> Iterator[tuple[str, int]]:
        for feed, files in groupby(_by_feed(arrivals), key=lambda one: one.feed):
            came = list(files)
            for arrival in came:
                self.bring(service, arrival)
            yield feed, len(came)

    def bring(self, service: Service, arrival: Arrival) -> None:
        while arrival not in self.ends:
            self.ends[self.arrivals[len(self.ends)]] = self._next()
        self.shown.show(arrival.feed, self.ends[arrival])

    def _next(self) -> int:
        try:
            said: int | MonitorError = self.told.recv()
        except EOFError as error:
            raise Outage("the process that publishes the demo's files has ended", remedy="run it again") from error
        if isinstance(said, MonitorError):
            raise said
        return said


@contextmanager
def ahead(by_hand: ByHand, service: Service, arrivals: Sequence[Arrival]) -> Iterator[Ahead]:
    """Begin to publish these files: those from before the service's present first, feed by feed; then day by day."""
    now = service.clock.now()
    before, later = ([one for one in arrivals if (noon(one.arrives) > now) is late] for late in (False, True))
    ordered = [*_by_feed(before), *sorted(later, key=lambda one: one.arrives)]
    # spawned: a fork would take the threads' locks and the database's connections along
    context = get_context("spawn")
    told, tells = context.Pipe(duplex=False)
    process = context.Process(target=_publish, args=(by_hand, service.settings, now, ordered, tells), daemon=True)
    process.start()
    tells.close()  # so that nobody can tell anything once the process has ended
    try:
        yield Ahead(ShownBus(service.engine), ordered, told, {})
    finally:
        process.terminate()
        process.join()
        told.close()


def _by_feed(arrivals: Sequence[Arrival]) -> list[Arrival]:
    return sorted(arrivals, key=lambda one: one.feed)


def _publish(
    by_hand: ByHand, settings: Settings, first: datetime, arrivals: Sequence[Arrival], tells: Connection
) -> None:  # fmt: skip
    """Publish files, each as on the day on which it comes, none before `first`; and tell how far that has got.

    It ends by itself: with the last file, or where nobody hears it any more.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both: whoever started this ends it
    clock = HandClock(first)
    with suppress(BrokenPipeError), opened(settings, clock) as service:
        hurried(service.engine)
        for arrival in arrivals:
            clock.move(max(first, noon(arrival.arrives)))
            try:
                by_hand.bring(service, arrival)
            except MonitorError as error:
                tells.send(error)
                return
            tells.send(service.bus.end(arrival.feed))
