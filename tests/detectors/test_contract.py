"""What every registered detector must keep: laws of the fold, and figures that no method may fall over."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detectors import detector_for, detectors, fold, model_for
from monitor.detectors.contract import Values, warm_up_periods
from monitor.detectors.state import decode_state, encode_state
from tests.detectors.blocks import PER_YEAR, fold_all, only, periods

every = pytest.mark.parametrize("name", sorted(detectors))
SHOWN = ("z", "expected", "low", "high", "moved")


def close(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> None:
    for name in left:
        np.testing.assert_allclose(left[name], right[name], rtol=1e-9, atol=1e-9, err_msg=name)


def same(left: fold.Step, right: fold.Step, rows: np.ndarray | slice = slice(None)) -> None:
    for part in ("scored", "evidence"):
        whole, piece = getattr(left, part), getattr(right, part)
        for name in piece.__dataclass_fields__:
            np.testing.assert_allclose(
                getattr(whole, name)[rows], getattr(piece, name), rtol=1e-9, atol=1e-9, err_msg=name
            )


@every
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(0, 30), per_year=st.sampled_from((52, 12, 4, 3, 1)))
def test_a_fold_in_pieces_equals_a_fold_at_once(name: str, seed: int, cut: int, per_year: int) -> None:
    detector, groups, sign = detectors[name], np.arange(20) % 2, np.ones(20)
    values = periods(20, 30, per_year=per_year, seed=seed)
    start = fold.start(detector, 20, per_year)
    whole, steps = fold_all(detector, start, values, groups, sign)
    half, before = fold_all(detector, start, values[:cut], groups, sign)
    rest, after = fold_all(detector, decode_state(encode_state(half)), values[cut:], groups, sign)
    close(whole, rest)
    for left, right in zip(steps, [*before, *after], strict=True):
        same(left, right)


@every
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), row=st.integers(0, 19), per_year=st.sampled_from((52, 12, 4)))
def test_one_series_refolded_alone_equals_itself_in_the_block(name: str, seed: int, row: int, per_year: int) -> None:
    detector, groups, sign = detectors[name], np.arange(20) % 2, np.where(np.arange(20) % 3, 1.0, -1.0)
    values = periods(20, 40, per_year=per_year, seed=seed)
    rows = np.array([row])
    alone = fold.start(detector, 1, per_year)
    state, steps = fold_all(detector, fold.start(detector, 20, per_year), values, groups, sign)
    for one, step in zip(values, steps, strict=True):
        common = {key: vector[rows] for key, vector in step.common.items()}
        alone, again = fold.step(detector, alone, only(one, rows), None, common, sign[rows])
        same(step, again, rows)
    close({key: array[rows] for key, array in state.items()}, dict(alone))


@every
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_series_does_not_matter(name: str, seed: int) -> None:
    detector, groups, sign = detectors[name], np.arange(24) % 2, np.ones(24)
    order = np.random.default_rng(seed).permutation(24)
    values = periods(24, 20, seed=seed)
    state, steps = fold_all(detector, fold.start(detector, 24, 12), values, groups, sign)
    moved, again = fold_all(
        detector, fold.start(detector, 24, 12), [only(one, order) for one in values], groups[order], sign
    )
    close({key: array[order] for key, array in state.items()}, dict(moved))
    same(steps[-1], again[-1], order)


@every
def test_scoring_and_settling_touch_nothing(name: str) -> None:
    detector, groups = detectors[name], np.zeros(12, np.int64)
    values = periods(12, 20)
    state, _ = fold_all(detector, fold.start(detector, 12, 12), values, groups, np.ones(12))
    before = encode_state(state)
    common = detector.settle(state, values[-1], groups)
    first, second = (detector.score(state, values[-1], common) for _ in range(2))
    detector.learn(state, values[-1], common)
    np.testing.assert_array_equal(first.z, second.z)
    assert encode_state(state) == before


@every
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 20))
def test_taking_a_period_is_scoring_it_and_learning_it_and_turning_is_settling_and_taking_it(
    name: str, seed: int, count: int
) -> None:
    detector, groups = detectors[name], np.zeros(12, np.int64)
    values = periods(12, count + 1, seed=seed, missing=0.2)
    state, _ = fold_all(detector, fold.start(detector, 12, 12), values[:-1], groups, np.ones(12))
    common = detector.settle(state, values[-1], groups)
    scored, learnt = detector.take(state, values[-1], common)
    for part in SHOWN:
        np.testing.assert_array_equal(
            getattr(scored, part), getattr(detector.score(state, values[-1], common), part), err_msg=part
        )
    close(learnt, detector.learn(state, values[-1], common))
    shared, again, after = detector.turn(state, values[-1], groups)
    assert encode_state(after) == encode_state(learnt)
    assert encode_state(shared) == encode_state(common)
    np.testing.assert_array_equal(again.z, scored.z)


@every
@pytest.mark.parametrize("per_year", PER_YEAR)
def test_the_periods_that_set_the_prior_are_not_scored(name: str, per_year: int) -> None:
    warm_up = warm_up_periods(per_year)
    values = periods(10, warm_up + 1, per_year=per_year, missing=0.0)
    _, steps = fold_all(
        detectors[name], fold.start(detectors[name], 10, per_year), values, np.zeros(10, np.int64), np.ones(10)
    )
    assert all(np.isnan(step.scored.z).all() and np.isnan(step.evidence.worse).all() for step in steps[:-1])
    assert np.isfinite(steps[-1].scored.z).all()
    assert np.isfinite(steps[-1].evidence.worse).all()


@every
@pytest.mark.parametrize("per_year", PER_YEAR)
@pytest.mark.parametrize("series", [1, 2, 12])
@pytest.mark.parametrize(
    "figure", [0.0, 1.0, 40.0, 1e9, np.nan], ids=["zeros", "ones", "constant", "huge", "all missing"]
)
def test_no_figures_are_too_odd(name: str, per_year: int, series: int, figure: float) -> None:
    detector, state = detectors[name], fold.start(detectors[name], series, per_year)
    odd = [1.0, figure, 1e6, 0.0, figure]
    for denominator in (np.nan, 100.0, max(figure, 1.0) if np.isfinite(figure) else 0.0):
        state = fold.start(detector, series, per_year)
        for period in range(40):
            numerator = np.full(series, figure if period < 35 else odd[period - 35])
            values = Values(period, period / per_year, numerator, np.full(series, denominator))
            state, step = fold.step(detector, state, values, np.zeros(series, np.int64), None, np.ones(series))
            shown = np.stack([getattr(step.scored, part) for part in SHOWN])
            assert not np.isinf(shown).any()
            assert (np.isnan(shown).all(axis=0) | np.isfinite(shown).all(axis=0)).all()
            p = np.stack([step.evidence.worse, step.evidence.better])
            assert (np.isnan(p) | ((p > 0.0) & (p <= 1.0))).all()


@every
def test_a_missing_period_carries_the_evidence(name: str) -> None:
    detector, groups = detectors[name], np.zeros(9, np.int64)
    values = periods(9, 30, missing=0.0)
    state, steps = fold_all(detector, fold.start(detector, 9, 12), values, groups, np.ones(9))
    silent = Values(30, 12.6, np.full(9, np.nan), np.full(9, 100.0))
    _, step = fold.step(detector, state, silent, groups, None, np.ones(9))
    assert np.isnan(step.scored.z).all()
    np.testing.assert_array_equal(step.evidence.worse, steps[-1].evidence.worse)


@every
def test_a_merger_makes_a_series_less_sure_of_its_level(name: str) -> None:
    detector, groups, which = detectors[name], np.zeros(9, np.int64), np.arange(9) == 4
    values = periods(9, 30, missing=0.0)
    state, _ = fold_all(detector, fold.start(detector, 9, 12), values, groups, np.ones(9))
    jump = Values(30, 12.6, np.where(which, 80.0, 40.0), np.full(9, 100.0))
    _, sure = fold.step(detector, state, jump, groups, None, np.ones(9))
    _, unsure = fold.step(detector, fold.inflate(state, which, detector=detector), jump, groups, None, np.ones(9))
    assert not abs(unsure.scored.z[4]) > 0.7 * abs(sure.scored.z[4])


@pytest.mark.parametrize("name", ["counts", "gaussian", "proportions", "scores"])
def test_a_step_up_is_worse_where_a_rise_is_and_dated_where_it_began(name: str) -> None:
    values = periods(12, 60, seed=3, missing=0.0)
    raised = [
        one
        if one.period < 54
        else Values(one.period, one.years, one.numerator + 40 * (np.arange(12) < 2), one.denominator)
        for one in values
    ]
    sign = np.where(np.arange(12) == 1, -1.0, 1.0)
    state = fold.start(detectors[name], 12, 12)
    _, steps = fold_all(detectors[name], state, raised, np.zeros(12, np.int64), sign)
    found, scored = steps[55].evidence, steps[55].scored
    assert found.worse[0] < 0.05
    assert found.better[1] < 0.05
    assert abs(found.worse_since[0] - 54) <= 1
    assert (scored.low < scored.expected).all()
    assert (scored.expected < scored.high).all()


def test_every_kind_has_its_detector() -> None:
    assert [model_for(kind) for kind in ("count", "rate", "proportion", "score")] == [
        detector_for(kind).name for kind in ("count", "rate", "proportion", "score")
    ]
