import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.spc import Variation, variation, xmr

STEADY = [50.0, 52.0] * 7
VALUES = st.lists(st.floats(0, 1000), min_size=13, max_size=60)


def test_limits_are_the_mean_and_the_moving_range_by_hand() -> None:
    chart = xmr(STEADY)
    assert chart is not None
    assert (chart.mean, chart.low, chart.high) == pytest.approx((51, 51 - 2.66 * 2, 51 + 2.66 * 2))
    assert set(chart.marks) == {0}


def test_a_point_outside_is_special() -> None:
    chart = xmr([*STEADY, 80.0])
    assert chart is not None
    assert chart.marks[-1] == 1
    assert variation(chart, worse=1) is Variation.CONCERN_HIGH
    assert variation(chart, worse=-1) is Variation.IMPROVEMENT_HIGH


def test_six_moves_the_same_way_mark_all_seven_points() -> None:
    chart = xmr([50.0, 60.0] * 7 + [50.0, 51.0, 52.0, 53.0, 54.0, 55.0, 56.0])
    assert chart is not None
    assert chart.marks[-7:] == (1,) * 7


def test_seven_points_on_one_side_are_special() -> None:
    chart = xmr([50.0, 60.0] * 10 + [54.0, 53.0] * 3 + [54.0])
    assert chart is not None
    assert set(chart.marks[-7:]) == {-1}


def test_two_of_three_in_the_outer_third_count_only_with_all_three_on_one_side() -> None:
    base = [48.0, 52.0] * 10
    one_side, across = xmr([*base, 60.0, 51.5, 60.0]), xmr([*base, 60.0, 49.0, 60.0])
    assert one_side is not None
    assert across is not None
    assert one_side.marks[-3:] == (1, 0, 1)
    assert across.marks[-3:] == (0, 0, 0)


def test_too_few_points_have_no_limits() -> None:
    assert xmr([1.0] * 12) is None


@given(VALUES)
def test_turned_upside_down_the_marks_turn_too(values: list[float]) -> None:
    up, down = xmr(values), xmr([-value for value in values])
    assert up is not None
    assert down is not None
    assert all(first == -second for first, second in zip(up.marks, down.marks, strict=True))
