"""Evidence: its tails against simulation and published numbers."""

import numpy as np
import pytest
from scipy import stats

from monitor.budget import ALONE
from monitor.detectors import evidence


def follow(z: np.ndarray, per_year: int = 12) -> evidence.Evidence:
    state = evidence.start(z.shape[1])
    for period, row in enumerate(z):
        state, found = evidence.accumulate(state, row, per_year=per_year, period=period)
    return found


def test_the_moving_average_follows_the_published_example() -> None:
    # Montgomery (2013), table 9.10: lambda .1, mu0 10, sigma 1; z_1 = 9.945, z_2 = 9.7495, z_3 = 9.70355
    figures, rate, average = np.array([9.45, 7.99, 9.29]), 0.1, 10.0
    averages = []
    for figure in figures:
        average = rate * figure + (1 - rate) * average
        averages.append(average)
    np.testing.assert_allclose(averages, [9.945, 9.7495, 9.70355])
    # the same recursion, on deviates and at its own rate, is the slow evidence
    rate, slow, variance = evidence.weight_of_new(12), 0.0, 0.0
    for figure in figures:
        slow, variance = rate * (figure - 10) + (1 - rate) * slow, rate**2 + (1 - rate) ** 2 * variance
    found = follow((figures - 10.0)[:, None])
    variance *= evidence.variance_within(evidence.LARGEST_MONTHLY)
    np.testing.assert_allclose(found.slow, stats.norm.sf(slow / np.sqrt(variance)), rtol=1e-6)


def test_the_sudden_tail_is_the_trivariate_normals() -> None:
    shares = np.sqrt([[1, 1 / 2, 1 / 3], [1 / 2, 1, 2 / 3], [1 / 3, 2 / 3, 1]])
    law = stats.multivariate_normal(cov=shares, abseps=1e-8, maxpts=10**6)
    for score in (0.0, 1.0, 2.0, 3.0):
        passes = 1 - law.cdf(score + np.array(evidence.HANDICAPS))
        assert evidence.sudden_tail(np.array([score]))[0] == pytest.approx(passes, rel=1e-4)


def test_the_tabulated_tail_is_the_sudden_tail() -> None:
    z = np.linspace(-evidence.LARGEST_MONTHLY, evidence.LARGEST_MONTHLY, 500)
    found = follow(np.vstack((np.full((2, 500), -9.0), z)))
    np.testing.assert_allclose(found.sudden, evidence.sudden_tail(z - evidence.HANDICAPS[0]), rtol=2e-4)


def test_three_figures_say_more_together_than_two_of_them() -> None:
    sudden = [follow(np.full((many, 1), 2.0)).sudden[0] for many in (1, 2, 3, 4)]
    expected = evidence.sudden_tail(np.array([2 * 2**0.5, 2 * 3**0.5 - evidence.HANDICAPS[2]]))
    np.testing.assert_allclose(sudden[1:3], expected, rtol=2e-4)
    assert sudden[3] == sudden[2]


@pytest.mark.parametrize("per_year", [52, 12, 4, 3, 1])
def test_the_union_is_a_probability_in_both_directions(per_year: int) -> None:
    z = np.random.default_rng(5).standard_normal((60 if per_year > 12 else 25, 200_000))
    found = follow(z, per_year)
    for p in (found.worse, found.better):
        for level in (0.5, 0.05, 0.01, 0.001):
            noise = 4 * np.sqrt(level / 200_000)
            assert abs((p <= level).mean() - level) < 0.02 * level + noise


@pytest.mark.parametrize("per_year", [52, 12, 4, 3, 1])
def test_one_figure_alone_never_opens_a_case_and_a_second_does(per_year: int) -> None:
    calm = np.zeros((30, 1))
    once, twice = (follow(np.vstack((calm, np.full((times, 1), 30.0))), per_year) for times in (1, 2))
    assert 1.5 * ALONE < once.worse[0] < 0.01
    assert twice.worse[0] < ALONE


def test_a_young_series_is_judged_by_its_own_variance() -> None:
    z = np.random.default_rng(6).standard_normal((2, 200_000))
    assert abs((follow(z).slow <= 0.01).mean() - 0.01) < 0.001
    within = np.clip(z[:1], -evidence.LARGEST_MONTHLY, evidence.LARGEST_MONTHLY)
    np.testing.assert_allclose(follow(z[:1]).worse, stats.norm.sf(within[0]), rtol=1e-9)


def test_worse_and_better_mirror_each_other() -> None:
    z = np.random.default_rng(7).standard_normal((9, 100))
    np.testing.assert_allclose(follow(z).worse, follow(-z).better, rtol=1e-9)
    np.testing.assert_array_equal(follow(z).worse_since, follow(-z).better_since)


def test_a_run_begins_where_the_cusum_left_zero() -> None:
    z = np.array([-1.0, -1.0, 2.0, 1.0, np.nan, 2.0])[:, None]
    assert follow(z).worse_since[0] == 2
