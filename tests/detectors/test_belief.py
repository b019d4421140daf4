"""What is not believed is scored, and is neither evidence nor learnt from nor a part of what peers share."""

from dataclasses import replace

import numpy as np
import pytest

from monitor.detectors import belief, detectors, fold
from monitor.detectors.contract import State, Values

SERIES, GROUPS = 30, np.arange(30) % 2
UPWARDS = np.ones(SERIES)


def month(number: int, level: float) -> Values:
    counts = np.random.default_rng(number).poisson(level, SERIES).astype(float)
    return Values(number, 10 + number / 12, counts, np.full(SERIES, np.nan))


def grown(name: str) -> State:
    """Follow counts of 60 for three years."""
    state = fold.start(detectors[name], SERIES, 12)
    for number in range(36):
        state, _ = fold.step(detectors[name], state, month(number, 60), GROUPS, None, UPWARDS)
    return state


@pytest.mark.parametrize("name", ["counts", "gaussian"])
def test_a_slip_moves_nothing_but_what_is_shown_of_it(name: str) -> None:
    detector, state, right = detectors[name], grown(name), month(36, 60)
    slip = replace(right, numerator=np.where(np.arange(SERIES) < 20, 100.0, 1.0) * right.numerator)
    missing = replace(right, numerator=np.where(np.arange(SERIES) < 20, np.nan, right.numerator))
    after, step = fold.step(detector, state, slip, GROUPS, None, UPWARDS)
    wanted, other = fold.step(detector, state, missing, GROUPS, None, UPWARDS)
    assert step.doubted.tolist() == [1.0] * 20 + [0.0] * 10
    assert (step.scored.z[:20] > 3).all()
    for name in wanted.keys() - {fold.DOUBTED}:
        np.testing.assert_array_equal(after[name], wanted[name])
    for name in other.common:
        np.testing.assert_array_equal(step.common[name], other.common[name])
    np.testing.assert_array_equal(step.scored.z[20:], other.scored.z[20:])
    np.testing.assert_array_equal(step.evidence.worse, other.evidence.worse)


def test_what_settled_stays_when_a_slip_comes_late() -> None:
    detector, state, right = detectors["counts"], grown("counts"), month(36, 60)
    _, settled = fold.step(detector, state, right, GROUPS, None, UPWARDS)
    slip = replace(right, numerator=100.0 * right.numerator)
    _, again = fold.step(detector, state, slip, GROUPS, settled.common, UPWARDS)
    assert again.doubted.all()
    assert again.common is settled.common


@pytest.mark.parametrize("name", ["counts", "gaussian"])
def test_what_people_say_is_right_is_believed_from_that_period_on(name: str) -> None:
    detector, state, right = detectors[name], grown(name), month(36, 60)
    first = np.arange(SERIES) < 20
    larger = np.where(first, 100.0, 1.0)
    state, step = fold.step(
        detector, state, replace(right, numerator=larger * right.numerator), GROUPS, None, UPWARDS, anew=first
    )
    assert not step.doubted.any()
    for number in range(37, 60):
        one = month(number, 60)
        state, step = fold.step(detector, state, replace(one, numerator=larger * one.numerator), GROUPS, None, UPWARDS)
        assert not step.doubted.any()
    assert np.isfinite(step.scored.z).all()
    assert (np.abs(step.scored.z) < 5).all()


def weighed(number: int, level: float, exposure: np.ndarray) -> Values:
    return replace(month(number, level), denominator=exposure)


@pytest.mark.parametrize("level", [60.0, 4.0])
@pytest.mark.parametrize(("times", "code"), [(1000.0, 2.0), (31.0, 2.0), (1 / 31, -2.0), (1 / 1000, -2.0)])
@pytest.mark.parametrize("name", ["counts", "gaussian"])
def test_an_exposure_that_is_off_is_doubted_for_as_long_and_is_no_evidence(
    name: str, times: float, code: float, level: float
) -> None:
    rng, detector = np.random.default_rng(3), detectors[name]
    usual, slips = rng.uniform(2_000.0, 9_000.0, SERIES), np.arange(SERIES) < 5
    state = fold.start(detector, SERIES, 12)
    for number in range(36):
        state, step = fold.step(detector, state, weighed(number, level, usual), GROUPS, None, UPWARDS)
        assert not step.doubted.any()
    before = step.evidence.worse
    for number in range(36, 60):
        off = np.where(slips, times * usual, usual)
        state, step = fold.step(detector, state, weighed(number, level, off), GROUPS, None, UPWARDS)
        assert step.doubted.tolist() == [code] * 5 + [0.0] * (SERIES - 5)
    np.testing.assert_array_equal(step.evidence.worse[slips], before[slips])
    right = weighed(60, level, off)
    assert not fold.step(detector, state, right, GROUPS, None, UPWARDS, anew=slips)[1].doubted.any()


