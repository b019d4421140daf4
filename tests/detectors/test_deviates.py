"""Deviates against scipy's exact distributions, which share no code with them."""

import numpy as np
from scipy import stats

from monitor.detectors import deviates


def exact_count(count: np.ndarray, mean: float, ratio: float) -> np.ndarray:
    size = mean / (ratio - 1.0)
    law = stats.nbinom(size, size / (size + mean))
    upper = 0.5 * (law.sf(count - 1) + law.sf(count))
    lower = 0.5 * (law.cdf(count) + law.cdf(count - 1))
    return np.where(lower < upper, stats.norm.ppf(lower), stats.norm.isf(upper))


def test_the_saddlepoint_agrees_with_the_negative_binomial() -> None:
    # the case of Lugannani and Rice's approximation worked out: 18 seen, 10 ± √15 expected
    assert abs(deviates.of_count(np.array([18.0]), np.array([10.0]), np.array([1.5]))[0] - 1.8592) < 0.001
    for mean in (0.2, 1.0, 3.0, 10.0, 60.0, 400.0):
        for ratio in (1.01, 1.5, 3.0, 12.0):
            counts = np.arange(0.0, mean + 12 * np.sqrt(ratio * mean))
            exact = exact_count(counts, mean, ratio)
            fast = deviates.of_count(counts, np.full(counts.size, mean), np.full(counts.size, ratio))
            near = np.abs(exact) < 7
            assert np.abs(fast - exact)[near].max() < 0.041, (mean, ratio)


def test_a_beta_binomial_is_met_to_three_tenths_of_a_deviate() -> None:
    for trials, share, rho in ((40, 0.3, 0.02), (300, 0.1, 0.01), (1000, 0.6, 0.003)):
        law = stats.betabinom(trials, share * (1 / rho - 1), (1 - share) * (1 / rho - 1))
        events = np.arange(trials + 1.0)
        upper, lower = law.sf(events) + 0.5 * law.pmf(events), law.cdf(events) - 0.5 * law.pmf(events)
        exact = np.where(lower < upper, stats.norm.ppf(lower), stats.norm.isf(upper))
        ratio = np.full(events.size, 1 + (trials - 1) * rho)
        fast = deviates.of_share(events, np.full(events.size, float(trials)), np.full(events.size, share), ratio)
        assert np.abs(fast - exact)[np.abs(exact) < 2.5].max() < 0.3, (trials, share)


def test_without_over_dispersion_a_share_is_binomial() -> None:
    law, events = stats.binom(200, 0.2), np.arange(201.0)
    exact = stats.norm.isf(law.sf(events) + 0.5 * law.pmf(events))
    fast = deviates.of_share(events, np.full(201, 200.0), np.full(201, 0.2), np.ones(201))
    assert np.abs(fast - exact)[np.abs(exact) < 5].max() < 0.01


def test_students_t_keeps_its_tail() -> None:
    for freedom in (3.0, 10.0, 60.0):
        t = np.linspace(-6, 6, 25)
        exact = stats.norm.isf(stats.t(freedom).sf(t))
        assert np.abs(deviates.of_student(t, np.full(25, freedom)) - exact).max() < 0.05
        np.testing.assert_allclose(
            deviates.of_student(deviates.student_of(1.96, np.full(1, freedom)), np.full(1, freedom)), 1.96
        )


def test_the_interval_of_a_count_holds_95_in_100() -> None:
    for mean, ratio in ((3.0, 1.5), (40.0, 2.0), (800.0, 12.0)):
        low, high = deviates.count_interval(np.array([mean]), np.array([ratio]))
        size = mean / (ratio - 1.0)
        law = stats.nbinom(size, size / (size + mean))
        assert 0.93 < law.cdf(np.rint(high[0])) - law.cdf(np.rint(low[0]) - 1) < 0.985


def test_billions_stay_finite_and_ordered() -> None:
    counts = 1e9 + np.array([-1e6, -1.0, 0.0, 1.0, 1e6])
    z = deviates.of_count(counts, np.full(5, 1e9), np.full(5, 2.0))
    assert np.isfinite(z).all()
    assert (np.diff(z) > 0).all()


def test_what_is_expected_lies_in_its_interval_however_rare() -> None:
    for mean, ratio in ((1e-3, 1.0), (0.03, 1.2), (0.3, 5.0), (2.0, 40.0)):
        low, high = deviates.count_interval(np.array([mean]), np.array([ratio]))
        assert 0.0 <= low[0] <= mean <= high[0]
