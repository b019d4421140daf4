"""What event files cover: all from a day on, those of a coverage file, and never more than was said."""

from datetime import date
from pathlib import Path

import pytest

from monitor.errors import BadFile, BadRequest
from tests.feeds.samples import INCIDENTS, Desk, file_of


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


def event_file(*rows: str) -> bytes:
    return file_of(INCIDENTS, *(rows or ("A-1,1,,P1,2026-09-28,2026-10-07,R0A,1,5,4,",)))


def test_events_cover_nothing_by_themselves(desk: Desk) -> None:
    told = desk.publish("incident_reports", event_file())
    assert (told.advances, told.has_events) == (0, True)


def test_events_cover_all_from_the_week_of_the_first_through_the_day_that_is_said(desk: Desk) -> None:
    desk.publish("incident_reports", event_file(), covers="all", through=date(2026, 10, 11))
    (advance,) = desk.bus.advances("incident_reports")
    assert (advance.start, advance.end, advance.organisations) == (date(2026, 10, 5), date(2026, 10, 12), None)
    assert advance.indicators == {"low_harm_reports", "harm_share", "report_delay"}


def incident(reference: str, day: str) -> str:
    return f"{reference},1,,P1,{day},{day},R0A,1,5,4,"


LATE = (incident("A-2", "2024-03-30"), incident("A-3", "2024-03-31"))
THROUGH = date(2024, 3, 31)


@pytest.mark.parametrize("rows", [(*LATE, incident("A-1", "2020-12-31")), (incident("A-1", "2020-12-31"),)])
def test_one_old_row_does_not_say_years_of_zeros_for_the_nation(desk: Desk, rows: tuple[str, ...]) -> None:
    place = 1 + len(rows)
    with pytest.raises(BadRequest, match=rf"^row {place} tells of 2020-12-31, and no row .* \(weekly\) .*--from DATE$"):
        desk.publish("incident_reports", event_file(*rows), covers="all", through=THROUGH)
    assert desk.bus.feeds() == ()


@pytest.mark.parametrize("since", [date(2020, 12, 28), date(2024, 3, 25), date(2024, 3, 30)])
def test_a_stated_first_day_is_where_the_coverage_begins(desk: Desk, since: date) -> None:
    content = event_file(incident("A-1", "2020-12-31"), *LATE)
    told = desk.publish("incident_reports", content, covers="all", since=since, through=THROUGH)
    assert [(one.start, one.end, one.organisations) for one in told.covers] == [(since, date(2024, 4, 1), None)]
    assert desk.bus.advances("incident_reports") == [*told.covers]


def test_a_month_without_events_is_still_one_file(desk: Desk) -> None:
    content = event_file(incident("A-1", "2024-02-25"), *LATE)  # four weeks lie between
    told = desk.publish("incident_reports", content, covers="all", through=THROUGH)
    assert told.covers[0].start == date(2024, 2, 19)


def test_a_revision_of_long_ago_does_not_stretch_what_a_file_covers(desk: Desk) -> None:
    new, old = "A-1,1,,P1,2026-09-28,2026-10-07,R0A,1,5,4,", "A-0,2,,P1,2026-01-05,2026-01-06,R0A,1,5,4,"
    desk.publish("incident_reports", event_file(new, old), covers="all", through=date(2026, 10, 11))
    assert desk.bus.advances("incident_reports")[0].start == date(2026, 10, 5)


def test_an_empty_event_file_covers_the_week_of_its_last_day(desk: Desk) -> None:
    content = file_of(INCIDENTS)
    desk.publish("incident_reports", content, covers="all", through=date(2026, 10, 11))
    (advance,) = desk.bus.advances("incident_reports")
    assert (advance.start, advance.end) == (date(2026, 10, 5), date(2026, 10, 12))


