"""Who has long been low: a run of surveys among the worst tenth of one's peers."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from monitor.calendars import calendar
from monitor.catalogue import INDICATORS
from monitor.folding import LONG_LOW, Track, fresh, run
from monitor.gathering import Gathered
from monitor.kept import Block
from monitor.levels import badness, is_survey, running, worst_tenth
from monitor.model import Family, PeerGroup
from monitor.settlement import Roll
from monitor.store.evidence import evidence_of
from tests.factories import feed

YEARS = calendar("months:12")
FIRST = YEARS.number(date(2019, 12, 1))
CODES = tuple(f"RA{place:02d}" for place in range(24))
NOW = datetime(2025, 3, 1, tzinfo=UTC)


def test_a_tenth_needs_twenty_peers_and_counts_whom_it_heard() -> None:
    heard = np.append(np.arange(20.0), [np.nan] * 10)

    assert worst_tenth(heard) == 18.0
    assert np.isnan(worst_tenth(heard[1:]))


def test_more_is_worse_whatever_the_indicator() -> None:
    some, of = np.array([30.0, 60.0]), np.array([100.0, 100.0])

    assert badness(INDICATORS["burnout_share"], some, of)[1] > badness(INDICATORS["burnout_share"], some, of)[0]
    assert (
        badness(INDICATORS["enough_staff_share"], some, of)[0] > badness(INDICATORS["enough_staff_share"], some, of)[1]
    )


def test_a_run_goes_on_ends_or_waits_for_a_survey_that_says_something() -> None:
    level = np.array([9.0, 1.0, np.nan])

    assert running(np.array([1.0, 1.0, 1.0]), level, 8.0).tolist() == [2.0, 0.0, 1.0]
    assert running(np.array([1.0, 1.0, 1.0]), level, float("nan")).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("indicator", "per_year", "is_one"),
    [("burnout_share", 1, True), ("raising_concerns_score", 1, True), ("engagement_score", 3, False),
     ("conduct_complaints_share", 1, False)],
)  # fmt: skip
def test_only_what_staff_answer_once_a_year_is_followed(indicator: str, per_year: int, is_one: bool) -> None:
    assert is_survey(INDICATORS[indicator], per_year) is is_one


def _track(levels: np.ndarray, codes: tuple[str, ...] = CODES) -> Track:
    """Make the way of some organisations' burnout through three surveys of 1,000 staff each."""
    indicator = INDICATORS["burnout_share"]
    closed = {code: ((FIRST, FIRST + levels.shape[1] - 1),) for code in codes}
    block = Block(indicator.key, "local", PeerGroup.ACUTE)
    roll = Roll(
        block, indicator, YEARS, timedelta(0), timedelta(weeks=16), closed, dict.fromkeys(codes, FIRST), {}
    )  # fmt: skip
    gathered = Gathered(
        FIRST, levels * 10, np.full(levels.shape, 1000.0), np.zeros(levels.shape), np.ones(levels.shape, bool)
    )
    last = FIRST + levels.shape[1] - 1
    return Track(roll, codes, fresh(roll, len(codes)), FIRST, last, gathered, gathered.denominator)


def _levels() -> np.ndarray:
    levels = np.linspace(20.0, 40.0, len(CODES))[:, None] + np.zeros((1, 3))
    levels[-1, 1] = 20.0  # the worst but for one good year
    return levels


def test_a_survey_among_the_worst_tenth_is_counted_as_the_block_settles() -> None:
    track = _track(_levels())
    run([track], now=NOW, tick=1)

    assert track.scores[-1].arrays[LONG_LOW][-3:].tolist() == [0.0, 3.0, 1.0]
    survey = feed("survey", indicators=["burnout_share"], calendar="months:12", family=Family.STAFF_VOICE)
    said = evidence_of(track.scores[-1], survey)
    assert {code: one.long_low for code, one in said.items() if one.long_low} == {"RA22": 3, "RA23": 1}


def test_one_organisation_folded_again_meets_the_tenth_that_was_settled() -> None:
    block = _track(_levels())
    run([block], now=NOW, tick=1)
    alone = _track(_levels()[-2:-1], CODES[-2:-1])
    alone.stored = {one.number: one for one in block.settlements}
    run([alone], now=NOW, tick=2)

    assert alone.state[LONG_LOW].tolist() == [3.0]
