"""The bank: whoever's figures pass is judged as white, whoever's stay by what stays; and young spreads are doubted."""

import numpy as np
import pytest

from monitor.detectors import bank, detectors, fold, peers, scale
from monitor.detectors.contract import Values
from monitor.model import Vector

SERIES, PERIODS = 60, 72


def weight(memory: float) -> Vector:
    """Fold rates of one memory and give the weight of the setting whose deviations stay."""
    rng, deviation = np.random.default_rng(8), np.zeros(SERIES)
    state = fold.start(detectors["gaussian"], SERIES, 12)
    for period in range(PERIODS):
        deviation = memory * deviation + rng.normal(0, 0.053, SERIES)
        values = Values(period, 10 + period / 12, 4.5 * np.exp(deviation), np.full(SERIES, np.nan))
        state, _ = fold.step(detectors["gaussian"], state, values, np.zeros(SERIES, np.int64), None, np.ones(SERIES))
    return bank.weight_of_lasting(state["favour"])


def test_sickness_is_read_by_its_memory_and_white_rates_are_not() -> None:
    assert (weight(0.69) > 0.9).mean() > 0.9
    assert (weight(0.0) < 0.5).mean() > 0.9


def test_where_nothing_speaks_yet_a_rate_is_read_as_one_that_stays() -> None:
    fresh = fold.start(detectors["gaussian"], 1, 12)["favour"]
    assert 0.7 < bank.weight_of_lasting(fresh)[0] < 0.95


@pytest.mark.parametrize("periods", [1, 2, 5, 11])
def test_the_median_of_young_spreads_is_not_biased(periods: int) -> None:
    squares = np.random.default_rng(9).chisquare(periods, 40_000)
    everybody = np.zeros(squares.size, np.int64)
    weight = np.full(squares.size, float(periods))
    assert abs(peers.median_spread(squares, weight, everybody, weight > 0)[0] - 1.0) < 0.04


@pytest.mark.parametrize(("name", "per_year"), [("scores", 3), ("gaussian", 3), ("gaussian", 1)])
def test_short_histories_raise_no_more_alarms_than_chance(name: str, per_year: int) -> None:
    rng, alarms, scored = np.random.default_rng(10), 0, 0
    state = fold.start(detectors[name], 400, per_year)
    for period in range(15 if per_year == 3 else 5):
        figures = 6.5 * np.exp(rng.normal(0, 0.03, 400))
        values = Values(period, 10 + period / per_year, figures, np.full(400, np.nan))
        state, step = fold.step(detectors[name], state, values, np.arange(400) % 4, None, np.ones(400))
        alarms += int((step.evidence.worse <= 0.05).sum() + (step.evidence.better <= 0.05).sum())
        scored += 2 * int(np.isfinite(step.scored.z).sum())
    assert alarms / scored < 0.065


@pytest.mark.parametrize(("spread", "least", "most"), [(0.0, 7.0, 8.0), (0.7, 2.8, 6.5), (1.4, 1.0, 1.6)])
def test_the_more_peers_differ_the_less_their_median_weighs(spread: float, least: float, most: float) -> None:
    rng, everybody = np.random.default_rng(10), np.zeros(2_000, np.int64)
    squares = rng.chisquare(6, everybody.size) * np.exp(spread * rng.standard_normal(everybody.size))
    young = {"seen": np.full(everybody.size, 6), "per_year": np.full(everybody.size, 12)}
    state = {**young, **scale.start(everybody.size), "scale_sum": squares, "scale_weight": np.full(everybody.size, 6.0)}
    assert least <= scale.pooled(state, everybody)["likeness"][0] <= most


@pytest.mark.parametrize("with_regions", [False, True])
def test_what_a_region_shares_is_taken_out_of_rates(with_regions: bool) -> None:
    rng, regions = np.random.default_rng(11), np.arange(SERIES) % 4
    state = fold.start(detectors["gaussian"], SERIES, 12)
    for period in range(37):
        shock = np.where((regions == 1) & (period == 36), 0.4, 0.0)
        rates = 4.5 * np.exp(rng.normal(0, 0.05, SERIES) + shock)
        values = Values(period, 10 + period / 12, rates, np.full(SERIES, np.nan))
        state, step = fold.step(
            detectors["gaussian"], state, values, np.zeros(SERIES, np.int64), None, np.ones(SERIES),
            regions if with_regions else None,
        )  # fmt: skip
    struck = float(np.mean(step.scored.z[regions == 1]))
    assert struck < 2.0 if with_regions else struck > 3.0
