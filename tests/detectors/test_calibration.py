"""The realised false-alarm rate under chance, shocks included: within .5 to 1.7 times what it says."""

import numpy as np
import pytest

from monitor.detectors import detectors, fold
from monitor.detectors.contract import Values

SERIES, YEARS = 120, 7
RNG_SEED = 90210


def world(name: str, per_year: int) -> list[Values]:
    """Draw series without any deterioration: own level, shared season, one shared shock, the noise of a kind."""
    rng = np.random.default_rng(RNG_SEED)
    periods = YEARS * per_year
    years = 10 + (np.arange(periods) + 0.5) / per_year
    common = 0.15 * np.cos(2 * np.pi * years) + np.where(abs(years - 15.5) < 0.3, 0.4, 0.0)
    log_rate = rng.normal(0, 0.2, SERIES) + common[:, None]
    if name == "counts":
        mean = 20 * np.exp(log_rate)
        return made(years, rng.poisson(rng.gamma(mean, 1.0)).astype(float), np.nan)  # variance 2 x the mean
    if name == "proportions":
        share = 1 / (1 + np.exp(1.0 - log_rate))
        return made(years, rng.binomial(80, rng.beta(50 * share, 50 * (1 - share))).astype(float), 80.0)
    if name == "scores":
        return made(years, 30 * (7 + 0.3 * log_rate) + rng.normal(0, 1.6 * np.sqrt(30), log_rate.shape), 30.0)
    lasting = np.zeros_like(log_rate)
    for period in range(1, periods):
        lasting[period] = 0.8 ** (12 / per_year) * lasting[period - 1] + rng.normal(0, 0.046, SERIES)
    return made(years, 5 * np.exp(log_rate + lasting + rng.normal(0, 0.038, log_rate.shape)), np.nan)


def made(years: np.ndarray, figures: np.ndarray, denominator: float) -> list[Values]:
    below = np.full(SERIES, denominator)
    return [Values(number, years[number], row, below) for number, row in enumerate(figures)]


@pytest.mark.parametrize("per_year", [52, 12])
@pytest.mark.parametrize("name", ["counts", "gaussian", "proportions", "scores"])
def test_one_in_a_hundred_is_one_in_a_hundred(name: str, per_year: int) -> None:
    detector, alarms, scored, squares = detectors[name], 0, 0, 0.0
    state = fold.start(detector, SERIES, per_year)
    for values in world(name, per_year):
        state, step = fold.step(detector, state, values, np.zeros(SERIES, np.int64), None, np.ones(SERIES))
        if values.period >= 3 * per_year:
            alarms += int((step.evidence.worse <= 0.01).sum() + (step.evidence.better <= 0.01).sum())
            scored += 2 * SERIES
            squares += float(np.square(step.scored.z).sum())
    assert 0.5 < alarms / scored / 0.01 < 1.7
    assert 0.9 < squares / (scored / 2) < 1.2
