"""Whose newest figures are not believed: of one organisation, or of the feed where most are off."""

from datetime import date

from monitor.belief import unbelieved
from monitor.casefile import Slip
from monitor.evidence import Evidence
from monitor.model import Family
from tests.factories import feed, month

FEED = feed("complaints", indicators=("new_complaints", "complaints_backlog"))


def evidence(code: str, doubted: int, indicator: str = "new_complaints") -> Evidence:
    start = date(2024, 3, 1)
    return Evidence(
        code, indicator, "local", Family.PATIENTS, 0.5, 0.5, start, start, month(52), start, 12, doubted=doubted
    )  # fmt: skip


def test_each_series_that_is_off_is_a_fault_with_its_words() -> None:
    quiet = [[evidence(f"RB{place:02d}", 0)] for place in range(9)]
    off = [evidence("RA00", 1), evidence("RA00", -2, "complaints_backlog")]
    beside = [[evidence(f"RB{place:02d}", 0, "complaints_backlog")] for place in range(9)]
    backlog, new = unbelieved(FEED, [off, *quiet, *beside])
    assert (backlog.whose, new.whose) == ("RA00", "RA00")
    assert new.slip == Slip("new_complaints", "local", month(52)[0])
    assert "more than thirty times what was usual" in new.why
    assert "an exposure of less than a thirtieth of the usual one" in backlog.why
    assert "monitor cases accept" in new.why


def test_where_most_are_off_it_is_the_feed_and_no_level_to_accept() -> None:
    (fault,) = unbelieved(FEED, [[evidence(f"RA{place:02d}", int(place < 6))] for place in range(10)])
    assert fault.whose == "complaints"
    assert "of most organisations" in fault.why
    assert "accept" not in fault.why
    assert len(unbelieved(FEED, [[evidence(f"RA{place:02d}", int(place < 5))] for place in range(10)])) == 5


def test_another_feed_s_figures_are_none_of_this_one_s() -> None:
    assert unbelieved(FEED, [[evidence("RA00", 1, "sickness_rate")]]) == []
