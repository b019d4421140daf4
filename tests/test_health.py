import re
from datetime import date

import numpy as np
import pytest

from monitor.health import Misfit, misfit
from tests.factories import month

PERIODS = [month(number) for number in range(60)]
CHANGE = 40


def residuals(*, wider: float = 1.0, aside: float = 0.0, seed: int = 1) -> list[np.ndarray]:
    """Deviates of 220 organisations over five years, wider or aside from the change on."""
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((60, 220))
    drawn[CHANGE:] = drawn[CHANGE:] * wider + aside
    return list(drawn)


@pytest.mark.parametrize("seed", range(5))
def test_a_model_that_fits_is_left_alone(seed: int) -> None:
    assert misfit(PERIODS, residuals(seed=seed)) is None


def test_heavy_tails_alone_are_no_misfit() -> None:
    drawn = np.random.default_rng(2).standard_t(5, (60, 220)) * np.sqrt(3 / 5)
    assert misfit(PERIODS, list(drawn)) is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"wider": 1.8}, "figures stray 1.[678] times as far as it expects"),
        ({"aside": 0.6}, "figures of all organisations together lie 0.6 deviates to one side"),
        ({"wider": 0.4}, "figures stray 0.4 times as far as it expects"),
    ],
)
def test_a_model_that_no_longer_fits_says_since_when_and_how(changed: dict[str, float], words: str) -> None:
    found = misfit(PERIODS, residuals(**changed))
    assert found is not None
    assert abs(PERIODS.index(found.since) - CHANGE) <= 6
    assert re.search(words, found.said)


def test_what_passed_is_no_misfit_of_today() -> None:
    drawn = residuals()
    drawn[20:30] = [3 * each for each in drawn[20:30]]
    assert misfit(PERIODS, drawn) is None


def test_nothing_scored_is_no_misfit() -> None:
    assert misfit([], []) is None
    assert misfit(PERIODS[:2], [np.full(9, np.nan), np.array([])]) is None


def test_it_is_said_in_words() -> None:
    assert "since March 2024" in Misfit((date(2024, 3, 1), date(2024, 4, 1)), 1.0, -0.5).said
