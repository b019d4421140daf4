import xml.etree.ElementTree as ElementTree
from datetime import date

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.change import is_outside
from monitor.chart import chart
from monitor.disclosure import DisclosedExhibit
from monitor.sparkline import sparkline
from monitor.twin import OTHER_WAY, twin
from tests.exhibits import disclosed_of, exhibit_of, suppressed_voice

WHO = "Riverside (RXX)"
SVG = "{http://www.w3.org/2000/svg}"


def exhibit(figures: list[tuple[float | None, float | None]], **more: object) -> DisclosedExhibit:
    return disclosed_of(exhibit_of("new_complaints", figures, **more)).exhibits[0]  # type: ignore[arg-type]


def texts(svg: bytes) -> str:
    return " ".join("".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text"))


def test_a_chart_says_what_for_whom_since_when_and_in_which_unit() -> None:
    said = texts(chart(suppressed_voice().exhibits[0], WHO))
    for words in ["No- and low-harm incident reports", WHO, "since June 2026", "per 1,000 bed days", "usual range"]:
        assert words in said


def test_the_same_series_gives_the_same_bytes_and_changes_no_global_state() -> None:
    before = dict(matplotlib.rcParams)
    assert chart(suppressed_voice().exhibits[1], WHO) == chart(suppressed_voice().exhibits[1], WHO)
    assert dict(matplotlib.rcParams) == before


def test_a_picture_can_be_had_for_those_who_take_no_vectors() -> None:
    assert chart(suppressed_voice().exhibits[1], WHO, form="png").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "figures",
    [
        [(3, 9000.0)],
        [(None, None)] * 5,
        [(0, 9000.0)] * 12,
        [(20, 9000.0), (None, None), (3, 9000.0)],
    ],
)
def test_small_missing_and_short_series_can_be_drawn(figures: list[tuple[float | None, float | None]]) -> None:
    assert texts(chart(exhibit(figures, usual=1.0), WHO))


def test_a_name_with_signs_of_mathematics_is_a_name() -> None:
    assert "St $Mary$ & <Sons>" in texts(chart(exhibit([(20, 9000.0)] * 12), "St $Mary$ & <Sons>"))


def test_hidden_counts_are_a_band_and_a_star() -> None:
    found = exhibit([(20, 9000.0)] * 8 + [(3, 9000.0)] * 2, usual=1.0)
    assert "0-7, hidden" in texts(chart(found, WHO))
    assert sparkline(found).endswith("**")
    assert [row[1:] for row in twin(found, WHO).rows[-2:]] == [("*", "", "")] * 2
    assert "2 of 10 months are hidden (*): too few people." in twin(found, WHO).notes


def test_the_twin_tells_what_the_picture_shows() -> None:
    found = twin(suppressed_voice().exhibits[0], WHO)
    assert found.sentence == (
        "Fewer no- and low-harm incident reports since June 2026: "
        "36.3 reports per 1,000 bed days on average, where 47.0 to 51.4 would be usual."
    )
    assert found.rows[-1] == ("19 Oct 2026 to 25 Oct 2026", "34.8", "49.1", "39.3 to 59.8")
    shared = "In the last period what all peers share stood 7% below what was expected here; that share was taken out"
    assert f"{shared}, and beyond it peers stayed about where they were expected (41 peers)." in found.notes


def test_a_change_that_begins_after_the_series_is_still_drawn() -> None:
    assert chart(exhibit([(20, 9000.0)] * 3, since=date(2027, 1, 1)), WHO)


def rising_share(*, last: float, since: date = date(2026, 10, 1)) -> DisclosedExhibit:
    """Make a share of incidents with harm, in few incidents, whose quarters end in September 2026 with this figure."""
    figures = [(4.0, 40.0)] * 30 + [(last, 40.0)] * 3 + [(6.0, 40.0)]
    return disclosed_of(exhibit_of("harm_share", figures, usual=10.0, since=since)).exhibits[0]


def test_a_chart_that_ends_before_its_signal_says_so_and_marks_nothing() -> None:
    """Its quarters end in September, beyond the usual range on the better side; the rise is in October."""
    found = rising_share(last=2.8)
    words, drawn = twin(found, WHO), texts(chart(found, WHO))

    assert found.calendar == "quarters"
    assert is_outside(found.points[-1])
    gone = "the months since October 2026 are hidden (too few people)"
    assert words.sentence.endswith(f"harm: {gone}; shown are earlier quarters.")
    assert gone[1:] in drawn
    assert "outside the usual range" not in drawn
    assert not any("last point" in note for note in words.notes)
    assert sparkline(found).endswith("*")


def test_a_chart_that_ends_the_other_way_says_so() -> None:
    found = rising_share(last=2.8, since=date(2026, 4, 1))

    assert is_outside(found.points[-1])
    assert "last: the other way" in texts(chart(found, WHO))
    assert OTHER_WAY in twin(found, WHO).notes
    assert twin(found, WHO).sentence.endswith("would be usual: what can be shown lies the other way.")


@given(st.lists(st.integers(0, 30), min_size=12, max_size=36), st.integers(0, 9), st.booleans())
def test_no_chart_contradicts_its_signal_without_saying_so(numbers: list[int], months: int, rises: bool) -> None:
    """Whatever is hidden and summed up: a last point on the side away from the signal is told beside it."""
    since = date(2026, 11 - months, 1)
    (found,) = disclosed_of(
        exhibit_of("harm_share", [(float(n), 60.0) for n in numbers], usual=15.0, since=since, rises=rises)
    ).exhibits
    shown = [point for point in found.points if point.shown.value is not None]
    if shown and is_outside(shown[-1]) and (float(shown[-1].shown.value or 0) > 15.0) is not rises:
        words = twin(found, WHO)
        assert OTHER_WAY in words.notes or "are hidden (too few people)" in words.sentence
