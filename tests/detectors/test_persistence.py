"""Counts and shares of which some of the scatter lasts are judged by what lasts, and white ones as white."""

import numpy as np
import pytest

from monitor.detectors import detectors, fold, persistence
from monitor.detectors.contract import State, Values
from monitor.evaluation.weather import remembered
from monitor.model import Vector

SERIES, YEARS, SHARE = 120, 5, 0.75


def drawn(lasting: float, per_year: int) -> np.ndarray:
    """Draw logs of rates whose sd is .25, a share of their variance lasting as sickness does by month."""
    rng, periods = np.random.default_rng(31), YEARS * per_year
    kept = 0.8 ** (12 / per_year)
    stays = remembered(rng.standard_normal((SERIES, periods)) * np.sqrt(1 - kept**2), kept)
    return 0.25 * (np.sqrt(lasting) * stays + np.sqrt(1 - lasting) * rng.standard_normal(stays.shape)).T


def followed(name: str, logs: np.ndarray, per_year: int) -> tuple[State, Vector]:
    """Fold events about 30 a period; give the state, and the tails of slow evidence over the last two years."""
    rng, state, tails = np.random.default_rng(32), fold.start(detectors[name], SERIES, per_year), []
    for period, each in enumerate(logs):
        if name == "counts":
            values = Values(
                period, period / per_year, rng.poisson(30 * np.exp(each)).astype(float), np.full(SERIES, np.nan)
            )
        else:
            trials = np.full(SERIES, 150.0)
            share = 1 / (1 + 4 * np.exp(-each))
            values = Values(period, period / per_year, rng.binomial(150, share).astype(float), trials)
        state, step = fold.step(detectors[name], state, values, np.arange(SERIES) % 4, None, np.ones(SERIES))
        tails.append(step.evidence.slow)
    return state, np.concatenate(tails[-2 * per_year :])


@pytest.mark.parametrize(("name", "per_year"), [("counts", 52), ("proportions", 52), ("counts", 12)])
def test_what_lasts_is_learnt_and_what_passes_is_read_as_passing(name: str, per_year: int) -> None:
    shares = [persistence.share(followed(name, drawn(lasting, per_year), per_year)[0]) for lasting in (SHARE, 0.0)]
    assert np.median(shares[0]) > 0.4
    assert np.mean(shares[1] < 0.15) > 0.8


@pytest.mark.parametrize("lasting", [0.0, SHARE])
def test_healthy_weeks_that_hang_together_alarm_little_more_than_white_ones(lasting: float) -> None:
    _, tails = followed("counts", drawn(lasting, 52), 52)
    assert np.mean(tails <= 0.01) < (0.12 if lasting else 0.02), "read as white, the first have .25"


def test_an_outbreak_is_no_memory() -> None:
    logs = drawn(0.0, 52)
    logs[150:153] += 1.5
    state, _ = followed("counts", logs, 52)
    assert np.median(persistence.share(state)) < 0.15


def test_a_gap_keeps_what_is_known_and_young_series_have_no_memory() -> None:
    state, _ = followed("counts", drawn(SHARE, 52), 52)
    missing = Values(999, 5.0, np.full(SERIES, np.nan), np.full(SERIES, np.nan))
    after, _ = fold.step(detectors["counts"], state, missing, np.arange(SERIES) % 4, None, np.ones(SERIES))
    np.testing.assert_array_equal(persistence.share(after), persistence.share(state))
    assert (persistence.share(fold.start(detectors["counts"], 3, 52)) == 0.0).all()


def test_what_got_worse_for_a_year_is_hardly_memory_and_none_once_it_is_accepted() -> None:
    logs = drawn(0.0, 52)
    logs[156:208] += 0.4
    detector, (state, _) = detectors["counts"], followed("counts", logs[:208], 52)
    assert np.mean(persistence.share(state) > 0.3) < 0.2
    accepted = fold.begin_anew(state, np.ones(SERIES, np.bool_), detector=detector)
    assert (persistence.share(accepted) == 0.0).all()


@pytest.mark.parametrize("per_year", [4, 3, 1])
def test_what_too_few_periods_a_year_cannot_tell_is_not_told(per_year: int) -> None:
    state, _ = followed("counts", drawn(SHARE, per_year), per_year)
    assert (persistence.share(state) == 0.0).all()
