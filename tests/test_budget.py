"""The budget: what it accepts is what chance opens, and its figures repeat."""

import pytest

from monitor.budget import expected, threshold

LOCAL = (("incidents", 52), ("patients", 12), ("staff voice", 3), ("workforce", 12))


@pytest.mark.parametrize("cases", [0.5, 1.0, 2.0])
def test_the_threshold_carries_its_budget(cases: float) -> None:
    at = threshold(cases, 220, LOCAL)
    assert expected(at, 220, LOCAL) == pytest.approx(cases, rel=0.02)


def test_more_organisations_need_a_stricter_threshold() -> None:
    assert threshold(1.0, 440, LOCAL) < threshold(1.0, 220, LOCAL) < threshold(2.0, 220, LOCAL)


def test_the_order_and_repetition_of_feeds_does_not_matter() -> None:
    assert threshold(1.0, 220, LOCAL) == threshold(1.0, 220, (*LOCAL[::-1], LOCAL[0]))


def test_what_one_family_opens_alone_is_inside_the_budget() -> None:
    at = threshold(0.001, 220, LOCAL)
    assert 0.0 < at < 1e-4
    assert expected(at, 220, LOCAL) <= 0.001


def test_where_nothing_is_watched_nothing_opens() -> None:
    assert threshold(1.0, 220, ()) == 0.0


def test_a_budget_that_cannot_be_used_up_stops_at_what_is_unusual() -> None:
    assert threshold(50.0, 220, LOCAL) == pytest.approx(0.05, rel=1e-4)


def test_families_without_a_voice_open_nothing_together() -> None:
    silent = (("incidents", 52), ("workforce", 12))
    assert expected(1.0, 220, silent) < expected(1.0, 220, LOCAL) / 10
