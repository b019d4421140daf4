from datetime import date, timedelta

import numpy as np
import pytest

from monitor.evaluation.weather import correlated, heavy, remembered, shock, winter


def test_winter_is_worst_in_january_and_gone_in_summer() -> None:
    days = [date(2024, month, 15) for month in range(1, 13)]
    bump = winter(days, np.ones(3))
    assert bump.argmax() == 0
    assert bump[0] > 0.98
    assert bump[4:9].max() < 0.01


def test_each_winter_has_its_own_strength() -> None:
    days = [date(2022, 1, 10), date(2023, 1, 10), date(2024, 1, 10)]
    assert winter(days, np.array([1.0, 2.0, 3.0])) == pytest.approx(
        [1, 1, 2], abs=0.01
    )  # the first is before its first


def test_a_shock_rises_from_nothing_and_returns_to_it() -> None:
    days = [date(2024, 1, 1) + timedelta(days=place) for place in (-1, 0, 50, 100, 101)]
    assert shock(days, date(2024, 1, 1), timedelta(days=100)) == pytest.approx([0, 0, 1, 0, 0])


def test_memory_gives_the_autocorrelation_and_a_stationary_start() -> None:
    state = remembered(np.random.default_rng(1).standard_normal((4000, 30)), 0.69)
    lag_one = np.corrcoef(state[:, 10], state[:, 11])[0, 1]
    assert lag_one == pytest.approx(0.69, abs=0.03)
    assert state[:, 0].std() == pytest.approx(state[:, 29].std(), rel=0.05)


def test_no_memory_gives_the_innovations_back() -> None:
    innovations = np.random.default_rng(2).standard_normal((3, 5))
    assert np.array_equal(remembered(innovations, 0.0), innovations)


def test_each_series_may_have_its_own_memory() -> None:
    state = remembered(np.random.default_rng(4).standard_normal((2, 20_000)), np.array([0.0, 0.9]))
    lag_one = [np.corrcoef(row[1:], row[:-1])[0, 1] for row in state]
    assert lag_one == pytest.approx([0.0, 0.9], abs=0.03)


def test_tails_are_heavier_than_normal_at_variance_one() -> None:
    deviates = heavy(np.random.default_rng(5), (400_000,))
    assert deviates.std() == pytest.approx(1, abs=0.02)
    assert np.mean(np.abs(deviates) > 4) > 10 * 6.3e-5


def test_families_of_one_organisation_are_correlated_by_a_fifth() -> None:
    first, second = correlated(np.random.default_rng(3), (200, 200), families=2)
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] == pytest.approx(0.2, abs=0.02)
