import numpy as np
import pytest

from monitor.evaluation.detection.matching import alarms, starts, starts_threshold, threshold
from monitor.evaluation.detection.outcomes import difference, outcome
from monitor.evaluation.detection.truth import Truth, joined


def truth(*, periods: int = 6, onsets: tuple[int, ...] = (3, -1)) -> Truth:
    """Units that change from their onset on, by month; -1 never does."""
    rows = np.arange(periods)[:, None]
    event = (rows >= np.array(onsets)) & (np.array(onsets) >= 0)
    return Truth(12, event, ~event, np.arange(len(onsets)), {"1": 1, "3": 3}, {"late": rows >= 3})


def test_a_change_is_found_by_an_alarm_within_its_reach_and_not_before_it() -> None:
    alarm = np.zeros((6, 2), dtype=bool)
    alarm[[1, 4], 0] = True
    found = outcome(alarm, truth())
    assert (found.pod["1"].value, found.pod["3"].value) == (0.0, 1.0)
    assert found.delay.value == 1.0


def test_what_is_not_found_waits_as_long_as_the_longest_reach() -> None:
    assert outcome(np.zeros((6, 2), dtype=bool), truth()).delay.value == 3.0


def test_false_alarms_are_a_share_of_quiet_periods_and_their_runs_are_episodes() -> None:
    alarm = np.zeros((6, 2), dtype=bool)
    alarm[[0, 1, 4], 1] = True  # two runs in the nine quiet months of both
    found = outcome(alarm, truth())
    assert found.fpr.value == pytest.approx(3 / 9)
    assert found.episodes_per_year.value == pytest.approx(2 * 12 / 9)
    assert found.parts["late"] == pytest.approx(1 / 3)


def test_f1_weighs_right_alarms_against_false_and_missed_periods() -> None:
    alarm = np.zeros((6, 2), dtype=bool)
    alarm[3:5, 0] = True
    alarm[0, 1] = True
    assert outcome(alarm, truth()).f1.value == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))


def test_an_error_is_that_of_a_share_where_clusters_are_single() -> None:
    rng = np.random.default_rng(3)
    onsets = (3,) * 400
    alarm = np.tile(rng.random(400) < 0.3, (6, 1))
    found = outcome(alarm, truth(onsets=onsets)).pod["3"]
    assert found.error == pytest.approx(np.sqrt(found.value * (1 - found.value) / 400), rel=0.15)


def test_two_methods_that_agree_are_not_ahead_of_each_other() -> None:
    alarm = np.random.default_rng(4).random((6, 50)) < 0.2
    ahead = difference(alarm, alarm, truth(onsets=(3,) * 50))
    assert [(each.value, each.error) for each in ahead.values()] == [(0.0, 0.0)] * 2


@pytest.mark.parametrize("rate", [0.005, 0.01, 0.05])
def test_a_threshold_gives_its_rate_on_the_series_it_was_set_on(rate: float) -> None:
    known = truth(periods=200, onsets=(-1,) * 50)
    evidence = np.random.default_rng(5).standard_normal((200, 50))
    alarm = alarms(evidence, threshold(evidence, known, rate))
    assert outcome(alarm, known).fpr.value == pytest.approx(rate, abs=1e-4)


def test_a_budget_of_starts_counts_once_what_stays_on() -> None:
    known = truth(periods=200, onsets=(-1,) * 50)
    evidence = np.random.default_rng(6).standard_normal((200, 50))
    evidence[100:, 0] += 100.0  # latched for half of the time, and one start
    alarm = alarms(evidence, starts_threshold(evidence, known, 0.01))
    assert starts(alarm).sum() == pytest.approx(100, abs=1)
    assert alarm.sum() > 190


def test_ties_give_the_next_lower_rate_and_silence_never_alarms() -> None:
    known = truth(periods=100, onsets=(-1,))
    evidence = np.where(np.arange(100) % 2 == 0, 1.0, -np.inf)[:, None]
    assert not alarms(evidence, threshold(evidence, known, 0.1)).any()
    assert alarms(evidence, threshold(evidence, known, 0.6)).sum() == 50


def test_draws_side_by_side_keep_their_clusters_apart() -> None:
    both = joined([truth(), truth(onsets=(-1, 2))])
    assert both.cluster.tolist() == [0, 1, 2, 3]
    assert both.has_event.tolist() == [True, False, False, True]
    assert both.parts["late"].shape == both.event.shape
