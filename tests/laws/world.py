"""A whole service in a folder of its own, on the real store and bus, and histories that run through it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings

from monitor import wire
from monitor.alerts.route import Receiver
from monitor.casefile import Act, ActKind, CaseChange, Outcome, Signal
from monitor.cases import acted, holding
from monitor.clock import HandClock
from monitor.detectors import model_of
from monitor.kept import Block
from monitor.model import Message, Observation
from monitor.replay import replay
from monitor.rules import Rules
from monitor.settings import Settings
from monitor.store import acts as kept_acts
from monitor.store import cases as kept_cases
from monitor.store.accounts import accounting
from monitor.store.derived import digest
from monitor.store.engine import open_engine
from monitor.store.registry import load_organisations
from monitor.store.upgrade import upgrade
from monitor.wiring import Service, opened
from monitor.worker import Worker
from tests.laws.nation import Turn, What

AT_LENGTH = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
marks = [pytest.mark.soak] if AT_LENGTH else []
"""`make soak` runs the same laws on many more histories."""
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking: a history takes a second, and its events are few already."""
RECEIVERS = (Receiver("everything"),)


def examples(few: int) -> hypothesis_settings:
    """Settings of a law that `make test` checks on a few histories, `make soak` on fifty times as many."""
    return hypothesis_settings(max_examples=few * 50 if AT_LENGTH else few, phases=PHASES)


@cache
def _empty() -> bytes:
    """Give a database that has its tables: making them takes longer than a whole history."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/empty.sqlite")
        upgrade(engine)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        return Path(folder, "empty.sqlite").read_bytes()


def prepared(folder: Path) -> Settings:
    """Put an empty database in a folder and give the settings of a service that lives there."""
    Path(folder, "monitor.sqlite").write_bytes(_empty())
    return Settings(home=folder, config=folder / "none.toml")


@dataclass
class World:
    """A service, its worker, and what every tick made of cases."""

    service: Service
    worker: Worker
    batch: int = 2_000
    changes: list[CaseChange] = field(default_factory=list)
    ticks: int = 0

    @property
    def feeds(self) -> tuple[str, ...]:
        """Name the feeds that have been published."""
        return self.service.bus.feeds()

    def publish(self, said: Mapping[str, Iterable[Message]]) -> None:
        """Put what feeds say on the bus."""
        for feed, messages in sorted(said.items()):
            self.service.bus.publish(feed, [wire.encode(message, feed) for message in messages])

    def prepare(self, turn: Turn) -> None:
        """Do what happens before the tick: load, act, publish."""
        if turn.registry:
            load_organisations(self.service.engine, *turn.registry, by="tests", at=turn.now)
        for what in turn.acts:
            act_on_cases(self.service, what, turn.now)
        self.publish(turn.said)

    def work(self, now: datetime, *, settles: bool = False) -> None:
        """Turn every feed until nothing is pending, settle if asked, and check the accounts of each."""
        for feed in self.feeds:
            while self.turn(feed, now):
                check_accounts(self.service, feed)
            if settles:
                self.turn(feed, now, settles=True)

    def turn(self, feed: str, now: datetime, *, settles: bool = False) -> bool:
        """Run one tick."""
        turned = self.worker.turn(feed, now, settles=settles)
        self.changes += turned.cases if turned else ()
        self.ticks += turned is not None
        return turned is not None

    def forget(self) -> None:
        """Put a new worker in place of this one, which remembers nothing."""
        self.worker = Worker(self.service.store, self.service.bus, self.worker.rules, self.batch)

    def run(self, turns: Iterable[Turn], between: Callable[[World], None] | None = None) -> World:
        """Run a history; `between` is called after every turn."""
        for turn in turns:
            self.prepare(turn)
            self.work(turn.now, settles=turn.settles)
            if between:
                between(self)
        return self

    def digest(self) -> str:
        """Give the hash of all that is derived."""
        return digest(self.service.engine)

    def replay(self) -> str:
        """Derive everything again and give its hash."""
        return replay(self.service)


@contextmanager
def world(*, batch: int = 2_000) -> Iterator[World]:
    """Open a new service in a folder that goes away with it."""
    clock = HandClock(datetime(2024, 1, 1, tzinfo=UTC))
    with tempfile.TemporaryDirectory() as folder, opened(prepared(Path(folder)), clock) as service:
        rules = Rules(1.0, timedelta(days=1), RECEIVERS)
        yield World(service, Worker(service.store, service.bus, rules, batch), batch)


def act_on_cases(service: Service, what: What, now: datetime) -> None:
    """Let somebody watch or close every open concern case, or accept the levels of those that still hold."""
    kinds = {What.WATCHED: ActKind.WATCH, What.CLOSED: ActKind.CLOSE, What.ACCEPTED: ActKind.ACCEPT}
    evidence = service.store.evidence() if what is What.ACCEPTED else {}
    outcome = Outcome.NO_CONCERN if what is What.CLOSED else None
    for case in kept_cases.list_cases(service.engine, open_only=True):
        levels = holding(case, evidence.get(case.organisation, ()))
        if case.kind == "concern" and (levels or what is not What.ACCEPTED):
            act = Act(case.id, kinds[what], "tests", now, "seen", outcome, levels)
            kept_acts.act(service.engine, act, acted)


def check_accounts(service: Service, feed: str) -> None:
    """Hold both identities of design.md §5.4."""
    account = accounting(service.engine, service.bus, feed)
    refused = sum(account["dead_lettered_by_worker"].values())
    assert account["difference"] == 0
    assert account["accepted"] == account["applied"] + account["unchanged"] + refused + account["pending"]
    assert account["accepted"] == service.bus.observations_from(feed, 0)


def scores(service: Service) -> dict[tuple[Block, int], dict[str, dict[str, float]]]:
    """Give every score by block, period, organisation and array."""
    found = {}
    for feed in service.bus.feeds():
        for block, (first, last) in service.store.settled(feed).items():
            for row in service.store.scores(block, first, last):
                found[block, row.number] = {
                    code: {name: float(array[place]) for name, array in row.arrays.items()}
                    for place, code in enumerate(row.organisations)
                }
    return found


def model(service: Service, feed: str, block: Block) -> str:
    """Give the version of the detector that reads a block."""
    contract = service.store.contracts().get(feed)
    assert contract is not None
    indicator = contract.indicator(block.indicator)
    assert indicator is not None
    return model_of(indicator)


def settlements(service: Service) -> dict[tuple[Block, int], dict[str, Any]]:
    """Give every settlement's instant, organisations and quantities."""
    found = {}
    for feed in service.bus.feeds():
        for block, (first, last) in service.store.settled(feed).items():
            for row in service.store.settlements(block, first, last, model(service, feed, block)):
                common = {name: array.tolist() for name, array in row.common.items()}
                found[block, row.number] = {"at": row.at, "who": row.organisations, "model": row.model, **common}
    return found


