from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.evaluation.deterioration import PATTERNS, Deterioration, log_shift, plant, reached, score_shift

ONSET = date(2024, 3, 1)
CODES = [f"R{nth:02d}" for nth in range(99)] + [f"S{nth:02d}" for nth in range(99)]
LIVE = {"live_from": date(2023, 4, 1), "live_until": date(2025, 4, 1)}


def change(*, ramp: int = 0, pattern: str = "C1", effect: float = 0.2) -> Deterioration:
    return Deterioration("RAA", pattern, ONSET, effect, timedelta(days=ramp), PATTERNS[pattern])


def share(of: Deterioration, start: date, end: date) -> float:
    return float(reached(of, np.array([start.toordinal()]), np.array([end.toordinal()]))[0])


def test_before_the_onset_nothing_has_changed() -> None:
    assert share(change(), date(2024, 2, 1), ONSET) == 0


def test_a_step_is_whole_from_the_day_after_its_onset() -> None:
    assert share(change(), date(2024, 4, 1), date(2024, 5, 1)) == 1


def test_a_step_inside_a_period_moves_it_by_its_share() -> None:
    assert share(change(), date(2024, 2, 20), date(2024, 3, 11)) == pytest.approx(0.5, abs=0.03)


def test_a_ramp_is_half_way_in_its_middle_and_stays_afterwards() -> None:
    ramp = change(ramp=100)
    assert share(ramp, ONSET, ONSET + timedelta(days=100)) == pytest.approx(0.5)
    assert share(ramp, ONSET + timedelta(days=100), ONSET + timedelta(days=200)) == 1


@given(st.integers(0, 400), st.integers(-300, 600), st.integers(1, 100))
def test_what_is_reached_lies_between_none_and_all(ramp: int, offset: int, length: int) -> None:
    start = ONSET + timedelta(days=offset)
    assert 0 <= share(change(ramp=ramp), start, start + timedelta(days=length)) <= 1


def test_what_ends_moves_nothing_afterwards() -> None:
    campaign = replace(change(), until=date(2024, 6, 1))
    assert share(campaign, date(2024, 4, 1), date(2024, 5, 1)) == 1
    assert share(campaign, date(2024, 7, 1), date(2024, 8, 1)) == pytest.approx(0)


def test_effects_are_relative_on_rates_and_points_on_scores() -> None:
    assert np.exp(log_shift(change(), "new_complaints")) == pytest.approx(1.2)
    assert np.exp(log_shift(change(), "low_harm_reports")) == pytest.approx(0.8)
    assert log_shift(change(), "sickness_rate") == 0
    assert score_shift(change(pattern="C4"), "motivation_score") == pytest.approx(-0.3)


def test_a_ninth_of_the_nation_is_planted_with_patterns_effects_and_shapes_of_all_kinds() -> None:
    planted, bright = plant(np.random.default_rng(1), CODES, **LIVE)
    assert len(planted) == round(len(CODES) * 24 / 220)
    assert {one.pattern for one in planted} == set(PATTERNS)
    assert {one.shape for one in planted} == {"step", "ramp"}
    assert min(one.effect for one in planted) == 0.1
    assert max(one.effect for one in planted) == 0.4
    assert len(bright) == round(len(CODES) * 3 / 220)
    assert not {one.organisation for one in bright} & {one.organisation for one in planted}


def test_onsets_lie_in_the_live_window_and_most_leave_a_year() -> None:
    planted, _ = plant(np.random.default_rng(2), CODES, **LIVE)
    assert all(LIVE["live_from"] < one.onset < LIVE["live_until"] for one in planted)
    followed = [one for one in planted if one.onset + timedelta(days=365) <= LIVE["live_until"]]
    assert len(followed) >= 0.8 * len(planted)
