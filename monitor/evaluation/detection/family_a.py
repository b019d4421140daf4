"""Family A: weekly counts with outbreaks of a few weeks, the 42 scenarios of Noufaily et al.

A seed gives a scenario the same series whichever other scenarios are drawn beside it.

Chosen here, where detection.md §2 is silent: the current outbreak's k is uniform on 1..10; the rare case that would
come after the end (of the baseline, for a past outbreak, so that no tested week is one of both) comes in the
outbreak's first week; an outbreak lasts from its first week with a case to its last one.

References
----------
Noufaily et al. (2013), Statistics in Medicine 32, 1206-1222, sec. 4; detection.md §2 (the table and the sizes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.evaluation.detection.chance import counts

WEEKS, TRAINING, BASELINE = 624, 312, 575
"""Weeks 1-312 train, 313-575 are baseline with past outbreaks, 576-624 are tested."""
TESTED = slice(BASELINE, WEEKS)
"""Rows of the tested weeks."""
LAST_START = 620
"""Latest start of the current outbreak, in weeks from 1."""
PAST_OUTBREAKS = 4
PAST_SIZES = (0, 2, 3, 5, 10)
CURRENT_SIZES = tuple(range(1, 11))
"""Factors k: an outbreak's cases are Poisson(k sqrt(phi mu)) at its start."""
DELAY_SD = 0.5
"""A case comes floor(LogNormal(0, .5)) weeks after the start: half of them in the first week."""

SETS = (
    (0.1, 0.0025, 0.6, 0.6, 1.5),
    (-2.0, 0.005, 0.1, 0.3, 2.0),
    (1.5, 0.003, 0.2, -0.4, 1.0),
    (0.5, 0.002, 0.5, 0.5, 5.0),
    (2.5, 0.001, 1.0, 0.1, 3.0),
    (3.75, 0.001, 0.1, -0.1, 1.1),
    (5.0, 0.0001, 0.05, 0.01, 1.2),
)
"""theta, beta, gamma1, gamma2, phi."""
SCENARIOS = tuple((number, trend, harmonics) for number in range(7) for trend in (0, 1) for harmonics in (0, 1, 2))
"""Parameter set (from 0), with a trend or not, number of harmonics."""


@dataclass(frozen=True, slots=True)
class PanelA:
    """Series with their truth; arrays over time are of shape (624 weeks, series), oldest first.

    Parameters
    ----------
    counts
        What is seen.
    outbreak
        Weeks of the current outbreak; one run per series, all of it in the tested weeks.
    past
        Weeks of the baseline's outbreaks.
    mean, dispersion
        Expected count without outbreaks, and variance over mean, shape (series,): what only an oracle knows.
    scenario
        Place in `SCENARIOS`, shape (series,).
    size
        k of the current outbreak, shape (series,).
    """

    counts: np.ndarray
    outbreak: np.ndarray
    past: np.ndarray
    mean: np.ndarray
    dispersion: np.ndarray
    scenario: np.ndarray
    size: np.ndarray


def draw(seed: int, replicates: int = 20, scenarios: Sequence[int] | None = None) -> PanelA:
    """Draw `replicates` series of each scenario (None: all 42)."""
    chosen = range(len(SCENARIOS)) if scenarios is None else scenarios
    drawn = [_scenario(np.random.default_rng([seed, scenario]), scenario, replicates) for scenario in chosen]
    return PanelA(*(np.concatenate([getattr(panel, name) for panel in drawn], axis=-1) for name in PanelA.__slots__))


def _scenario(rng: np.random.Generator, scenario: int, series: int) -> PanelA:
    mean, dispersion = np.repeat(_mean(scenario)[:, None], series, axis=1), SETS[SCENARIOS[scenario][0]][-1]
    seen = counts(rng, mean, dispersion)
    spread = np.sqrt(dispersion * mean)
    past = np.zeros(seen.shape)
    size = rng.choice(PAST_SIZES, series)
    for _ in range(PAST_OUTBREAKS):
        past += _outbreak(rng, size, spread, TRAINING, BASELINE, until=BASELINE)
    size = rng.choice(CURRENT_SIZES, series)
    current = _outbreak(rng, size, spread, BASELINE, LAST_START, until=WEEKS)
    return PanelA(
        seen + past + current, _runs(current), past > 0, mean,
        np.full(series, dispersion), np.full(series, scenario), size,
    )  # fmt: skip


def _mean(scenario: int) -> np.ndarray:
    """Give log mu = theta + trend beta t + sum over harmonics g1 cos + g2 sin (2 pi j t / 52), exponentiated."""
    number, trend, harmonics = SCENARIOS[scenario]
    theta, beta, cosine, sine, _ = SETS[number]
    week = np.arange(1, WEEKS + 1)
    angles = [2.0 * np.pi * (j + 1) * week / 52.0 for j in range(harmonics)]
    season = sum((cosine * np.cos(angle) + sine * np.sin(angle) for angle in angles), np.zeros(WEEKS))
    return np.asarray(np.exp(theta + trend * beta * week + season))


def _outbreak(
    rng: np.random.Generator, size: np.ndarray, spread: np.ndarray, first: int, last: int, *, until: int
) -> np.ndarray:
    """Draw one outbreak a series that starts in a row of [first, last); none where its k is 0."""
    start = rng.integers(first, last, size.size)
    cases = _some(rng, size * spread[start, np.arange(size.size)])
    series = np.repeat(np.arange(size.size), cases)
    week = start[series] + np.floor(rng.lognormal(0.0, DELAY_SD, series.size)).astype(int)
    week = np.where(week < until, week, start[series])
    placed = np.zeros(spread.shape)
    np.add.at(placed, (week, series), 1.0)
    return placed


def _some(rng: np.random.Generator, expected: np.ndarray) -> np.ndarray:
    """Draw Poisson numbers, anew where one is 0 though some are expected."""
    drawn = rng.poisson(expected)
    while (again := (drawn == 0) & (expected > 0.0)).any():
        drawn[again] = rng.poisson(expected[again])
    return drawn


def _runs(cases: np.ndarray) -> np.ndarray:
    """Mark the weeks from each series' first case to its last."""
    some = cases > 0
    begun = np.logical_or.accumulate(some, axis=0)
    lasts = np.logical_or.accumulate(some[::-1], axis=0)[::-1]
    return np.asarray(begun & lasts)
