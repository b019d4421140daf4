"""What peers share beyond one national shock: a region's own part, and how far apart they lie."""

import numpy as np
import pytest

from monitor.detectors import detectors, fold, spread
from monitor.detectors.contract import Values
from monitor.detectors.fold import Step

SERIES, REGIONS, SHOCK = 84, 7, 60
REGION = np.arange(SERIES) % REGIONS


def follow(*, regional: float, wide: float, regions: np.ndarray | None) -> list[Step]:
    """Fold rates with noise of .07; in period 60 one region lies off by so much, and all are so many times as wide."""
    rng, detector = np.random.default_rng(12), detectors["gaussian"]
    state, steps = fold.start(detector, SERIES, 12), []
    for period in range(SHOCK + 1):
        noise = rng.normal(0.0, 0.07, SERIES)
        if period == SHOCK:
            noise = wide * noise + regional * (REGION == 3)
        values = Values(period, 10 + (period + 0.5) / 12, 5.0 * np.exp(noise), np.full(SERIES, np.nan))
        groups = np.zeros(SERIES, np.int64)
        state, step = fold.step(detector, state, values, groups, None, np.ones(SERIES), regions)
        steps.append(step)
    return steps


def test_a_regions_shock_is_taken_out_where_regions_are_known() -> None:
    known, unknown = (follow(regional=0.4, wide=1.0, regions=each)[-1] for each in (REGION, None))
    own = REGION == 3
    assert unknown.scored.z[own].mean() > 4.0
    assert abs(known.scored.z[own].mean()) < 1.0
    assert abs(known.scored.shared()[own].mean() - 0.4) < 0.12
    assert np.abs(known.scored.shared()[~own]).max() < 0.1
    assert (unknown.common["regional"] == 0.0).all()


def test_a_period_that_lies_wide_is_judged_by_its_own_width() -> None:
    steps = follow(regional=0.0, wide=3.0, regions=None)
    assert 4.0 < np.median(steps[-1].common["spread"]) < 14.0
    assert 0.7 < steps[-1].scored.z.std() < 1.4
    widened = np.array([(step.common["spread"] > 1.0).mean() for step in steps[12:-1]])
    assert widened.mean() <= 0.01


def test_the_widening_of_chance_is_known() -> None:
    rng, nations = np.random.default_rng(13), 4_000
    for number in (8, 11, 40):
        groups = np.repeat(np.arange(nations), number)
        z = np.abs(rng.normal(size=(nations, number)))
        beyond = np.array([np.median(np.delete(row, 0)) for row in z]) / spread.HALF_NORMAL_MEDIAN
        limit = spread.chance(np.array([number]))[0]
        assert abs((beyond > limit).mean() - 0.01) < 0.006
        found = spread.widening(z.ravel(), groups, np.ones(groups.size, dtype=bool)).reshape(z.shape)[:, 0]
        np.testing.assert_allclose(found, np.where(beyond > max(limit, spread.LEAST), beyond**2, 1.0))


@pytest.mark.parametrize("peers", [1, 7])
def test_too_few_peers_have_no_spread(peers: int) -> None:
    far = np.full(peers, 9.0)
    np.testing.assert_array_equal(spread.widening(far, np.zeros(peers, np.int64), np.ones(peers, dtype=bool)), 1.0)


def test_who_is_missing_gets_the_groups_widening() -> None:
    z, counted = np.full(12, 3.0), np.arange(12) > 0
    found = spread.widening(np.where(counted, z, 0.0), np.zeros(12, np.int64), counted)
    np.testing.assert_allclose(found, (3.0 / spread.HALF_NORMAL_MEDIAN) ** 2)
