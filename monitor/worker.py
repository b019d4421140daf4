"""The worker's loop: read a batch of a feed, run its tick, and on to the next feed.

It remembers each feed between ticks; a lost claim makes it forget and read again. A bad message becomes a
dead letter; an outage waits and tries again; anything else ends the process with the position unmoved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from monitor.calendars import day_of
from monitor.errors import BadRecord, BadRequest, BadTopic, Outage, PositionMoved
from monitor.garbage import uncollected
from monitor.kept import Position
from monitor.memory import Memory
from monitor.model import DeadLetter, Message, Tick
from monitor.pipeline import Turned, turn
from monitor.ports import Bus, Store
from monitor.rules import Rules
from monitor.sound import BUS
from monitor.wire import decode
from monitor.wiring import Service

log = structlog.get_logger()
Progress = Callable[[int], None]
"""Told after each tick how many messages it took in."""

TRIES = 20
"""Tries of one tick, over half a minute: as long as another writer may hold the lock, or workers contend."""
PAUSE_SECONDS = 0.05
"""Rest of a worker that found nothing, unless the bus ends it: a tenth of the half second from publishing to outbox."""
AWAY_SECONDS = 2.0
"""Rest after an outage that outlasted the tries; a replay of years takes minutes."""


@dataclass(slots=True)
class Worker:
    """One worker: what it works with, and what it remembers of each feed.

    Parameters
    ----------
    batch
        Messages that a tick takes in, where as many wait. A tick's own 10 ms are shared by more; the write lock is held
        for some 30 µs a message, and must be for less than 50 ms (design.md §6).
    """

    store: Store
    bus: Bus
    rules: Rules
    batch: int = 1_250
    memories: dict[str, Memory] = field(default_factory=dict)
    turned_at: dict[str, datetime] = field(default_factory=dict)

    @retry(
        retry=retry_if_exception_type(Outage), stop=stop_after_attempt(TRIES), reraise=True,
        wait=wait_random_exponential(multiplier=0.01, max=5),
    )  # fmt: skip
    def turn(self, feed: str, now: datetime, *, settles: bool = False) -> Turned | None:
        """Run the feed's next tick; None: there was nothing to do.

        `settles`: end the first load, unless more waits on the topic than one tick takes (`Turned.settles`).
        """
        tick = self.next_tick(feed, now, settles=settles)
        if not (tick.messages or settles or self._is_time(feed, now)):
            return None
        try:
            with uncollected():
                turned = turn(self.store, tick, self.rules, self.memories.pop(feed, None))
        except PositionMoved:
            log.info("position moved", feed=feed, tick=tick.number)
            raise
        self.memories[feed], self.turned_at[feed] = turned.memory, now
        for change in turned.cases:
            log.info("case", case=change.case.id, what=change.what, kind=change.case.kind)
        return turned

    def next_tick(self, feed: str, now: datetime, *, settles: bool = False) -> Tick:
        """Read the next batch of a feed, from where the store says it stands."""
        topic = self.bus.topic(feed)
        if topic is None:
            raise BadRequest(f"feed {feed}: nothing has been published yet; monitor publish {feed} FILE")
        position = self.position(feed) or Position(topic, 0, 0)
        if position.topic != topic:
            raise BadTopic(
                f"feed {feed}: its topic was made anew, so position {position.next} means nothing there; restore topic "
                "and store from one backup, then publish the landed files again"
            )
        batch = self.bus.read(feed, position.next, self.batch)
        messages = tuple(_decoded(data, feed, position.next + at) for at, data in enumerate(batch.messages))
        behind = batch.next < self.bus.end(feed)
        ends = settles and not behind
        rested = self.rules.settle_after
        return Tick(
            feed, topic, position.tick, batch.next, now, messages, ends, settle_after=rested, behind=behind
        )  # fmt: skip

    def position(self, feed: str) -> Position | None:
        """Say where the feed stands, as remembered or as stored."""
        memory = self.memories.get(feed)
        return memory.position if memory else self.store.position(feed)

    def _is_time(self, feed: str, now: datetime) -> bool:
        """Say whether time alone can have changed something since the feed's last tick: a new day, or a rest over."""
        last, memory = self.turned_at.get(feed), self.memories.get(feed)
        if last is None or memory is None or day_of(last) != day_of(now):
            return True
        rested = self.rules.settle_after
        return any(last < closed + rested <= now for closed in memory.closes.values())


