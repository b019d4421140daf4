"""Where files come from, through the real Airflow: object stores, a publisher's page, a local system's database."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor.model import Advance, Observation
from tests.airflow.conftest import Driver
from tests.airflow.homes import DAGS, LONG_AGO, TRUSTS, Home, complaints
from tests.feeds.samples import SICKNESS, file_of, sickness_row
from tests.publisher import Publisher

SERIES = "/data-and-information/publications/statistical/nhs-sickness-absence-rates"
CODES = [trust.code for trust in TRUSTS[:3]]


def sickness(month: str, lost: int) -> bytes:
    return file_of(SICKNESS, *(sickness_row(code, day=month, triple=f"{lost},10000,{lost / 100}") for code in CODES))


def publisher() -> Publisher:
    """One that has published two months: a page for each with a file, something else, and a link to nowhere."""
    listed = "".join(f'<a href="{SERIES}/{month}">x</a>' for month in ("august-2025", "july-2025", "june-2025"))
    page = "<p>Publication date:</p>\n<b>{} 2025</b><a href='/files/sickness-{}.csv'>CSV</a><a href='/notes.pdf'>N</a>"
    return Publisher(
        {
            SERIES: listed.encode(),
            f"{SERIES}/august-2025": page.format("18 December", "aug").encode(),
            f"{SERIES}/july-2025": (page.format("27 November", "jul") + "<a href='/files/sickness-x.csv'>").encode(),
            "/files/sickness-aug.csv": sickness("31/08/2025", 520),
            "/files/sickness-jul.csv": sickness("31/07/2025", 510),
        }
    )


def test_what_a_publisher_links_to_is_fetched_once_and_politely_and_a_corrected_file_again(
    driver: Driver, home: Home
) -> None:
    site = publisher()
    with site.serving() as address:
        connection = {"AIRFLOW_CONN_NHS_DIGITAL": address}
        first = driver.run("staff_sickness", home, **connection)
        asked, site.asked = site.asked, []
        again = driver.run("staff_sickness", home, **connection)
        asked_again, site.asked = site.asked, []
        site.pages["/files/sickness-aug.csv"] = sickness("31/08/2025", 600)  # under the page's old date
        corrected = driver.run("staff_sickness", home, **connection)

    assert first.states("file.advance") == ["success", "success"]
    assert {word.known for word in observations(home, "staff_sickness")[:6]} == {date(2025, 12, 18), date(2025, 11, 27)}
    assert ("/files/sickness-x.csv", 404) in asked
    assert not [path for path, _ in asked if path.endswith(("june-2025", ".pdf"))]
    assert {code for _, code in asked_again} == {304, 404}
    assert set(again.tasks.values()) == {"skipped"}
    assert (site.most_at_once, {agent.split()[0] for agent in site.agents}) == (1, {"culture-monitor"})
    assert corrected.states("file.advance") == ["success"]
    sums, _, letters = home.held("staff_sickness")
    assert {figures[-1][1] for _, indicator, _, figures in sums if indicator == "sickness_rate"} == {600}
    assert letters == []


def test_a_store_of_objects_is_a_folder(driver: Driver, home: Home) -> None:
    where = home.folder / "store" / "survey_pulses"
    where.mkdir(parents=True)
    (where / "sample.csv").write_bytes((DAGS / "samples" / "survey_pulses.csv").read_bytes())
    runs = [driver.run("survey_pulses", home, MONITOR_STORE=f"file://{home.folder}/store") for _ in range(2)]
    assert [set(run.tasks.values()) for run in runs] == [{"success"}, {"skipped"}]
    assert len(home.receipts("survey_pulses")) == 1


def test_an_event_object_is_covered_by_the_one_beside_it(driver: Driver, home: Home) -> None:
    where = home.folder / "store" / "incident_events"
    where.mkdir(parents=True)
    (where / "today.csv").write_text(
        "organisation,indicator,start,key,numerator,denominator\nRA1,anonymous_share,2026-10-05,A-1,1,1\n"
    )
    (where / "today.coverage.csv").write_text("organisation,from,through\nRA1,2026-10-01,2026-10-31\n")
    driver.run("incident_reports_events", home, MONITOR_STORE=f"file://{home.folder}/store")
    assert [(one.start, one.end, one.organisations) for one in home.advances("incident_reports")] == [
        (date(2026, 10, 1), date(2026, 11, 1), frozenset({"RA1"}))
    ]


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """Make a database of a local system with the two views that the incident feed asks."""
    path = tmp_path / "system.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript("""
            CREATE TABLE monitor_incident_figures (
                organisation, indicator, day, reference, revision, numerator, denominator);
            CREATE TABLE monitor_incident_coverage (organisation, first_day, last_day);
            INSERT INTO monitor_incident_figures VALUES
                ('RA1', 'anonymous_share', '2026-10-05', 'A-2', 1, 0, 1),
                ('RA1', 'anonymous_share', '2026-10-05', 'A-1', 1, 1, 1);
            INSERT INTO monitor_incident_coverage VALUES ('RA1', '2026-10-01', '2026-10-31');
        """)
    return path


def test_a_local_system_is_asked_through_its_connection(driver: Driver, home: Home, system: Path) -> None:
    connection = {"AIRFLOW_CONN_INCIDENT_SYSTEM": json.dumps({"conn_type": "sqlite", "host": str(system)})}
    runs = [driver.run("incident_reports_events", home, **connection) for _ in range(2)]
    assert [set(run.tasks.values()) for run in runs] == [{"success"}, {"skipped"}]
    said = home.messages("incident_reports")
    assert sum(isinstance(message, Observation) for message in said) == 2
    (advance,) = [message for message in said if isinstance(message, Advance)]
    assert (advance.start, advance.organisations) == (date(2026, 10, 1), frozenset({"RA1"}))

    with closing(sqlite3.connect(system)) as changed, changed:
        changed.execute("UPDATE monitor_incident_figures SET revision = 2, numerator = 1 WHERE reference = 'A-2'")
    assert driver.run("incident_reports_events", home, **connection).states("file.advance") == ["success"]


def test_a_publisher_that_is_away_holds_up_no_other_place_and_fails_the_run(driver: Driver, home: Home) -> None:
    home.register()
    site, dropped = publisher(), home.drop("staff_sickness", "may.csv", sickness("31/05/2025", 500))
    with site.serving() as address:
        pass
    away = driver.run("staff_sickness", home, AIRFLOW_CONN_NHS_DIGITAL=address)
    dropped.unlink()
    nothing = driver.run("staff_sickness", home, AIRFLOW_CONN_NHS_DIGITAL=address)
    site.fails[SERIES] = 1
    home.drop("staff_sickness", "april.csv", sickness("30/04/2025", 490))
    with site.serving() as address:
        back = driver.run("staff_sickness", home, AIRFLOW_CONN_NHS_DIGITAL=address)
        carried = driver.run("staff_sickness", home, AIRFLOW_CONN_NHS_DIGITAL=address)

    assert (away.state, away.states("file.advance"), away.states("look_again")) == ("failed", ["success"], ["failed"])
    assert (nothing.state, nothing.states("land")) == ("failed", ["failed"]), (
        "nothing waits: land itself is tried again"
    )
    assert (back.state, back.states("file.advance"), back.states("look_again")) == ("success", ["success"], ["success"])
    assert carried.states("file.advance") == ["success", "success"]


def test_a_page_that_never_ends_holds_up_no_file_of_another_place(driver: Driver, home: Home) -> None:
    home.drop("staff_sickness", "may.csv", sickness("31/05/2025", 500))
    site = Publisher({"/list": b"x" * 60}, drip_seconds=1)
    with site.serving() as address:
        run = driver.run("staff_sickness_brief", home, AIRFLOW_CONN_QUICK_PUBLISHER=address)
    assert (run.states("land"), run.states("file.advance")) == (["success"], ["success"])
    assert (run.state, run.states("look_again")) == ("failed", ["failed"])


def test_a_database_that_is_away_holds_up_no_other_place(driver: Driver, home: Home) -> None:
    connection = {"conn_type": "sqlite", "host": str(home.folder / "nowhere" / "system.sqlite")}
    home.drop("incident_events", "sample.csv", (DAGS / "samples" / "incident_reports.csv").read_bytes())
    run = driver.run("incident_reports_events", home, AIRFLOW_CONN_INCIDENT_SYSTEM=json.dumps(connection))
    assert (run.state, run.states("file.publish"), run.states("look_again")) == ("failed", ["success"], ["failed"])


def test_what_no_look_of_hours_could_take_fails_the_run_once_everything_else_is_carried(
    driver: Driver, home: Home
) -> None:
    clock, began = home.folder / "clock", datetime.now(UTC)
    home.drop("complaints", "Jane Smith.csv.part", b"organisation,")
    states, handed = [], []
    for hours, dropped in ((0, False), (1, True), (7, True), (8, False)):
        clock.write_text((began + timedelta(hours=hours)).isoformat())
        if dropped:
            home.drop("complaints", f"{hours}.csv", complaints(hours + 5))
        run = driver.run("complaints", home, MONITOR_CLOCK=clock)
        states.append((run.state, *run.states("land"), *run.states("file.advance"), *run.states("look_again")))
        handed += run.handed
    assert states == [
        ("success", "skipped", "skipped", "skipped"),  # it may be on its way still
        ("success", "success", "success", "success"),
        ("failed", "success", "success", "failed"),
        ("failed", "failed", "upstream_failed", "upstream_failed"),
    ]
    assert "Jane" not in str(handed)


def test_what_no_try_can_take_leaves_a_publisher_that_is_away_its_further_tries(driver: Driver, home: Home) -> None:
    clock, began = home.folder / "clock", datetime.now(UTC)
    home.drop("staff_sickness", "stuck.csv.part", b"organisation,")
    site = Publisher({"/list": b"<a href='/may.csv'>", "/may.csv": sickness("31/05/2025", 500)}, fails={"/list": 2})
    with site.serving() as address:
        runs = []
        for hours in (0, 7, 8):
            clock.write_text((began + timedelta(hours=hours)).isoformat())
            connected = {"AIRFLOW_CONN_QUICK_PUBLISHER": address} if hours else {}
            runs.append(driver.run("staff_sickness_quick", home, MONITOR_CLOCK=clock, **connected))
    assert [(run.states("land"), run.tries["land", -1]) for run in runs] == [
        (["skipped"], 1),
        (["success"], 3),
        (["failed"], 1),
    ]
    assert runs[1].states("file.advance") == ["success"], "the publisher was asked until it answered"
    assert (runs[1].states("look_again"), runs[1].tries["look_again", -1]) == (["failed"], 1)


def observations(home: Home, name: str) -> list[Observation]:
    return [message for message in home.messages(name) if isinstance(message, Observation)]


def test_a_name_that_begins_with_a_day_states_its_publication(driver: Driver, home: Home) -> None:
    content = (DAGS / "samples" / "complaints.csv").read_bytes()
    path = home.drop("complaints", "2025-02-03_complaints.csv", content)
    driver.run("complaints", home)
    assert {word.known for word in observations(home, "complaints")} == {date(2025, 2, 3)}
    path.rename(path.with_name("2025-02-05_complaints.csv"))  # stated anew: the same bytes, published later
    os.utime(path.with_name("2025-02-05_complaints.csv"), (LONG_AGO + 5, LONG_AGO + 5))
    assert driver.run("complaints", home).states("file.advance") == ["success"]
    assert {word.known for word in observations(home, "complaints")} == {date(2025, 2, 3), date(2025, 2, 5)}
