"""A series scored by itself, figure by figure: what the same series has as a block of one."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detectors import detectors, fold
from monitor.detectors.alone import Figure, Judged, alone
from monitor.detectors.contract import Values

MODELS, PER_YEAR, PERIODS = ("counts", "gaussian", "scores", "proportions"), (52, 12, 4, 3, 1), 110


def history(model: str, per_year: int, seed: int) -> Iterator[Figure]:
    """Draw a series with a change, gaps, zeros, slips of unit and, in some, no denominator."""
    rng = np.random.default_rng(seed)
    usual, bare = rng.choice([0.0, 0.4, 6.0, 40.0, 3_000.0]), rng.random() < 0.4
    for period in range(PERIODS):
        off = np.exp(rng.normal(0.0, 0.2) + (0.6 if 60 < period < 80 else 0.0))
        base = float(rng.integers(80, 120))
        match model:
            case "counts":
                seen = float(rng.poisson(usual * off * (1.0 if bare else base / 100)))
            case "gaussian":
                seen = 0.05 * usual * off * (1.0 if bare else base)
            case "scores":
                seen = (6.8 + rng.normal(0.0, 0.2) - 0.3 * np.log(off)) * (1.0 if bare else base)
            case _:
                seen = 8.0 * off if bare else float(rng.binomial(int(base), min(0.08 * off, 0.9)))
        slip = rng.choice([0.0, 0.01, 100.0, np.nan, 1.0], p=[0.02, 0.02, 0.02, 0.04, 0.9])
        off_base = rng.choice([0.0, 0.01, 100.0, np.nan, 1.0], p=[0.02, 0.02, 0.02, 0.02, 0.92])
        numerator = np.inf if rng.random() < 0.02 else float(seen * slip)
        yield Figure(20 + (period + 0.5) / per_year, numerator, np.nan if bare else base * off_base)


def of_block(model: str, per_year: int, worse: int, figures: list[Figure]) -> Iterator[list[float]]:
    """Score a series as a block of one."""
    detector, group, sign = detectors[model], np.zeros(1, np.int64), np.array([float(worse)])
    state = fold.start(detector, 1, per_year)
    for period, (years, numerator, denominator) in enumerate(figures):
        values = Values(period, years, np.array([numerator]), np.array([denominator]))
        state, step = fold.step(detector, state, values, group, None, sign)
        scored, found = step.scored, step.evidence
        shown = (
            scored.z,
            scored.expected,
            scored.low,
            scored.high,
            found.worse,
            found.better,
            found.sudden,
            found.slow,
        )
        here = step.doubted if np.isfinite(numerator) else np.zeros(1)
        yield [float(each[0]) for each in (*shown, step.latched, here)]


def listed(judged: Judged) -> list[float]:
    return [judged.z, judged.expected, judged.low, judged.high, *judged.tails, float(judged.latched), judged.doubted]


@pytest.mark.parametrize("per_year", PER_YEAR)
@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), worse=st.sampled_from([-1, 1]))
def test_a_stream_of_one_is_scored_as_a_block_of_one(model: str, per_year: int, seed: int, worse: int) -> None:
    figures, stream = list(history(model, per_year, seed)), alone(model, per_year, worse)
    found = np.array([listed(stream.take_one(figure)) for figure in figures])
    np.testing.assert_allclose(found, list(of_block(model, per_year, worse, figures)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_scoring_touches_nothing_and_taking_is_scoring_and_learning(model: str) -> None:
    one, other = alone(model, 12, 1), alone(model, 12, 1)
    for figure in history(model, 12, 5):
        looked = listed(one.score_one(figure))
        np.testing.assert_array_equal(listed(one.score_one(figure)), looked)
        np.testing.assert_array_equal(listed(other.take_one(figure)), looked)
        one.learn_one(figure)


def test_what_is_asked_wrongly_is_said() -> None:
    with pytest.raises(ValueError, match="365 periods a year: a series has 52, 12, 4, 3 or 1"):
        alone("counts", 365, 1)
    with pytest.raises(ValueError, match="model poisson: there is none of this name; it is one of counts"):
        alone("poisson", 12, 1)
