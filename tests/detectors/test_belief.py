"""What is not believed is scored, and is neither evidence nor learnt from nor a part of what peers share."""

from dataclasses import replace

import numpy as np
import pytest

from monitor.detectors import detectors, fold
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
    for name in wanted:
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
