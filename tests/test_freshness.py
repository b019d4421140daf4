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


def test_what_was_left_out_stays_late_when_a_later_period_comes() -> None:
    june = replace(roll(), closed={"RA03": ((MARCH - 12, MARCH), (MARCH + 3, MARCH + 3))})
    found = expected([june], date(2024, 7, 20))
    assert [(one.awaited[0], one.late_days) for one in found] == [
        (APRIL, (date(2024, 7, 20) - MAY).days - 7 + 1),
        (MAY, (date(2024, 7, 20) - date(2024, 6, 1)).days - 7 + 1),
        (date(2024, 7, 1), 0),
    ]
    assert {one.newest for one in found} == {MONTHS.period(MARCH + 3)}


def test_what_was_left_out_is_asked_for_during_a_year() -> None:
    days = [DUE + timedelta(days=days) for days in (365, 366)]
    long = replace(roll(), closed={"RA03": ((MARCH - 12, MARCH - 1), (MARCH + 1, MARCH + 12))})
    assert [MONTHS.period(MARCH) in {one.awaited for one in expected([long], day)} for day in days] == [True, False]


def test_whoever_stopped_for_good_stays_late_for_as_long_as_it_is_awaited() -> None:
    days = [one.late_days for one in expected([roll("RA03")], DUE + timedelta(days=800))]
    assert days[0] == 801
