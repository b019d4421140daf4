"""Latches: a plain worsening is held while it lasts, and the filter is never frozen."""

import numpy as np
import pytest

from monitor.detectors import detectors, fold
from monitor.detectors.contract import Values
from monitor.detectors.fold import Step

SERIES, RAISED = 40, 6
MISSING = 66


def world(factor: np.ndarray, *, sign: float = 1.0, periods: int = 96) -> list[Values]:
    """Draw rates of 5 % with noise of .05; the first few series are raised by a factor of each period."""
    rng = np.random.default_rng(4)
    noise = rng.normal(0.0, 0.05, (periods, SERIES))
    few = np.arange(SERIES) < RAISED
    rates = 5.0 * np.exp(noise + sign * np.where(few, np.log(factor)[:, None], 0.0))
    rates[MISSING] = np.nan
    return [Values(number, 10 + (number + 0.5) / 12, row, np.full(SERIES, np.nan)) for number, row in enumerate(rates)]


def follow(name: str, values: list[Values], sign: float = 1.0) -> list[Step]:
    detector = detectors[name]
    state, steps = fold.start(detector, SERIES, 12), []
    for one in values:
        state, step = fold.step(detector, state, one, np.zeros(SERIES, np.int64), None, np.full(SERIES, sign))
        steps.append(step)
    return steps


def shares(steps: list[Step]) -> tuple[np.ndarray, np.ndarray]:
    """Give the share that is latched among the raised series and among the others, by period."""
    latched = np.array([step.latched for step in steps])
    return latched[:, :RAISED].mean(axis=1), latched[:, RAISED:].mean(axis=1)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("name", ["gaussian", "scores"])
def test_a_worsening_is_held_after_the_baseline_has_followed_it_and_no_longer_than_it_lasts(
    name: str, sign: float
) -> None:
    period = np.arange(96)
    steps = follow(name, world(np.where((period >= 60) & (period < 78), 1.3, 1.0), sign=sign), sign)
    raised, others = shares(steps)
    assert raised[59] <= 0.05
    assert raised[70:78].min() >= 0.9
    assert raised[90:].max() <= 0.2
    assert others.mean() <= 0.02
    early, late = (np.nanmean(steps[number].scored.z[:RAISED]) for number in (60, 77))
    assert late < 0.7 * early, "the filter went on learning"


def test_a_missing_period_keeps_a_latch_and_a_latch_knows_since_when() -> None:
    steps = follow("gaussian", world(np.where(np.arange(96) >= 60, 1.3, 1.0)))
    np.testing.assert_array_equal(steps[MISSING].latched, steps[MISSING - 1].latched)
    np.testing.assert_array_equal(steps[MISSING].latched_since, steps[MISSING - 1].latched_since)
    since = steps[65].latched_since[steps[65].latched]
    assert ((since >= 60) & (since <= 65)).all()
    assert np.isnan(steps[65].latched_since[~steps[65].latched]).all()


def test_a_level_that_is_accepted_is_held_no_longer() -> None:
    detector, values = detectors["gaussian"], world(np.where(np.arange(96) >= 60, 1.3, 1.0))
    state = fold.start(detector, SERIES, 12)
    for one in values[:72]:
        state, step = fold.step(detector, state, one, np.zeros(SERIES, np.int64), None, np.ones(SERIES))
    which = np.arange(SERIES) < 3
    assert step.latched[:RAISED].all()
    state = fold.begin_anew(state, which, detector=detector)
    for one in values[72:80]:
        state, step = fold.step(detector, state, one, np.zeros(SERIES, np.int64), None, np.ones(SERIES))
    assert not step.latched[:3].any()
    assert step.latched[3:RAISED].all()


@pytest.mark.parametrize("past", [4.0, 0.0])
@pytest.mark.parametrize("name", ["gaussian", "scores"])
def test_a_level_that_is_accepted_may_lie_anywhere_even_where_the_past_was_constant(name: str, past: float) -> None:
    detector, alone, one = detectors[name], np.zeros(1, np.int64), np.ones(1)
    state = fold.start(detector, 1, 12)
    for month in range(42):
        figure = np.array([past if month < 24 else 1.4 if past == 0.0 else 6.8])
        values, anew = Values(month, month / 12, figure, np.full(1, np.nan)), np.array([month == 27])
        state, step = fold.step(detector, state, values, alone, None, one, anew=anew)
        assert bool(step.latched[0]) == (month in (25, 26)), "one figure alone is not plain"
    assert abs(step.scored.z[0]) < 1.0
    assert abs(step.scored.expected[0] - figure[0]) < 0.01