def assert_same_scores(one: Service, other: Service) -> None:
    """Hold that two services have scored alike, to 1e-9."""
    ours, theirs = scores(one), scores(other)
    assert ours.keys() == theirs.keys()
    for place, row in ours.items():
        assert row.keys() == theirs[place].keys(), place
        for code, values in row.items():
            got, wanted = np.array(list(values.values())), np.array([theirs[place][code][name] for name in values])
            np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9, err_msg=f"{place} {code} {list(values)}")


def observations(said: Iterable[Message]) -> list[Observation]:
    """Keep the words of what a feed says."""
    return [message for message in said if isinstance(message, Observation)]


def assert_same_settlements(one: Service, other: Service) -> None:
    """Hold that two services have settled the same periods, of the same organisations, to the same quantities."""
    ours, theirs = settlements(one), settlements(other)
    assert ours.keys() == theirs.keys()
    for place, ours_then in ours.items():
        for name, value in ours_then.items():
            if isinstance(value, list):
                np.testing.assert_allclose(value, theirs[place][name], rtol=1e-9, atol=1e-9, err_msg=f"{place} {name}")
            else:
                assert value == theirs[place][name], place


def concerns(one: World) -> list[tuple[Any, ...]]:
    """Give what is known of every concern case: its signals, families and conclusion."""
    listed = [case for case in kept_cases.list_cases(one.service.engine) if case.kind == "concern"]
    return [(case.id, case.organisation, case.outcome, _signs(case.signals), case.patterns) for case in listed]


def _signs(signals: Iterable[Signal]) -> list[tuple[Any, ...]]:
    return [(each.indicator, each.reading, round(each.p, 9), each.since, each.period, each.known) for each in signals]
