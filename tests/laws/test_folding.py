"""A fold in pieces is a fold at once, and nothing that is handed to a fold is touched."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitor.calendars import calendar
from monitor.catalogue import INDICATORS
from monitor.folding import Track, fresh, run
from monitor.gathering import Gathered
from monitor.kept import Block
from monitor.model import PeerGroup
from monitor.settlement import Roll
from tests.laws.world import examples, marks

pytestmark = marks
NOW = datetime(2024, 1, 1, tzinfo=UTC)
MONTHS = calendar("monthly")
FIRST, COUNT, CODES = MONTHS.number(date(2020, 1, 1)), 30, tuple(f"R{place:02d}" for place in range(12))
FOLDED = ("new_complaints", "conduct_complaints_share", "complaints_backlog", "engagement_score")


def track(indicator: str, seed: int) -> Track:
    """Make a track of twelve series over thirty months, some of them missing."""
    rng = np.random.default_rng(seed)
    roll = Roll(
        Block(indicator, "local", PeerGroup.ACUTE), INDICATORS[indicator], MONTHS, timedelta(0), timedelta(days=10),
        dict.fromkeys(CODES, ((FIRST, FIRST + COUNT - 1),)), dict.fromkeys(CODES, FIRST), {},
    )  # fmt: skip
    denominator = rng.uniform(90, 110, (len(CODES), COUNT)).round()
    numerator = (denominator * rng.uniform(0.2, 0.4, denominator.shape)).round()
    numerator[rng.random(numerator.shape) < 0.1] = np.nan
    gathered = Gathered(FIRST, numerator, denominator, np.zeros_like(numerator), np.isfinite(denominator))
    return Track(roll, CODES, fresh(roll, len(CODES)), FIRST, FIRST + COUNT - 1, gathered, denominator)


@given(st.sampled_from(FOLDED), st.integers(0, 99), st.integers(0, COUNT - 2))
@examples(20)
def test_a_fold_in_pieces_is_a_fold_at_once(indicator: str, seed: int, cut: int) -> None:
    whole = track(indicator, seed)
    first = replace(whole, last=FIRST + cut, settlements=[], scores=[])
    run([whole], now=NOW, tick=1)
    run([first], now=NOW, tick=1)
    second = replace(first, first=first.last + 1, last=whole.last)
    run([second], now=NOW, tick=1)
    assert_same(second.state, whole.state)
    for one, other in zip(second.scores, whole.scores, strict=True):
        assert_same(one.arrays, other.arrays)
    for one, other in zip(second.settlements, whole.settlements, strict=True):
        assert_same(one.common, other.common)


@given(st.lists(st.sampled_from(FOLDED), min_size=2, max_size=4, unique=True), st.integers(0, 99))
@examples(10)
def test_blocks_that_fold_together_fold_as_they_do_alone(indicators: list[str], seed: int) -> None:
    together, alone = [track(name, seed) for name in indicators], [track(name, seed) for name in indicators]
    run(together, now=NOW, tick=1)
    for one in alone:
        run([one], now=NOW, tick=1)
    for one, other in zip(together, alone, strict=True):
        assert_same(one.state, other.state)


@given(st.sampled_from(FOLDED), st.integers(0, 99), st.sets(st.integers(0, 11), min_size=1))
@examples(10)
def test_some_series_refolded_with_the_stored_quantities_score_as_they_did(
    indicator: str, seed: int, places: set[int]
) -> None:
    whole = track(indicator, seed)
    run([whole], now=NOW, tick=1)
    rows = sorted(places)
    some = replace(
        whole, organisations=tuple(CODES[row] for row in rows), state=fresh(whole.roll, len(rows)),
        gathered=Gathered(FIRST, *(part[rows] for part in (whole.gathered.numerator, whole.gathered.denominator,
        whole.gathered.known, whole.gathered.is_own))), exposure=whole.exposure[rows],
        stored={each.number: each for each in whole.settlements}, settlements=[], scores=[],
    )  # fmt: skip
    run([some], now=NOW, tick=2)
    assert not some.settlements
    assert_same(some.state, {name: array[rows] for name, array in whole.state.items()})


@given(st.sampled_from(FOLDED), st.integers(0, 99))
@examples(10)
def test_folding_touches_neither_state_nor_figures(indicator: str, seed: int) -> None:
    one = track(indicator, seed)
    state = one.state
    figures = one.gathered.numerator, one.gathered.denominator, one.exposure
    before = {name: array.copy() for name, array in state.items()}, [array.copy() for array in figures]
    run([one], now=NOW, tick=1)
    assert_same(state, before[0])
    for array, then in zip(figures, before[1], strict=True):
        np.testing.assert_array_equal(array, then)


def assert_same(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_allclose(array, other[name], rtol=1e-9, atol=1e-9, err_msg=name)
