"""A process killed at any step, and run again, leaves what an uninterrupted one leaves."""

from __future__ import annotations

import json
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from monitor.casefile import Notification
from monitor.casefile import What as Told
from monitor.commands.checks import examine
from monitor.errors import Outage
from monitor.overview import known
from monitor.settings import Settings
from monitor.store import tables
from monitor.store.derived import digest
from monitor.store.engine import reading, writing
from monitor.store.outbox import queue
from monitor.wiring import Service, opened
from monitor.worker import Worker, rules
from tests.crash.mortal import STEPS, Death, Reached, derive_again, say, work
from tests.laws.nation import COMPLAINTS, Event, Nation, Turn, What, turns
from tests.laws.world import AT_LENGTH, World, check_accounts, marks, prepared

pytestmark = marks
BATCH = 400
SEEDS = range(40 if AT_LENGTH else 3)
NOW = datetime(2024, 1, 1, tzinfo=UTC)
PROCESSES = multiprocessing.get_context("forkserver")  # each is forked from a clean one, which has imported all
PROCESSES.set_forkserver_preload(["tests.crash.mortal"])


def nation(seed: int) -> Nation:
    """One in which two worsen, one misses a month (so that a case opens), and four other things happen."""
    random = Random(seed)
    kinds = random.sample([what for what in What if what is not What.WORSENS], 4)
    events = [Event(what, random.randrange(12), random.randrange(3), random.randrange(14)) for what in kinds]
    worsening = [Event(What.WORSENS, random.randrange(9), 0, 0) for _ in range(2)]
    return Nation(seed, 12, (COMPLAINTS.key,), (*worsening, Event(What.LATE, 11, 0, 6), *events))


@contextmanager
def home(folder: Path) -> Iterator[World]:
    """Open the service of a home in which others work too."""
    with opened(Settings(home=folder, config=folder / "none.toml")) as service:
        yield World(service, Worker(service.store, service.bus, rules(service), BATCH), BATCH)


def lived(folder: Path, written: list[Turn], worked: Callable[[int, Turn], None]) -> tuple[str, list[Any], list[str]]:
    """Run a history and give its scores, its cases and what it says; `worked` runs the ticks of each turn."""
    prepared(folder)
    for place, turn in enumerate(written):
        with home(folder) as one:
            one.prepare(turn)
        worked(place, turn)
    with home(folder) as one:
        for feed in one.feeds:
            check_accounts(one.service, feed)
        return digest(one.service.engine, of_cases=False), told(one.service), queued(one.service)


def told(service: Service) -> list[Any]:
    """Give every step of every case but for its tick, as in `queued`."""
    table = tables.case_changes
    steps = select(table.c.what, table.c.reason, table.c.at, table.c.body).order_by(
        table.c.organisation, table.c.number
    )
    with reading(service.engine) as connection:
        return [(*row[:3], json.loads(row.body) | {"frozen": None}) for row in connection.execute(steps)]


def queued(service: Service) -> list[str]:
    """Give what is queued: case, what, receiver; the tick between them counts turns, and a restart takes one more."""
    with reading(service.engine) as connection:
        ids = [id.split("/") for id in connection.scalars(select(tables.outbox.c.id))]
    return sorted(f"{case}/{what}/{receiver}" for case, what, _, receiver in ids)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_worker_killed_at_every_step_leaves_what_an_uninterrupted_one_does(tmp_path: Path, seed: int) -> None:
    written, random = turns(nation(seed)), Random(seed)
    seen: list[tuple[int, Death]] = []

    def calmly(place: int, turn: Turn) -> None:
        def notes(step: str, feed: str, number: int) -> None:
            seen.append((place, Death(step, feed, number)))

        at_work(tmp_path / "calm", turn, notes)

    def stormily(place: int, turn: Turn) -> None:
        for death in [death for met, death in deaths if met == place]:
            assert ended(at_work, tmp_path / "stormy", turn, death) == -signal.SIGKILL
        at_work(tmp_path / "stormy", turn, unharmed)

    for folder in ("calm", "stormy"):
        (tmp_path / folder).mkdir()
    wanted = lived(tmp_path / "calm", written, calmly)
    deaths = [random.choice([one for one in seen if one[1].step == step]) for step in STEPS]
    deaths.sort(key=seen.index)
    assert lived(tmp_path / "stormy", written, stormily) == wanted
    assert all(wanted), "nothing was said, so nothing could be lost"


def at_work(folder: Path, turn: Turn, reached: Reached) -> None:
    work(folder, turn.now, settles=turn.settles, batch=BATCH, reached=reached)


def unharmed(step: str, feed: str, number: int) -> None:
    """Go on."""


def ended(what: Callable[..., None], *arguments: object) -> int | None:
    """Run something in a process of its own and give how it ended."""
    process = PROCESSES.Process(target=what, args=arguments)
    process.start()
    process.join(120)
    return process.exitcode


@pytest.mark.parametrize("dies_after", [1, 6])
def test_a_killed_replay_lets_nobody_in_and_is_run_again(tmp_path: Path, dies_after: int) -> None:
    written = turns(nation(0))
    prepared(tmp_path)
    with home(tmp_path) as one:
        wanted = one.run(written).digest()
    assert ended(derive_again, tmp_path, dies_after) == -signal.SIGKILL
    with home(tmp_path) as one:
        tomorrow = written[-1].now + timedelta(days=1)
        assert one.digest() != wanted
        assert "replay" in {finding.check for finding in examine(one.service, ()) if not finding.ok}
        with pytest.raises(Outage, match="monitor replay"):
            Worker.turn.__wrapped__(one.worker, COMPLAINTS.key, tomorrow)  # type: ignore[attr-defined]
        with pytest.raises(Outage, match="monitor replay"):
            known(one.service)  # an empty list of cases would look like an all-clear
        assert one.replay() == wanted
        assert "replay" not in {finding.check for finding in examine(one.service, ())}
        assert one.turn(COMPLAINTS.key, tomorrow)


@pytest.mark.parametrize("dies_after", [1, 3, 5])
def test_a_relay_killed_between_send_and_sent_repeats_one_and_loses_none(tmp_path: Path, dies_after: int) -> None:
    ids = [f"n{number}" for number in range(5)]
    prepared(tmp_path)
    with home(tmp_path) as one, writing(one.service.engine) as connection:
        queue(connection, [Notification(id, "c", "everything", Told.OPENED, "because", NOW, {}) for id in ids])
    assert ended(say, tmp_path, NOW, dies_after) == -signal.SIGKILL
    assert ended(say, tmp_path, NOW, 0) == 0
    shown = (tmp_path / "shown").read_text().splitlines()
    assert shown == [*ids[:dies_after], *ids[dies_after - 1 :]]