def _decoded(data: bytes, feed: str, position: int) -> Message:
    try:
        return decode(data)
    except BadRecord as bad:
        return DeadLetter(feed, BUS, position, bad.field, bad.reason, bad.value, stage="worker")


def rules(service: Service) -> Rules:
    """Give the rules that the settings state."""
    stated = service.settings
    settle_after = timedelta(days=stated.settle_after_days)
    return Rules(stated.chance_cases_per_month, settle_after, service.receivers)


def worker(service: Service) -> Worker:
    """Make a worker of this service."""
    return Worker(service.store, service.bus, rules(service), service.settings.batch_messages)


def work(
    service: Service, *, until_idle: bool, feeds: Sequence[str] | None = None, progress: Progress | None = None
) -> int:
    """Work on feeds (None: on all) until stopped, or until nothing is pending; give the number of ticks.

    Whoever works until stopped waits for as long as an outage lasts; `until_idle`, it ends in `Outage`. A feed whose
    topic is wrong is left out and named, and the others go on; `until_idle`, it ends in `BadTopic` when they are done.
    """
    one, ticks, bad = worker(service), 0, dict[str, BadTopic]()
    while True:
        try:
            turned = [
                _run_sound(one, feed, service.clock.now(), progress, bad) for feed in feeds or service.bus.feeds()
            ]
            if not (until_idle or any(turned)):
                _tidy(one.store)
        except Outage as outage:
            if until_idle:
                raise
            log.warning("away", reason=str(outage))
            time.sleep(AWAY_SECONDS)
            continue
        ticks += sum(turned)
        if not any(turned):
            if until_idle and bad:
                raise BadTopic("; ".join(map(str, bad.values())))
            if until_idle:
                return ticks
            service.bus.wait(PAUSE_SECONDS)


def _tidy(store: Store) -> None:
    """Tidy up while nothing waits; where that cannot be now, nothing waits for it either."""
    with suppress(Outage):
        store.tidy()


def _run_sound(one: Worker, feed: str, now: datetime, progress: Progress | None, bad: dict[str, BadTopic]) -> bool:
    """Run one tick of a feed, or note in `bad` why not; logged once for as long as it stays so."""
    try:
        ran = run_one(one, feed, now, progress)
    except BadTopic as error:
        if feed not in bad:
            log.error("feed left out", feed=feed, reason=str(error))
        bad[feed] = error
        return False
    if bad.pop(feed, None):
        log.info("feed goes on", feed=feed)
    return ran


@uncollected()  # until what the tick made is gone again: to look through it while it lay there took 7 ms of 70
def run_one(one: Worker, feed: str, now: datetime, progress: Progress | None = None) -> bool:
    """Run one tick of one feed; say whether there was anything to do."""
    before = one.position(feed)
    turned = one.turn(feed, now)
    if turned is not None and turned.memory.position is not None and progress is not None:
        progress(turned.memory.position.next - (before.next if before else 0))
    return turned is not None


def settle(service: Service, feed: str, *, progress: Progress | None = None) -> Turned:
    """End a feed's first load: take in what waits, settle what is closed, oldest first, and go live.

    All in one tick, so that a feed is live as a whole or not at all: the one time that others wait longer for the
    lock, 1.5 s for three years of weeks of 220 organisations × 20 indicators.
    """
    while True:
        work(service, until_idle=True, feeds=[feed], progress=progress)
        turned = worker(service).turn(feed, service.clock.now(), settles=True)
        assert turned is not None, "a settling tick always turns"
        if turned.settles:  # else somebody published meanwhile: that is taken in first
            return turned
