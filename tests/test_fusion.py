"""Fusion: published values, exact integrals and calibration under chance."""

import numpy as np
import pytest
from scipy import integrate, stats

from monitor.fusion import cauchy, cauchy_first, cauchy_many, combine, combine_many


def test_the_cauchy_combination_of_two() -> None:
    # Liu and Xie (2020), eq. (1)-(2): T = mean tan((.5 - p) pi), p = 1/2 - arctan(T)/pi
    statistic = (np.tan(0.49 * np.pi) + np.tan(0.3 * np.pi)) / 2
    assert cauchy([0.01, 0.2]) == pytest.approx(0.5 - np.arctan(statistic) / np.pi)
    assert cauchy([0.037]) == pytest.approx(0.037)
    assert cauchy([1e-200, 0.5]) == pytest.approx(2e-200)


def test_correlated_indicators_do_not_add_up() -> None:
    rng = np.random.default_rng(3)
    shared, own = rng.standard_normal((20_000, 1)), rng.standard_normal((20_000, 7))
    ps = stats.norm.sf(np.sqrt(0.9) * shared + np.sqrt(0.1) * own)
    assert 0.7 < np.mean([cauchy(row) <= 0.01 for row in ps]) / 0.01 < 1.3


@pytest.mark.parametrize("ps", [[0.01, 0.01], [0.05, 0.001], [1e-6, 1e-6], [0.4, 0.9]])
def test_two_families_agree_with_the_integral(ps: list[float]) -> None:
    def evidence(s: float) -> float:
        return float(np.log(0.6 + 0.4 * np.exp(np.sign(s) * s * s / 2)))

    def tail(value: float) -> float:
        if np.exp(value) <= 0.6:
            return 1.0
        half = np.log((np.exp(value) - 0.6) / 0.4)
        return float(stats.norm.sf(np.copysign(np.sqrt(2 * abs(half)), half)))

    total = sum(evidence(-stats.norm.ppf(p)) for p in ps)
    pieces = [
        integrate.quad(lambda s: stats.norm.pdf(s) * tail(total - evidence(s)), a, a + 0.5)[0]
        for a in np.arange(-8, 9, 0.5)
    ]
    assert combine(ps) == pytest.approx(sum(pieces), rel=1e-3)


@pytest.mark.parametrize("families", [1, 2, 3, 4])
def test_chance_passes_as_often_as_it_says(families: int) -> None:
    ps = combine_many(np.random.default_rng(families).uniform(size=(400_000, families)))
    for level in (0.5, 0.05, 0.01):
        assert abs((ps <= level).mean() - level) < 4 * np.sqrt(level / 400_000)


def test_one_at_a_time_equals_many_at_once() -> None:
    ps = np.random.default_rng(1).uniform(size=(50, 4))
    np.testing.assert_allclose([combine(row) for row in ps.tolist()], combine_many(ps), rtol=1e-9)
    assert combine([0.02]) == 0.02
    assert combine([]) == 1.0


def test_many_places_are_combined_as_one_is() -> None:
    ps = np.array([0.001, 0.5, 0.5, 1e-200, 0.5, 1.0, 0.037])
    places = np.array([2, 2, 2, 0, 0, 3, 4])
    found = cauchy_many(ps, places, 5)
    assert np.isnan(found[1])
    for place in (0, 2, 3, 4):
        one = pytest.approx(cauchy(ps[places == place].tolist()), rel=1e-12)
        assert found[place] == cauchy_first(ps[places == place]) == one


@pytest.mark.parametrize("ps", [[0.0, 1.0], [1.0, 1.0], [0.0, 0.0, 0.0, 0.0], [1e-320, 0.5]])
def test_the_ends_stay_probabilities(ps: list[float]) -> None:
    assert 0.0 <= combine(ps) <= 1.0
    assert 0.0 <= cauchy(ps) <= 1.0
