import numpy as np
import pytest

from monitor.evaluation.detection.family_a import BASELINE, SCENARIOS, SETS, TESTED, TRAINING, WEEKS, draw


def test_every_scenario_has_its_replicates_and_a_seed_gives_the_same_series_again() -> None:
    panel, again = draw(3, replicates=2), draw(3, replicates=2)
    assert panel.counts.shape == (WEEKS, 2 * 42)
    assert np.bincount(panel.scenario).tolist() == [2] * 42
    assert np.array_equal(panel.counts, again.counts)
    assert not np.array_equal(panel.counts, draw(4, replicates=2).counts)


def test_a_scenario_does_not_depend_on_the_others() -> None:
    panel, alone = draw(3, replicates=2), draw(3, replicates=2, scenarios=[17])
    assert np.array_equal(panel.counts[:, panel.scenario == 17], alone.counts)


def test_each_series_has_one_current_outbreak_and_it_lies_in_the_tested_weeks() -> None:
    panel = draw(5, replicates=3)
    assert panel.outbreak.any(axis=0).all()
    assert not panel.outbreak[:BASELINE].any()
    assert not panel.past[TESTED].any()
    assert not panel.past[:TRAINING].any()
    begins = np.diff(panel.outbreak.astype(int), axis=0, prepend=0) == 1
    assert (begins.sum(axis=0) == 1).all()
    assert panel.outbreak.argmax(axis=0).max() < WEEKS


@pytest.mark.parametrize("number", range(7))
def test_counts_have_the_mean_and_the_dispersion_of_their_set(number: int) -> None:
    theta, *_, dispersion = SETS[number]
    panel = draw(7, replicates=60, scenarios=[SCENARIOS.index((number, 0, 0))])
    quiet = panel.counts[:TRAINING]
    assert quiet.mean() == pytest.approx(np.exp(theta), rel=0.05)
    assert quiet.var() / quiet.mean() == pytest.approx(dispersion, rel=0.06)


def test_an_outbreak_has_half_of_its_cases_in_its_first_week() -> None:
    panel = draw(9, replicates=400, scenarios=[SCENARIOS.index((5, 0, 0))])
    extra = np.where(panel.outbreak, panel.counts - panel.mean, 0.0)
    start = panel.outbreak.argmax(axis=0)
    large = panel.size >= 5
    columns = np.flatnonzero(large)
    first = extra[start[columns], columns].sum() / extra[:, columns].sum()
    assert first == pytest.approx(0.5, abs=0.05)
    expected = (panel.size * np.sqrt(panel.dispersion * panel.mean[start, np.arange(start.size)]))[columns].sum()
    assert extra[:, columns].sum() == pytest.approx(expected, rel=0.06)
