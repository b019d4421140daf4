from dataclasses import astuple

import numpy as np
import pytest

from monitor.evaluation.detection.family_b import INCIDENTS, SURVEY, PanelB, draw


@pytest.fixture(scope="module")
def panel() -> PanelB:
    return draw(11, organisations=2_000)


def of_organisations(panel: PanelB, series: np.ndarray) -> np.ndarray:
    return np.asarray(series.reshape(-1, 4))


def test_a_seed_gives_the_same_nation_again() -> None:
    first, again, other = (draw(seed, organisations=5) for seed in (1, 1, 2))
    assert np.array_equal(first.numerator, again.numerator, equal_nan=True)
    assert not np.array_equal(first.numerator, other.numerator, equal_nan=True)
    assert first.numerator.shape == (96, 20)
    assert draw(1, organisations=5, weekly=True).numerator.shape == (416, 20)


def test_two_in_five_organisations_worsen_in_two_and_a_half_signals(panel: PanelB) -> None:
    moves = of_organisations(panel, panel.worse.onset >= 0)
    assert moves.any(axis=1).mean() == pytest.approx(0.4, abs=0.03)
    assert moves[moves.any(axis=1)].sum(axis=1).mean() == pytest.approx(2.4 / (1 - 0.4**4), rel=0.03)


def test_an_onset_leaves_a_year_of_the_evaluation_years(panel: PanelB) -> None:
    onset = panel.worse.onset[panel.worse.onset >= 0]
    assert (onset.min(), onset.max()) == (60, 84)
    assert panel.evaluated == slice(60, 96)


def test_half_of_the_worsenings_are_steps_and_they_stay(panel: PanelB) -> None:
    moves = panel.worse.onset >= 0
    assert (panel.worse.ramp[moves] == 0).mean() == pytest.approx(0.5, abs=0.04)
    assert (panel.worse.reached(96)[-1, moves] == 1.0).all()
    assert (panel.worse.reached(96)[:, ~moves] == 0.0).all()


def test_reports_fall_in_some_of_the_healthy_and_in_nothing_but_incidents(panel: PanelB) -> None:
    falls = panel.falls.onset >= 0
    assert (panel.signal[falls] == INCIDENTS).all()
    healthy = ~of_organisations(panel, panel.worse.onset >= 0).any(axis=1)
    assert not of_organisations(panel, falls)[~healthy].any()
    assert of_organisations(panel, falls)[healthy].any(axis=1).mean() == pytest.approx(0.12, abs=0.03)


def test_a_worsening_moves_what_is_seen_by_its_effect(panel: PanelB) -> None:
    value = panel.numerator / panel.denominator
    for signal in range(4):
        some = (panel.signal == signal) & (panel.worse.size == 0.4) & (panel.worse.ramp == 0)
        calm = (panel.signal == signal) & (panel.worse.onset < 0) & (panel.falls.onset < 0)
        moved = np.nanmedian(value[90:, some]) - np.nanmedian(value[36:60, some])
        drift = np.nanmedian(value[90:, calm]) - np.nanmedian(value[36:60, calm])
        expected = -0.6 if signal == SURVEY else 0.4 * np.nanmedian(value[:60, some])
        assert moved - drift == pytest.approx(expected, rel=0.35)


def test_some_figures_are_missing_and_no_denominator_is(panel: PanelB) -> None:
    assert np.isnan(panel.numerator).mean() == pytest.approx(0.031, abs=0.003)
    assert np.isfinite(panel.denominator).all()
    assert panel.denominator.min() > 0


def test_a_shock_lies_in_the_evaluated_years() -> None:
    assert all(draw(seed, organisations=1).shock[60:].any() for seed in range(20))


def test_changes_of_nobody_are_none(panel: PanelB) -> None:
    none = panel.worse.where(np.zeros(panel.signal.size, dtype=bool))
    assert [array.sum() for array in astuple(none)[1:]] == [0, 0]
    assert (none.onset == -1).all()
