"""The budget: what it accepts is what chance opens, and its figures repeat."""

import numpy as np
import pytest

from monitor.budget import LARGEST, calibrated, expected, threshold

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


def drawn(number: int, *, tails: float) -> np.ndarray:
    """Draw from which threshold on organisation-months would open a case: one in ten at any, in tails so heavy."""
    rng = np.random.default_rng(7)
    return np.asarray(np.where(rng.random(number) < 0.1, rng.random(number) ** tails, np.inf))


def opening(values: np.ndarray, at: float) -> float:
    return float((values <= at).mean())


@pytest.mark.parametrize("tails", [1.0, 2.0, 4.0])
def test_a_pool_holds_the_budget_whatever_the_tails(tails: float) -> None:
    at = threshold(1.0, 220, LOCAL)
    usual = calibrated(at, LOCAL, drawn(400_000, tails=1.0).tolist(), 400_000)
    before, after = drawn(800_000, tails=tails)[:400_000], drawn(800_000, tails=tails)[400_000:]
    heavy = calibrated(at, LOCAL, before[np.isfinite(before)].tolist(), before.size)
    assert opening(after, heavy) == pytest.approx(opening(drawn(400_000, tails=1.0), usual), rel=0.1)
    assert tails == 1.0 or opening(after, at) > 1.5 * opening(after, heavy)


def test_a_small_pool_goes_part_of_the_way() -> None:
    at = threshold(1.0, 220, LOCAL)
    stood = [1e-5] * 100
    whole, half = (calibrated(at, LOCAL, stood, number) for number in (3_000, 1_500))
    assert whole < half < at


@pytest.mark.parametrize("number", [1, 9, 10])
def test_a_pool_of_a_handful_hardly_moves_the_threshold(number: int) -> None:
    at = threshold(1.0, 12, LOCAL)
    for stood in ([], [1e-5] * number):
        assert calibrated(at, LOCAL, stood, number) == pytest.approx(at, rel=0.05)


def test_no_pool_leaves_the_theory() -> None:
    at = threshold(1.0, 220, LOCAL)
    assert calibrated(at, LOCAL, [], 0) == at


def test_where_hardly_anybody_could_have_opened_nothing_above_what_is_unusual_does() -> None:
    assert calibrated(threshold(1.0, 220, LOCAL), LOCAL, [0.01], 5_000) == LARGEST


def test_a_rarer_budget_than_the_pool_can_tell_stays_rarer() -> None:
    few, fewer = (threshold(cases, 220, LOCAL) for cases in (0.1, 0.02))
    stood = (np.arange(1, 40) * 1e-4).tolist()
    assert calibrated(fewer, LOCAL, stood, 3_000) < calibrated(few, LOCAL, stood, 3_000) < few
