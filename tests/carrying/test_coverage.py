"""When events complete something: with what a coverage file says, once."""

from __future__ import annotations

import os
from datetime import date

import structlog

from monitor import carrying
from tests.carrying.place import JULY, REPORTS, SICK, TRUSTS, Made
from tests.feeds.samples import INCIDENTS, file_of


def test_a_coverage_file_that_comes_after_its_events_completes_them(made: Made) -> None:
    place = made("one", REPORTS)
    code = TRUSTS[0].code
    place.drop("week.csv", file_of(INCIDENTS, f"A-1,1,,P1,2026-09-28,2026-10-07,{code},1,5,4,"))
    assert place.run() == 1
    assert place.advances() == []
    place.drop("week.coverage.csv", f"organisation,from,through\n{code},2026-10-05,2026-10-11\n".encode())
    assert (place.run(), place.run()) == (1, 0)
    (advance,) = place.advances()
    assert (advance.start, advance.organisations) == (date(2026, 10, 5), {code})


def test_a_coverage_file_that_is_still_being_copied_completes_nothing(made: Made) -> None:
    """Cut short, it says that the first of October is covered, and not the twelfth."""
    place, code = made("one", REPORTS), TRUSTS[0].code
    coverage = f"organisation,through,from\n{code},2026-11-01,2026-10-12\n".encode()
    place.drop("week.csv", file_of(INCIDENTS, f"A-1,1,,P1,2026-10-14,2026-10-14,{code},1,5,4,"))
    place.drop("week.coverage.csv", coverage[:-2])
    assert place.look() == []  # however long it has lain there
    place.drop("week.coverage.csv", coverage)
    at = place.clock.now().timestamp() + 55
    os.utime(place.path / "week.coverage.csv", (at, at))
    assert place.look() == []  # it has not rested
    assert place.run() == 1
    assert [advance.start for advance in place.advances()] == [date(2026, 10, 12)]


def test_what_completes_something_new_says_so_once(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY)
    (slip,) = place.look()
    carrying.publish(place.service, SICK, slip, "one:1")
    assert [carrying.advance(place.service, SICK, slip, run) for run in ("one", "one", "two")] == [True, False, False]
    assert place.look(again=True) == [slip]
    assert carrying.advance(place.service, SICK, slip, "three"), "it was asked for"


def test_check_asks_for_a_coverage_file_only_where_there_is_none(made: Made) -> None:
    place, code = made("one", REPORTS), TRUSTS[0].code
    bad = f"A-2,1,,P1,2026-10-41,2026-10-14,{code},1,5,4,"
    place.drop("week.csv", file_of(INCIDENTS, f"A-1,1,,P1,2026-09-28,2026-10-07,{code},1,5,4,", bad))
    said = []
    for _ in range(2):
        (slip,) = place.look()
        with structlog.testing.capture_logs() as lines:
            carrying.check(place.service, REPORTS, slip)
        said.append([line["event"].partition(":")[0] for line in lines if line["log_level"] == "warning"])
        place.drop("week.coverage.csv", f"organisation,from,through\n{code},2026-10-05,2026-10-11\n".encode())
    put_aside, uncovered = "too many rows were put aside", "no coverage file says what these events cover"
    assert said == [[put_aside, uncovered], [put_aside]]


def test_events_complete_something_new_once_it_is_said_what_they_cover(made: Made) -> None:
    place, code = made("one", REPORTS), TRUSTS[0].code
    place.drop("week.csv", file_of(INCIDENTS, f"A-1,1,,P1,2026-09-28,2026-10-07,{code},1,5,4,"))
    for is_new in (False, True):
        (slip,) = place.look()
        carrying.publish(place.service, REPORTS, slip, "run:1")
        assert carrying.advance(place.service, REPORTS, slip, "run") == is_new
        place.drop("week.coverage.csv", f"organisation,from,through\n{code},2026-10-05,2026-10-11\n".encode())
