"""How finely figures are written."""

import pytest

from monitor.catalogue import INDICATORS
from monitor.rounding import decimals, written


@pytest.mark.parametrize(
    ("indicator", "base", "places"),
    [("negative_feedback_share", 900, 0), ("negative_feedback_share", 4_000, 1), ("sickness_rate", 9_000, 2)],
)
def test_an_average_is_written_no_finer_than_its_figures(indicator: str, base: float, places: int) -> None:
    assert written(3.34, INDICATORS[indicator], base) == places


def test_a_ratio_of_rounded_counts_may_be_written_finer_where_it_has_to_differ() -> None:
    assert [decimals(0.21, INDICATORS["complaints_backlog"], 300, more) for more in (0, 1)] == [2, 3]