def test_a_bare_rate_that_is_a_fraction_for_a_percentage_is_doubted_and_a_rate_of_nothing_is_not() -> None:
    rates, none = np.array([0.045, 4.5, 450.0, 0.0]), np.full(4, np.nan)
    found = belief.doubted(Values(0, 24.0, rates, none), np.full(4, 4.5), none, model="gaussian")
    assert found.tolist() == [-1.0, 0.0, 1.0, 0.0]


def test_where_there_is_no_figure_nothing_is_doubted() -> None:
    values = Values(0, 24.0, np.full(2, np.nan), np.array([4.0, 9e6]))
    assert not belief.doubted(values, np.full(2, 0.1), np.full(2, 4_000.0), model="counts").any()


def test_a_missing_figure_says_nothing_of_what_was_doubted_and_nothing_of_an_exposure() -> None:
    detector, usual = detectors["counts"], np.full(SERIES, 4_000.0)
    state = fold.start(detector, SERIES, 12)
    for number in range(24):
        state, _ = fold.step(detector, state, weighed(number, 60, usual), GROUPS, None, UPWARDS)
    state, slip = fold.step(detector, state, weighed(24, 60, usual / 1_000), GROUPS, None, UPWARDS)
    nothing = replace(weighed(25, 60, usual / 1_000), numerator=np.full(SERIES, np.nan))
    state, gap = fold.step(detector, state, nothing, GROUPS, None, UPWARDS)
    assert (slip.doubted == belief.BY_TOO_LITTLE).all()
    assert (gap.doubted == belief.BY_TOO_LITTLE).all()
    assert (state[fold.BELIEVED_EXPOSURE] == 4_000.0).all()
    state, right = fold.step(detector, state, weighed(26, 60, usual), GROUPS, None, UPWARDS)
    assert not right.doubted.any()


@pytest.mark.parametrize("name", ["counts", "gaussian"])
def test_after_a_merger_any_exposure_may_be(name: str) -> None:
    detector, usual, joins = detectors[name], np.full(SERIES, 4_000.0), np.arange(SERIES) < 3
    state = fold.start(detector, SERIES, 12)
    for number in range(24):
        state, _ = fold.step(detector, state, weighed(number, 60, usual), GROUPS, None, UPWARDS)
    state = fold.inflate(state, joins, detector=detector)
    larger = np.where(joins, 40.0, 1.0)
    values = weighed(24, 60, larger * usual)
    _, step = fold.step(detector, state, replace(values, numerator=larger * values.numerator), GROUPS, None, UPWARDS)
    assert not (np.abs(step.doubted) == belief.BY_TOO_MUCH).any()


def test_an_exposure_of_before_that_is_not_believed_makes_room_for_the_last_that_was() -> None:
    exposure, last = np.array([4.0, 4.0, 5_000.0, 4.0, np.nan]), np.array([4_000.0, 4_000.0, 4_000.0, np.nan, 4_000.0])
    own = np.array([False, True, False, False, False])
    found = belief.carried(exposure, own, last)
    np.testing.assert_array_equal(found, [4_000.0, 4.0, 5_000.0, 4.0, np.nan])


@pytest.mark.parametrize(("denominator", "believed", "doubted"), [(np.nan, 1.0, 4.0), (500.0, 12.0, 40.0)])
def test_a_rate_that_has_been_none_is_believed_and_so_is_the_first_that_is_small(
    denominator: float, believed: float, doubted: float
) -> None:
    state, alone = fold.start(detectors["gaussian"], 3, 12), np.zeros(3, np.int64)
    figures = [np.zeros(3)] * 24 + [np.array([0.0, believed, doubted])]
    for number, each in enumerate(figures):
        values = Values(number, 10 + number / 12, each, np.full(3, denominator))
        state, step = fold.step(detectors["gaussian"], state, values, alone, None, np.ones(3))
        assert number == 24 or not step.doubted.any()
    assert step.doubted.tolist() == [0.0, 0.0, belief.TOO_LARGE]
    assert step.scored.z[0] == 0.0
    assert step.scored.z[1] > 3.0


@pytest.mark.parametrize("name", ["counts", "gaussian"])
def test_an_exposure_of_none_is_missing_and_nothing_is_held_against_it(name: str) -> None:
    state, alone = fold.start(detectors[name], 1, 12), np.zeros(1, np.int64)
    for number in range(40):
        exposure = np.array([0.0 if number in (0, 30) else 100.0])
        values = Values(number, 10 + number / 12, np.array([20.0 + number % 3]), exposure)
        state, step = fold.step(detectors[name], state, values, alone, None, np.ones(1))
        assert not step.doubted.any()
    assert np.isfinite(step.scored.z).all()
