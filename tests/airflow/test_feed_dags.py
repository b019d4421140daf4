"""Every feed's DAG, run by the real Airflow: files dropped, published once, and nothing when nothing is new."""

from __future__ import annotations

from hashlib import sha256

import pytest

from monitor.feeds.folder import feeds
from tests.airflow.conftest import Driver
from tests.airflow.homes import DAGS, Home

FEEDS = tuple(one.key for one in feeds(DAGS))
STEPS = ("file.read", "file.check", "file.publish", "file.advance")


def test_airflow_finds_the_dag_of_every_feed(driver: Driver) -> None:
    assert set(driver.dags) >= {*FEEDS, "incident_reports_events"}


@pytest.mark.parametrize("name", FEEDS)
def test_what_is_dropped_is_published_and_found_again_it_is_nothing_new(driver: Driver, home: Home, name: str) -> None:
    home.register()
    home.drop(name, "sample.csv", (DAGS / "samples" / f"{name}.csv").read_bytes())

    first = driver.run(name, home)
    again = driver.run(name, home)

    assert (first.state, [first.states(step) for step in ("land", *STEPS)]) == ("success", [["success"]] * 5)
    assert first.events == 1
    kinds = home.kinds(name)
    assert (kinds[0], kinds[-2:]) == ("Feed", ["Advance", "Receipt"])
    assert {origin.split("/")[0] for origin in home.origins(name)} == {f"{name}:{first.run_id}:1"}
    account = home.taken_in(name)
    assert (account["difference"], account["accepted"]) == (0, account["observations"])
    assert set(again.tasks.values()) == {"skipped"}
    assert again.events == 0


def test_what_is_asked_for_again_is_sent_again_and_changes_nothing(driver: Driver, home: Home) -> None:
    home.register()
    home.drop("complaints", "sample.csv", (DAGS / "samples" / "complaints.csv").read_bytes())
    driver.run("complaints", home)
    held = home.held("complaints")
    again = driver.run("complaints", home, conf={"again": True})
    assert (again.states("file.advance"), again.events) == (["success"], 1)
    assert len(home.receipts("complaints")) == 2
    assert home.held("complaints") == held


def test_the_asset_tells_nothing_of_events_that_complete_nothing(driver: Driver, home: Home) -> None:
    rows = b"organisation,indicator,start,key,numerator,denominator\nRA1,anonymous_share,2026-10-05,A-1,1,1\n"
    home.drop("incident_events", "today.csv", rows)
    run = driver.run("incident_reports_events", home)
    assert (run.state, run.states("file.publish"), run.states("file.advance")) == ("success", ["success"], ["skipped"])
    assert (run.events, len(home.receipts("incident_reports"))) == (0, 1)
    assert set(driver.run("incident_reports_events", home).tasks.values()) == {"skipped"}


def test_hash_size_and_publication_date_are_all_that_tasks_hand_on_and_which_places_are_away(
    driver: Driver, home: Home
) -> None:
    content = (DAGS / "samples" / "complaints.csv").read_bytes()
    home.drop("complaints", "2025-01-02_Jo Smith.csv", content)
    run = driver.run("complaints", home, AIRFLOW_CONN_NHS_DIGITAL="http://127.0.0.1:1")  # where nobody answers
    slip = {"sha256": sha256(content).hexdigest(), "size": len(content), "published": "2025-01-02"}
    steps = [(step, "return_value", slip) for step in STEPS[:-1]]
    assert sorted(run.handed, key=str) == sorted(
        [("land", "away", [2]), ("land", "return_value", [slip]), *steps], key=str
    )
