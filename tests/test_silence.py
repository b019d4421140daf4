"""Whoever's figures are due and have not come is silent, at once: a fault of data, never of care."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.calendars import calendar
from monitor.casefile import CaseKind
from monitor.catalogue import INDICATORS
from monitor.kept import Block
from monitor.model import PeerGroup
from monitor.other_cases import Fault, data_changes
from monitor.settlement import Roll
from monitor.silence import silent

MONTHS = calendar("monthly")
MARCH = MONTHS.number(date(2024, 3, 1))
DUE = date(2024, 4, 1) + timedelta(days=7)


def roll(*missing: str) -> Roll:
    """Call the roll of ten organisations, all of whom have closed February and all but these March."""
    codes = [f"RA{place:02d}" for place in range(10)]
    closed = {code: ((MARCH - 12, MARCH - (code in missing)),) for code in codes}
    block = Block("new_complaints", "local", PeerGroup.ACUTE)
    first = dict.fromkeys(codes, MARCH - 12)
    return Roll(block, INDICATORS["new_complaints"], MONTHS, timedelta(0), timedelta(days=7), closed, first, {})


@pytest.mark.parametrize(("days", "found"), [(-1, []), (0, ["RA03"]), (20, ["RA03"])])
def test_silence_shows_on_the_day_that_its_lateness_ends(days: int, found: list[str]) -> None:
    assert [*silent("complaints", [roll("RA03")], DUE + timedelta(days=days))] == found


def test_a_silent_organisation_gets_a_data_case_that_says_what_was_due_and_ends_when_it_speaks() -> None:
    now = datetime(2024, 4, 8, 9, tzinfo=UTC)
    ((code, why),) = silent("complaints", [roll("RA03")], DUE).items()
    assert silent("complaints", [roll()], DUE) == {}
    (opened,) = data_changes("complaints", [Fault(code, why)], [], now)
    (closed,) = data_changes("complaints", [], [opened.case], now)

    assert (opened.case.organisation, opened.case.kind, opened.what) == ("RA03", CaseKind.DATA, "opened")
    assert (
        opened.reason
        == "new written complaints (local): nothing since February 2024; last due 8 April 2024 (March 2024)"
    )
    assert closed.what == "closed"


def test_where_most_are_silent_it_is_the_feed() -> None:
    assert [*silent("complaints", [roll(*(f"RA{place:02d}" for place in range(6)))], DUE)] == ["complaints"]


def test_the_length_of_a_silence_is_told() -> None:
    later = date(2024, 9, 9)
    told = silent("complaints", [roll("RA03")], later)

    assert told.keys() == {"complaints"}  # nobody has sent August
    since, last = told["complaints"].split("; ")
    assert since.endswith("of most organisations nothing since March 2024")
    assert last == "last due 8 September 2024 (August 2024)"


def test_a_hole_before_later_figures_is_no_silence_since() -> None:
    one = roll("RA03")
    one = replace(one, closed={**one.closed, "RA03": ((MARCH - 12, MARCH - 1), (MARCH + 1, MARCH + 1))})

    (why,) = silent("complaints", [one], DUE).values()
    assert why.endswith("March 2024 was due on 8 April 2024 and has not come, though later figures have")


def test_of_several_figures_the_one_that_was_due_last_is_named() -> None:
    months = roll("RA03")
    week = calendar("weekly").number(date(2024, 3, 25))
    weeks = replace(
        months, indicator=INDICATORS["low_harm_reports"], calendar=calendar("weekly"), lateness=timedelta(days=6),
        closed={code: ((week - 9, week - (code == "RA03")),) for code in months.closed},
        begins=dict.fromkeys(months.closed, week - 9),
    )  # fmt: skip

    for listed in ([months, weeks], [weeks, months]):
        assert silent("complaints", listed, DUE)["RA03"].startswith("new written complaints (local): nothing since")
    assert "the period to 31 March 2024" in silent("complaints", [weeks], DUE - timedelta(days=1))["RA03"]
