"""What is expected of whom by when: from the contract and who has sent it before."""

from dataclasses import replace
from datetime import date, timedelta

from monitor.freshness import expected
from tests.test_silence import DUE, MARCH, MONTHS, roll

APRIL, MAY = date(2024, 4, 1), date(2024, 5, 1)


def test_the_next_period_is_due_when_wait_and_lateness_have_passed() -> None:
    listed = replace(roll(), wait=timedelta(days=45))
    first, *others = expected([listed], DUE)
    assert (first.newest, first.awaited) == (MONTHS.period(MARCH), (APRIL, MAY))
    assert (first.due, first.late_days) == (MAY + timedelta(days=45 + 7), 0)
    assert len(others) == 9


def test_who_is_late_comes_first_and_by_how_many_days() -> None:
    days = [(one.organisation, one.late_days) for one in expected([roll("RA03")], DUE + timedelta(days=9))]
    assert days[:2] == [("RA03", 10), ("RA00", 0)]


def test_on_the_day_from_which_it_is_missing_it_is_late_as_silence_has_it() -> None:
    found = {day: expected([roll("RA03")], DUE + timedelta(days=day))[0].late_days for day in (-1, 0)}
    assert found == {-1: 0, 0: 1}


def test_who_has_ended_is_expected_no_more() -> None:
    listed = replace(roll("RA03"), ends={"RA03": MARCH})
    assert "RA03" not in {one.organisation for one in expected([listed], DUE)}


def test_who_has_completed_nothing_is_expected_from_the_beginning() -> None:
    listed = replace(roll(), closed={"RA00": ()})
    (one,) = expected([listed], DUE)
    assert (one.newest, one.awaited) == (None, MONTHS.period(MARCH - 12))
