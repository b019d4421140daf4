"""What is done by day, week and month: real DAGs that start `monitor` commands as processes."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.heartbeat import HEARTBEAT, beat
from monitor.wire import encode
from tests.airflow.conftest import Driver
from tests.airflow.homes import MONTHLY, TRUSTS, Home
from tests.directory import Site, record, serving

OPERATIONS = ("backtest", "digest", "heartbeat", "organisations", "retention", "scorecard")


def test_every_operation_is_a_dag_of_its_own(driver: Driver) -> None:
    assert [dag for dag in driver.dags if dag.startswith("operations.")] == [f"operations.{key}" for key in OPERATIONS]


@pytest.mark.parametrize(
    ("key", "state"),
    [("digest", "success"), ("retention", "success"), ("organisations", "skipped"), ("backtest", "skipped")],
)
def test_an_operation_runs_on_a_new_home_and_is_skipped_where_nothing_is_set(
    driver: Driver, home: Home, key: str, state: str
) -> None:
    assert driver.run(f"operations.{key}", home).states("run") == [state]


def test_a_heartbeat_goes_out_and_one_that_is_late_fails_and_is_not_tried_again(driver: Driver, home: Home) -> None:
    assert driver.run("operations.heartbeat", home).states("run") == ["success"]
    with home.service() as service:
        assert service.bus.end(HEARTBEAT) > 0
        earlier = service.clock.now() - timedelta(hours=2)
        service.bus.publish(HEARTBEAT, [encode(message, HEARTBEAT) for message in beat(earlier)])
    run = driver.run("operations.heartbeat", home)
    assert (run.states("run"), run.tries["run", -1]) == (["failed"], 1)


def test_the_registry_is_synchronised_where_a_directory_is_named(driver: Driver, home: Home) -> None:
    with serving(Site({"R99": record("R99")})) as site:
        run = driver.run("operations.organisations", home, MONITOR_ORGANISATIONS=site.url)
    assert run.states("run") == ["success"]
    with home.service() as service:
        assert "R99" in service.store.organisations()[0]


def complaints_of_years() -> bytes:
    """Give 44 months of complaints, each published as it ended; the first trust has thrice as many in the last ones."""
    first = MONTHLY.number(date(2020, 1, 1))
    rows = [
        f"{trust.code},new_complaints,{MONTHLY.start(first + number)},{MONTHLY.start(first + number + 1)},"
        f"{(120 if trust is TRUSTS[0] and number > 34 else 40) + (number * 7 + place * 5) % 11},1000"
        for number in range(44)
        for place, trust in enumerate(TRUSTS)
    ]
    return "\n".join(["organisation,indicator,start,published,numerator,denominator", *rows, ""]).encode()


def test_the_scheduled_backtest_relives_the_home_and_leaves_what_it_found_there(
    driver: Driver, home: Home, tmp_path: Path
) -> None:
    home.register()
    home.publish("complaints", home.drop("complaints", "history.csv", complaints_of_years()))
    home.taken_in("complaints")
    home.settled("complaints")
    events = tmp_path / "events.csv"
    events.write_text(f"organisation,date,kind,note\n{TRUSTS[0].code},2023-08-01,inspection,\n")
    assert driver.run("operations.backtest", home, MONITOR_EVENTS=events).states("run") == ["success"]
    found = json.loads((home.folder / "home" / "backtest" / "backtest.json").read_text())
    (judged,) = found["events"]["judged"]
    assert judged["case_days_before"] is not None


@pytest.mark.soak
def test_the_scheduled_scorecard_says_what_this_version_finds(driver: Driver, home: Home) -> None:
    assert driver.run("operations.scorecard", home, patience=3_000).states("run") == ["success"]
    assert json.loads((home.folder / "home" / "scorecard" / "scorecard.json").read_text())["planted"] > 0


def test_what_no_other_try_can_help_is_tried_once(driver: Driver, home: Home, tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text("organisation,date,kind,note\n")
    run = driver.run("operations.backtest", home, MONITOR_EVENTS=events)
    assert (run.states("run"), run.tries["run", -1]) == (["failed"], 1), "there is no history to hold anything against"
