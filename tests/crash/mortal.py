"""A worker, a replay and a relay that tell how far they are, so that they can be ended without warning right there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.alerts import relay
from monitor.casefile import CaseChange, Notification
from monitor.kept import Changes
from monitor.model import Tick
from monitor.ports import Store, Transaction
from monitor.replay import replay
from monitor.settings import Settings
from monitor.wiring import opened
from monitor.worker import Worker, rules

STEPS = ("read", "claimed", "written", "told", "recorded", "committed")
"""How far a tick can be: before its claim, after it, after facts and scores, the same where it has something to say of
cases, after cases, after the commit."""
Reached = Callable[[str, str, int], None]
"""Told step, feed and number of the tick."""


@dataclass(frozen=True)
class Death:
    """The step at which the process ends, of this tick or the next that gets so far.

    Whoever starts again first turns once for the new day, so ticks can have higher numbers than without deaths.
    """

    step: str
    feed: str
    number: int

    def __call__(self, step: str, feed: str, number: int) -> None:
        if (step, feed) == (self.step, self.feed) and number >= self.number:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalTransaction:
    """Hands everything on to a transaction, and tells."""

    def __init__(self, inner: Transaction, reached: Callable[[str], None]) -> None:
        self._inner, self._reached = inner, reached

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, changes: Changes) -> None:
        self._inner.write(changes)
        self._reached("written")

    def record(self, changes: Sequence[CaseChange], notifications: Sequence[Notification]) -> None:
        if changes or notifications:
            self._reached("told")
        self._inner.record(changes, notifications)
        self._reached("recorded")


class MortalStore:
    """Hands everything on to a store, and tells."""

    def __init__(self, inner: Store, reached: Reached) -> None:
        self._inner, self._reached = inner, reached

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @contextmanager
    def claim(self, tick: Tick, changes: Changes) -> Iterator[Any]:
        def reached(step: str) -> None:
            self._reached(step, tick.feed, tick.number)

        reached("read")
        with self._inner.claim(tick, changes) as transaction:
            reached("claimed")
            yield MortalTransaction(transaction, reached)
        reached("committed")


def work(home: Path, now: datetime, *, settles: bool, batch: int, reached: Reached) -> None:
    """Turn every feed until nothing is pending, and settle those that still have to."""
    with opened(Settings(home=home, config=home / "none.toml")) as service:
        worker = Worker(MortalStore(service.store, reached), service.bus, rules(service), batch)
        for feed in service.bus.feeds():
            while worker.turn(feed, now):
                pass
            if settles and not service.store.live(feed):
                worker.turn(feed, now, settles=True)


def derive_again(home: Path, dies_after: int) -> None:
    """Replay, and die after so many ticks."""
    left = iter(range(dies_after, 0, -1))

    def dies(_: int) -> None:
        if next(left) == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    with opened(Settings(home=home, config=home / "none.toml")) as service:
        replay(service, progress=dies)


@dataclass(frozen=True)
class MortalReceiver:
    """Shows notifications in a file, and dies when it has shown so many that they cannot be marked as sent."""

    file: Path
    dies_after: int

    def send(self, notification: Notification) -> None:
        with self.file.open("a") as file:
            file.write(f"{notification.id}\n")
        if len(self.file.read_text().splitlines()) == self.dies_after:
            os.kill(os.getpid(), signal.SIGKILL)


def say(home: Path, now: datetime, dies_after: int) -> None:
    """Run one turn of the relay."""
    with opened(Settings(home=home, config=home / "none.toml")) as service:
        relay.turn(service.outbox, {"everything": MortalReceiver(home / "shown", dies_after)}, now)
