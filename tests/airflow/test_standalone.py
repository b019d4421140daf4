"""One `airflow standalone`: runs over its REST API, a backfill, two runs at once, and a task killed in the middle."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.evaluation.standalone import Standalone, ready, standalone
from monitor.feeds.publish import CHUNK
from tests.airflow.conftest import Airflow
from tests.airflow.driver import until
from tests.airflow.homes import TRUSTS, Home, by_hand, complaints, months
from tests.airflow.standalone import finished, instances, process_titled, processes_of, runs

QUICK, SICK = "staff_sickness_quick", "staff_sickness"
CODES, BIG = 150, 12_000
"""Organisations and rows of a file that takes a second or two to be published."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One home for all that is published here."""
    made = Home(tmp_path_factory.mktemp("standalone"))
    made.register()
    return made


@pytest.fixture(scope="module")
def airflow_now(airflow: Airflow, home: Home) -> Iterator[Standalone]:
    """Start an Airflow with a database of its own, and see that nothing of it is left afterwards."""
    own = airflow.copied(home.folder / "airflow")
    with standalone(own.home, own.dags, own.stated(**home.environment())) as running:
        ready(running)
        yield running
    assert processes_of(running.session) == []


def test_a_run_over_the_api_goes_from_the_drop_folder_to_the_store(airflow_now: Standalone, home: Home) -> None:
    home.drop("complaints", "first.csv", complaints(40))
    airflow_now.unpause(["complaints"])
    run = airflow_now.trigger(["complaints"])["complaints"]
    assert set(finished(airflow_now, "complaints", 2)) == {"success"}  # one that its schedule started, and this one
    assert run in {one["dag_run_id"] for one in runs(airflow_now, "complaints")}
    advanced = [one for one in instances(airflow_now, "complaints") if one["task_id"] == "file.advance"]
    assert "success" in {one["state"] for one in advanced}
    assert airflow_now.ask("GET", "assets/events")["total_entries"] >= 1
    account = home.taken_in("complaints")
    assert (account["difference"], account["pending"], account["applied"]) == (0, 0, len(TRUSTS))


def test_two_runs_at_once_leave_what_one_does(airflow_now: Standalone, home: Home, tmp_path: Path) -> None:
    home.drop("complaints", "again.csv", complaints(44), order=1)
    before = len(runs(airflow_now, "complaints"))
    for _ in range(2):
        airflow_now.trigger(["complaints"])
    assert set(finished(airflow_now, "complaints", before + 2)) == {"success"}
    held = home.held("complaints")
    assert held == by_hand(tmp_path, home, "complaints").held("complaints")
    assert {figures[0][1] for _, indicator, _, figures in held[0] if indicator == "new_complaints"} == {44}


@pytest.mark.parametrize("task", ["file.read", "file.publish", "file.advance", "land"])  # which then finds nothing new
def test_a_task_that_is_cleared_runs_again_by_itself_and_changes_nothing(
    airflow_now: Standalone, home: Home, tmp_path: Path, task: str
) -> None:
    ended = [(one["task_id"], one["state"], one["dag_run_id"]) for one in instances(airflow_now, "complaints")]
    run = next(run for name, state, run in ended if (name, state) == (task, "success"))
    before, tried = home.held("complaints"), tries(airflow_now, "complaints", run, task)
    cleared = {"dag_run_id": run, "task_ids": [task], "only_failed": False, "dry_run": False}
    airflow_now.ask("POST", "dags/complaints/clearTaskInstances", **cleared)
    until(
        lambda: tries(airflow_now, "complaints", run, task) == [number + 1 for number in tried],
        f"another try of {task}",
    )
    assert set(finished(airflow_now, "complaints")) == {"success"}
    assert home.held("complaints") == before == by_hand(tmp_path, home, "complaints").held("complaints")


def tries(airflow_now: Standalone, dag: str, run: str, task: str) -> list[int]:
    return [one["try_number"] for one in instances(airflow_now, dag, run) if one["task_id"] == task]


def test_a_task_killed_in_the_middle_of_publishing_is_tried_again_and_nothing_counts_twice(
    airflow_now: Standalone, home: Home, tmp_path: Path
) -> None:
    airflow_now.unpause([QUICK])
    finished(airflow_now, QUICK)  # its schedule starts one at once, which must not publish the file too
    home.drop(SICK, "big.csv", months(0, BIG // CODES, codes=CODES).replace(b",10000,", b",10001,"), order=9)
    run = airflow_now.trigger([QUICK])[QUICK]
    kill_while_publishing(airflow_now, home, run)
    assert finished(airflow_now, QUICK, 2) == ["success"] * 2
    assert tries(airflow_now, QUICK, run, "file.publish") == [2]
    assert home.held(SICK) == by_hand(tmp_path, home, SICK).held(SICK)
    first_try = CHUNK - 1 - CODES  # its first transaction, less the contract and the organisations
    assert first_try <= home.taken_in(SICK)["unchanged"] < BIG, "the first try had sent a part, and no other run any"


def kill_while_publishing(airflow_now: Standalone, home: Home, run: str) -> None:
    """Stop the publisher at the lock of the database once it has sent a part, and kill it there."""
    with closing(
        sqlite3.connect(home.folder / "home" / "monitor.sqlite", isolation_level=None, timeout=30)
    ) as database:
        before = _sent(database)
        until(lambda: _sent(database) >= before + 1_000, "the first part of a publishing", every=0.001)
        database.execute("BEGIN IMMEDIATE")
        assert _sent(database) < before + BIG, "it was through before it could be stopped"
        pids: list[int] = []
        until(lambda: bool(pids.extend(_publishing(airflow_now, run)) or pids), "the publisher's process")
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)
        database.execute("ROLLBACK")


def _sent(database: sqlite3.Connection) -> int:
    query = "SELECT count(*) FROM log JOIN topics ON topics.id = log.topic WHERE feed = ?"
    count: int = database.execute(query, (SICK,)).fetchone()[0]
    return count


def _publishing(airflow_now: Standalone, run: str) -> list[int]:
    found = [
        process_titled(f"airflow worker -- {one['id']}")
        for one in instances(airflow_now, QUICK, run)
        if one["task_id"] == "file.publish" and one["state"] == "running"
    ]
    return [pid for pid in found if pid is not None]


@pytest.mark.soak
def test_a_backfill_that_the_scheduler_runs_leaves_what_one_publishing_does(airflow: Airflow, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.register()
    for number in range(3):
        home.drop(SICK, f"year{number}.csv", months(8 * number, 8), order=number)
    own = airflow.copied(home.folder / "airflow")
    environment = own.environment(**home.environment())
    # asked for while nothing else writes: with a scheduler beside it Airflow 3.3.2 refuses a backfill on SQLite
    span = ("--from-date", "2023-01-01", "--to-date", "2024-12-31", "--max-active-runs", "2", "--run-backwards")
    own.command("dags", "reserialize", environment=environment)
    own.command("backfill", "create", "--dag-id", QUICK, *span, environment=environment)
    with standalone(own.home, own.dags, own.stated(**home.environment())) as running:
        ready(running)
        running.unpause([QUICK])
        assert set(finished(running, QUICK, 24)) == {"success"}
        assert {run["run_type"] for run in runs(running, QUICK)} >= {"backfill"}
    assert home.held(SICK) == by_hand(tmp_path / "hand", home, SICK).held(SICK)
