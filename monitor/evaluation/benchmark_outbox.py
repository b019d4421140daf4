"""How long it takes from publishing the advance that settles a week to the message in the outbox."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from monitor.evaluation.decade import (
    INDICATORS,
    SEED,
    Drawn,
    Nation,
    advance,
    fill,
    nation,
    observations,
    published,
    register,
)
from monitor.evaluation.measured import Measured, service
from monitor.kept import Changes
from monitor.model import Tick
from monitor.store.store import SqlStore
from monitor.store.transaction import SqlTransaction
from monitor.wire import encode
from monitor.wiring import Service
from monitor.worker import PAUSE_SECONDS, Worker, run_one, worker

ORGANISATIONS, HISTORY_WEEKS, REPEATS = 220, 156, 60
JUMP = 6.0
"""Factor by which everything of one organisation worsens in its week and the one before: no case rule misses it."""
NAME = "publish_to_outbox"
LOCK = "write_lock_p99_seconds"


class TimedStore(SqlStore):
    """A store that notes how long each tick keeps other writers out (design.md §6: at most 50 ms), and until when."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.locks: list[float] = []
        self.ended = 0.0

    @contextmanager
    def claim(self, tick: Tick, changes: Changes | None = None) -> Iterator[SqlTransaction]:
        with super().claim(tick, changes) as transaction:
            begun = time.perf_counter()
            yield transaction
        self.ended = time.perf_counter()
        self.locks.append(self.ended - begun)


def outbox(
    folder: Path, *, organisations: int = ORGANISATIONS, history: int = HISTORY_WEEKS, repeats: int = REPEATS
) -> Iterator[Measured]:
    """Measure one feed of twenty indicators, live with years of history; in each week another case opens."""
    made = _jumping(nation(organisations=organisations, weeks=history + repeats, feeds=1), history, repeats)
    rng = np.random.default_rng(SEED)
    with service(folder / "home") as one, ThreadPoolExecutor(1) as publisher:
        register(one, made)
        fill(one, made, history, live=False)
        store = TimedStore(one.engine)
        working = worker(replace(one, store=store))
        working.turn(made.feeds[0].key, published(history - 1), settles=True)
        seconds = [
            _week(one, store, publisher, working, made, week, pause=rng.uniform(0, PAUSE_SECONDS))
            for week in range(history, history + repeats)
        ]
        locks = store.locks[1:]  # the first ended the history's first load: all of it in one transaction
    said = (
        f"{repeats} weeks in which a case opens, {organisations} organisations × {INDICATORS} weekly indicators in one "
        f"feed after {history} weeks of history; the worker idles when the publisher, another thread, begins"
    )
    yield Measured(f"{NAME}_p99_seconds", float(np.quantile(seconds, 0.99)), "s", {"at_most": 0.5}, said)
    yield Measured(f"{NAME}_median_seconds", float(np.median(seconds)), "s", None, said)
    yield Measured(LOCK, float(np.quantile(locks, 0.99)), "s", {"at_most": 0.05}, f"{len(locks)} ticks of {said}")


def _jumping(made: Nation, history: int, repeats: int) -> Nation:
    """Let another organisation's counts and rates jump up to each measured week."""
    figures = {}
    for key, drawn in made.figures.items():
        numerator = drawn.numerator.copy()
        for repeat in range(repeats):
            for week in (history + repeat - 1, history + repeat):  # one week alone opens nothing
                place = week, repeat * 3 % numerator.shape[1]
                numerator[place] = _jumped(drawn, numerator[place], drawn.denominator[place])
        figures[key] = replace(drawn, numerator=numerator)
    return replace(made, figures=figures)


def _jumped(drawn: Drawn, numerator: float, denominator: float) -> float:
    if drawn.indicator.worse < 0:
        return numerator / JUMP
    return min(numerator * JUMP, denominator)


def _week(
    one: Service, store: TimedStore, publisher: Executor, working: Worker, made: Nation, week: int, *, pause: float
) -> float:
    """Let a week's figures be taken in, then publish that they are complete; give the seconds until it is queued."""
    feed, now = made.feeds[0], published(week)
    words = [encode(word, feed.key) for word in observations(made, feed, week)]
    one.bus.publish(feed.key, words)
    while run_one(working, feed.key, now):
        pass
    store.tidy()  # as a worker does that has found nothing
    complete = encode(advance(made, feed, week), feed.key)
    _say(one, week)
    begun = publisher.submit(_publish, one, feed.key, complete, pause)
    while not run_one(working, feed.key, now):
        one.bus.wait(PAUSE_SECONDS)
    assert _say(one, week), f"week {week}: no case opened"
    return store.ended - begun.result()


def _publish(one: Service, feed: str, complete: bytes, pause: float) -> float:
    """Publish the advance while the worker idles, and give the instant at which that began."""
    time.sleep(pause)
    begun = time.perf_counter()
    one.bus.publish(feed, [complete])
    return begun


def _say(one: Service, week: int) -> int:
    """Empty the outbox and give how many messages were in it."""
    waiting = one.outbox.pending(published(week), limit=1_000)
    for notification in waiting:
        one.outbox.sent(notification.id, published(week))
    return len(waiting)
