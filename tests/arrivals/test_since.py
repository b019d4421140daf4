"""A local system that is asked from a day on: what changed since is caught, and nothing rests on what is remembered."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import carrying
from monitor.arrivals.since import filled
from monitor.carrying import Refused
from monitor.clock import HandClock
from monitor.feeds.places import Query, faults
from monitor.looking import looking
from monitor.settings import Settings
from monitor.store.registry import load_organisations
from monitor.wiring import Service, opened
from monitor.worker import work
from tests.factories import organisations
from tests.feeds.samples import contract

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
COMPLAINTS = contract("complaints")
SQL = "SELECT organisation, indicator, start, numerator, denominator, schema FROM figures WHERE changed >= :since"
COLUMNS = ("organisation", "indicator", "start", "numerator", "denominator", "changed", "schema")
SYSTEM = Query("system", sql=SQL, overlap=timedelta(days=28))


class System:
    """A local system's database, which answers as an Airflow connection does, and the feed's runs that ask it."""

    def __init__(self, service: Service, clock: HandClock, path: Path) -> None:
        self.service, self.clock, self.path = service, clock, path
        self.database = sqlite3.connect(path, isolation_level=None)
        self.connections: list[sqlite3.Connection] = []
        self.questions: list[str] = []
        self.database.execute(f"CREATE TABLE figures ({', '.join(COLUMNS)})")

    def get_hook(self) -> System:
        """Answer as the connection."""
        return self

    def get_conn(self) -> sqlite3.Connection:
        """Answer as its hook."""
        self.connections.append(connection := sqlite3.connect(self.path))
        connection.set_trace_callback(self.questions.append)
        return connection

    def enters(self, month: str, figure: Any, *, changed: datetime) -> None:
        """Enter a figure, or change it."""
        self.database.execute("DELETE FROM figures WHERE start = ?", (month,))
        row = ("RA00", "new_complaints", month, figure, 100, changed.date().isoformat())
        self.database.execute("INSERT INTO figures VALUES (?, ?, ?, ?, ?, ?, 1)", row)

    def asked(self, *, days: int, again: bool = False) -> int:
        """Run the feed once, so many days later; give how many rows it was answered with, 0: nothing new."""
        self.clock.move(self.clock.now() + timedelta(days=days))
        found = looking(SYSTEM, COMPLAINTS, self.service, connection=lambda _: self, store=lambda *_: None)
        carrying.land(self.service, COMPLAINTS, SYSTEM, found, again=again)
        rows = 0
        for slip in carrying.waiting(self.service, COMPLAINTS):
            rows += self.service.landing.content(slip["sha256"]).count(b"\n") - 1
            carrying.read(self.service, COMPLAINTS, slip)
            carrying.publish(self.service, COMPLAINTS, slip, "run:1")
            carrying.advance(self.service, COMPLAINTS, slip, "run")
        return rows

    def held(self) -> list[float]:
        """Give what is held of each month that has a figure, once a worker has taken everything in."""
        work(self.service, until_idle=True)
        figures = self.service.store.figures("new_complaints", "local", "monthly", 0, 3_000).numerator
        return [float(figure) for figure in figures.ravel() if figure == figure]


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """Make a system that has two months, entered long ago and just now."""
    clock = HandClock(NOW)
    with opened(Settings(home=tmp_path / "home", config=tmp_path / "none.toml"), clock) as service:
        load_organisations(service.engine, organisations(1), (), by="tests", at=NOW)
        made = System(service, clock, tmp_path / "system.sqlite")
        made.enters("2025-01-01", 10, changed=NOW - timedelta(days=400))
        made.enters("2026-05-01", 20, changed=NOW)
        yield made
        made.database.close()


def test_only_the_first_question_is_for_everything_and_a_late_change_is_caught(system: System) -> None:
    assert (system.asked(days=0), system.asked(days=0)) == (2, 1)
    system.enters("2025-01-01", 11, changed=NOW - timedelta(days=20))  # committed long after it was stamped
    assert system.asked(days=1) == 2
    assert system.asked(days=60) == 0
    assert system.asked(days=0, again=True) == 2
    assert system.held() == [11, 20]


def test_what_is_remembered_may_be_lost(system: System) -> None:
    system.asked(days=0)
    system.enters("2025-01-01", 12, changed=NOW + timedelta(days=1))
    shutil.rmtree(system.service.settings.home / "seen")
    assert system.asked(days=200) == 2
    assert system.held() == [12, 20]


@pytest.mark.parametrize(
    "kept", ["{NO", "[]", '{"things": []}', '{"things": {"NAME": []}}', '{"things": {"NAME": {"version": 5}}}']
)
def test_what_is_remembered_may_be_no_memory_of_anything(system: System, kept: str) -> None:
    system.asked(days=0)
    (memory,) = (system.service.settings.home / "seen").glob("*.json")
    (name,) = json.loads(memory.read_text())["things"]
    memory.write_text(kept.replace("NAME", name))
    system.enters("2025-01-01", 12, changed=NOW + timedelta(days=1))
    assert (system.asked(days=200), system.asked(days=200)) == (2, 0)


@pytest.mark.parametrize(
    "version",
    ["garbage 2026-06-01 SHA", "2026-06-01 2026-06-32 SHA", "2026-06-01 SHA", "2026-06-01 2026-06-01 ../x", "[]", ""],
)
def test_a_last_question_that_cannot_be_read_is_asked_from_the_beginning(system: System, version: str) -> None:
    system.asked(days=0)
    (memory,) = (system.service.settings.home / "seen").glob("*.json")
    said = json.loads(memory.read_text())
    (thing,) = said["things"].values()
    thing["version"] = version.replace("SHA", thing["version"].split()[-1])
    memory.write_text(json.dumps(said))
    system.enters("2025-01-01", 12, changed=NOW + timedelta(days=1))
    assert (system.asked(days=200), system.asked(days=200)) == (2, 0)


def test_answers_that_are_refused_are_asked_for_until_they_are_right(system: System) -> None:
    assert system.asked(days=0) == 2
    for month in (7, 8, 9):  # an upgrade of the system: months of answers that nobody can read
        system.enters(f"2026-0{month - 1}-01", month, changed=NOW.replace(month=month))
        system.database.execute("UPDATE figures SET schema = 2")
        with pytest.raises(Refused):
            system.asked(days=31)
    system.database.execute("UPDATE figures SET schema = 1")
    assert system.asked(days=100) == 4, "the first, and the three that nobody took"
    assert system.asked(days=0) == 0
    assert system.held() == [10, 20, 7, 8, 9]


def test_what_is_complete_is_asked_for_before_the_figures_and_every_connection_is_closed(system: System) -> None:
    covers = "SELECT organisation, start AS 'from', start AS through FROM figures"
    place, sqls = replace(SYSTEM, covers=covers), (covers, "SELECT organisation, indicator")
    found = looking(place, COMPLAINTS, system.service, connection=lambda _: system, store=lambda *_: None)
    carrying.land(system.service, COMPLAINTS, place, found)
    assert [question.startswith(sql) for question, sql in zip(system.questions, sqls, strict=True)] == [True, True]
    for connection in system.connections:
        with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
            connection.execute("SELECT 1")


@pytest.mark.parametrize(
    ("sql", "is_filled"),
    [("x >= :since", True), ("x>=date(:since)", True), ("x::since", False), (":since_when", False), ("a:since", False)],
)
def test_the_day_stands_where_the_question_names_it(sql: str, is_filled: bool) -> None:
    assert ("'2026-02-01'" in filled(sql, date(2026, 3, 1), timedelta(days=28))) == is_filled


def test_an_overlap_below_nothing_is_a_fault() -> None:
    assert faults(Query("system", sql=SQL, overlap=timedelta(days=-1)))
    assert not faults(SYSTEM)
