from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.casefile import Point
from monitor.catalogue import INDICATORS
from monitor.coarsening import coarsened
from tests.exhibits import exhibit_of

COMPLAINTS = INDICATORS["new_complaints"]


def months(*counts: int | None, usual: float = 0.3) -> tuple[Point, ...]:
    figures = [(count, None if count is None else 10_000.0) for count in counts]
    return exhibit_of("new_complaints", figures, usual=usual).points


def test_a_series_of_large_counts_stays_as_it_is() -> None:
    points = months(*[12] * 20)
    assert coarsened(points, COMPLAINTS) == (points, "months")


def test_a_block_adds_up_its_periods_by_hand() -> None:
    """July to September: 4 + 2 + 3 complaints in 30,000 FTE days; 9 expected, give or take the root of three."""
    (*_, last), name = coarsened(months(*[3] * 21, 4, 2, 3, 5), COMPLAINTS)
    assert name == "quarters"
    assert last.period == (date(2026, 7, 1), date(2026, 10, 1))
    assert (last.numerator, last.denominator, last.seen) == (9, 30_000, pytest.approx(0.3))
    assert last.expected == pytest.approx(0.3)
    assert last.high == pytest.approx(0.3 + 0.06 / 3**0.5)


def test_a_block_with_a_gap_has_no_figure() -> None:
    (*_, last), _ = coarsened(months(*[3] * 21, 4, None, 3, 5), COMPLAINTS)
    assert (last.numerator, last.seen, last.expected) == (None, None, None)


def test_a_short_series_is_not_summed_away() -> None:
    points = months(3, 2, 4, 3)
    assert coarsened(points, COMPLAINTS)[0] == points


def test_figures_that_cannot_be_added_stay() -> None:
    scores = exhibit_of("engagement_score", [(30.0, 5.0)] * 20, name="quarterly").points
    assert coarsened(scores, INDICATORS["engagement_score"])[0] == scores
    bare = exhibit_of("harm_share", [(3.0, None)] * 20).points
    assert coarsened(bare, INDICATORS["harm_share"])[0] == bare


@given(st.lists(st.integers(0, 20), min_size=1, max_size=80), st.sampled_from(["weekly", "monthly", "quarterly"]))
def test_blocks_are_full_in_order_and_lose_nothing_within(counts: list[int], name: str) -> None:
    points = exhibit_of("new_complaints", [(count, 5000.0) for count in counts], name=name).points
    summed, _ = coarsened(points, COMPLAINTS)
    assert all(earlier.period[1] == later.period[0] for earlier, later in pairwise(summed))
    for block in summed:
        within = [p.numerator for p in points if block.period[0] <= p.period[0] and p.period[1] <= block.period[1]]
        assert block.numerator == sum(count for count in within if count is not None)


@given(st.lists(st.integers(0, 6), min_size=40, max_size=60), st.integers(1, 12))
def test_a_longer_history_changes_no_block_of_the_same_calendar(counts: list[int], more: int) -> None:
    points = exhibit_of("new_complaints", [(count, 5000.0) for count in counts]).points
    (all_, name), (fewer, other) = coarsened(points, COMPLAINTS), coarsened(points[:-more], COMPLAINTS)
    if name == other:
        assert set(fewer) <= set(all_)