def test_a_coverage_file_names_organisations_and_days(desk: Desk) -> None:
    covers = b"organisation,from,through\nR0A,2026-10-05,2026-10-11\nR0B,2026-10-05,2026-10-11\n"
    desk.publish("incident_reports", event_file(), covers=covers)
    (advance,) = desk.bus.advances("incident_reports")
    assert advance.organisations == {"R0A", "R0B"}
    assert (advance.start, advance.end) == (date(2026, 10, 5), date(2026, 10, 12))


def test_an_organisation_whose_rows_were_put_aside_is_not_covered(desk: Desk) -> None:
    covers = b"organisation,from,through\nR0A,2026-10-05,2026-10-11\nR0B,2026-10-05,2026-10-11\n"
    bad = "A-2,1,,P1,2026-09-28,2026-10-07,R0B,9,5,4,"
    told = desk.publish(
        "incident_reports", event_file("A-1,1,,P1,2026-09-28,2026-10-07,R0A,1,5,4,", bad), covers=covers
    )
    assert told.withheld == ("R0B",)
    assert desk.bus.advances("incident_reports")[0].organisations == {"R0A"}


def test_all_are_the_others_in_the_file_where_one_is_withheld(desk: Desk) -> None:
    good, bad = "A-1,1,,P1,2026-09-28,2026-10-07,R0A,1,5,4,", "A-2,1,,P1,2026-09-28,2026-10-07,R0B,9,5,4,"
    desk.publish("incident_reports", event_file(good, bad), covers="all", through=date(2026, 10, 11))
    assert desk.bus.advances("incident_reports")[0].organisations == {"R0A"}


def test_a_file_cut_short_covers_nobody(desk: Desk) -> None:
    content = event_file("A-1,1,,P1,2026-09-28,2026-10-07,R0A,1,5,4,", "A-2,1,,P1,2026-0")
    told = desk.publish("incident_reports", content, covers="all", through=date(2026, 10, 11))
    assert (told.advances, told.withheld) == (0, ("all",))


@pytest.mark.parametrize(
    ("covers", "since", "through", "what"),
    [
        ("all", None, None, "needs --through"),
        (None, None, date(2026, 10, 11), "needs --covers"),
        ("some", None, date(2026, 10, 11), "use all"),
        ("all", None, date(2026, 11, 17), "in the future"),
        ("all", None, date(2026, 10, 6), "--through 2026-10-06 is before the first event, on 2026-10-07; state the la"),
        ("all", date(2026, 10, 12), date(2026, 10, 11), "--from 2026-10-12 is after --through 2026-10-11"),
        (None, date(2026, 10, 5), None, "--from needs --covers all"),
        (b"organisation,from,through", date(2026, 10, 5), None, "--from needs --covers all"),
    ],
)
def test_what_is_said_of_coverage_must_make_sense(
    desk: Desk, covers: str | bytes | None, since: date | None, through: date | None, what: str
) -> None:
    with pytest.raises(BadRequest, match=what):
        desk.publish("incident_reports", event_file(), covers=covers, since=since, through=through)


@pytest.mark.parametrize(
    "covers",
    [
        b"organisation,from,through\nR0A,x,2026-10-11\n",
        b"organisation,since\nR0A,2026\n",
        b"organisation,from,through\nR0A,2026-10-12,2026-10-11\n",
        b"organisation,from,through,from\nR0A,2026-10-05,2026-10-11,2026-10-05\n",
    ],
)
def test_a_damaged_coverage_file_is_refused(desk: Desk, covers: bytes) -> None:
    with pytest.raises(BadFile, match="coverage file"):
        desk.publish("incident_reports", event_file(), covers=covers)


def test_a_coverage_file_may_give_an_organisation_two_intervals(desk: Desk) -> None:
    covers = b"organisation,from,through\nR0A,2026-09-07,2026-09-13\nR0A,2026-10-05,2026-10-11\n"
    desk.publish("incident_reports", event_file(), covers=covers)
    assert [one.start for one in desk.bus.advances("incident_reports")] == [date(2026, 9, 7), date(2026, 10, 5)]
