import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.evaluation.incidents import incidents
from monitor.evaluation.measures import SCORE_SD, answered, chosen, mixed


@pytest.mark.parametrize(("mean", "dispersion"), [(3.0, 1.87), (14.0, 1.87), (20.0, 2.0), (200.0, 5.0)])
def test_counts_have_the_mean_and_the_dispersion_they_were_asked_for(mean: float, dispersion: float) -> None:
    rng = np.random.default_rng(1)
    counts = mixed(rng, np.full(200_000, mean), rng.standard_normal(200_000), dispersion)
    assert counts.mean() == pytest.approx(mean, rel=0.02)
    assert counts.var() / counts.mean() == pytest.approx(dispersion, rel=0.05)


def test_a_mean_score_is_as_sure_as_its_respondents_are_many() -> None:
    scores = answered(np.random.default_rng(2), np.full(50_000, 100.0), np.full(50_000, 6.0))
    assert scores.std() == pytest.approx(SCORE_SD / 10, rel=0.03)


@given(st.integers(0, 500), st.floats(0, 5))
def test_no_more_are_chosen_than_there_are(trials: int, share: float) -> None:
    some = chosen(np.random.default_rng(3), np.array([trials]), np.array([share]))
    assert 0 <= some[0] <= trials


def test_incidents_are_drawn_as_often_as_expected_and_in_order() -> None:
    days = np.arange(739_000, 739_200)
    shape = (3, len(days))
    rates = {"harm": 0.1, "staffing": 0.2, "anonymous": 0.3, "delay": 5.0, "reports": 4.0}
    drawn = incidents(
        np.random.default_rng(4),
        ("RAA", "RBB", "RCC"),
        days,
        **{key: np.full(shape, rate) for key, rate in rates.items()},
    )
    assert len(drawn.submitted) == pytest.approx(4 * 600, rel=0.1)
    assert (np.diff(drawn.submitted) >= 0).all()
    assert np.mean(drawn.harm <= 3) == pytest.approx(0.1, abs=0.02)
    assert np.mean(drawn.anonymous) == pytest.approx(0.3, abs=0.03)
    assert np.mean(drawn.submitted - drawn.happened) == pytest.approx(5, rel=0.1)


def test_where_nothing_is_reported_there_are_no_incidents() -> None:
    nothing = np.zeros((1, 5))
    drawn = incidents(
        np.random.default_rng(5), ("RAA",), np.arange(5) + 739_000, reports=nothing, harm=nothing, staffing=nothing,
        anonymous=nothing, delay=nothing,
    )  # fmt: skip
    assert len(drawn.submitted) == 0
    assert drawn.begin.year == 9999
