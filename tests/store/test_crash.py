"""A worker that is killed without warning, at any step of its transaction, changes nothing or everything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.bus.embedded import EmbeddedBus
from monitor.store.engine import open_engine
from monitor.store.outbox import Outbox
from monitor.store.store import SqlStore
from monitor.store.upgrade import upgrade
from tests.conftest import ROOT
from tests.store.factories import FEED, NOW, cell

MESSAGES, BATCH = 60, 7
STEPS = ("claimed", "written", "recorded", "committed", "")
WORKER = """
import os, signal, sys
from monitor.bus.embedded import EmbeddedBus
from monitor.ports import Changes, Position, Sum
from monitor.store.engine import open_engine
from monitor.store.store import SqlStore
from tests.store.factories import FEED, cell, notification, tick, word

url, kill_at, kill_in = sys.argv[1], sys.argv[2], int(sys.argv[3])

def reached(step, number):
    if (step, number) == (kill_at, kill_in):
        os.kill(os.getpid(), signal.SIGKILL)

engine = open_engine(url)
store, bus = SqlStore(engine), EmbeddedBus(engine)
while True:
    held = store.position(FEED) or Position(bus.topic(FEED), 0, 0)
    batch = bus.read(FEED, held.next, 7)
    if not batch.messages:
        break
    values = [float(message) for message in batch.messages]
    before = store.sums([cell()]).get(cell())
    total = Sum((before.numerator if before else 0.0) + sum(values), 0.0, (before.words if before else 0) + len(values))
    changes = Changes(
        words=[word(f"s{value:g}", value) for value in values], sums={cell(): total}, counts={"applied": len(values)}
    )
    with store.claim(tick(held.tick, topic=held.topic, next=batch.next)) as transaction:
        reached("claimed", held.tick)
        transaction.write(changes)
        reached("written", held.tick)
        transaction.record([], [notification(f"n{held.tick}")])
        reached("recorded", held.tick)
    reached("committed", held.tick)
engine.dispose()
"""


def run(url: str, step: str, number: int) -> int:
    command = [sys.executable, "-c", WORKER, url, step, str(number)]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False).returncode


@pytest.mark.parametrize("number", [0, 4])
def test_totals_are_exact_through_kills_at_every_step(tmp_path: Path, number: int) -> None:
    url = f"sqlite:///{tmp_path / 'monitor.db'}"
    engine = open_engine(url)
    upgrade(engine)
    EmbeddedBus(engine).publish(FEED, [str(value).encode() for value in range(MESSAGES)])
    codes = [run(url, step, number + later) for later, step in enumerate(STEPS)]
    assert codes == [-9, -9, -9, -9, 0]
    store, ticks = SqlStore(engine), -(-MESSAGES // BATCH)
    position = store.position(FEED)
    assert position is not None
    assert (position.next, position.tick) == (MESSAGES, ticks)
    held = store.sums([cell()])[cell()]
    assert (held.numerator, held.words) == (sum(range(MESSAGES)), MESSAGES)
    assert len(store.words(FEED, [f"s{value}" for value in range(MESSAGES)])) == MESSAGES
    assert [each.id for each in Outbox(engine).pending(NOW, 100)] == [f"n{number}" for number in range(ticks)]
    engine.dispose()
