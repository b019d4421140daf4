"""What comes late is scored late: holes, first values, mergers, exposure and history before the beginning."""

from datetime import date

import numpy as np
import pytest

from monitor.calendars import calendar
from monitor.kept import Block
from monitor.model import PeerGroup
from tests.laws.nation import BEGIN, Event, Nation, What, turns
from tests.laws.world import World, marks, scores, world

pytestmark = marks
MONTHS, WEEKS = calendar("monthly"), calendar("weekly")
SHARE, MARCH = "conduct_complaints_share", MONTHS.number(date(2023, 3, 1))
DUE, PUBLISHED_AGAIN, ARRIVED = 7, 9, 11
"""Turns: March is due; April is published; what was missing of March arrives."""


def nation(*events: Event, keys: tuple[str, ...] = ("complaints",)) -> Nation:
    return Nation(5, 12, keys, events)


def at(one: World, indicator: str, number: int, code: str = "R03") -> dict[str, float]:
    return scores(one.service)[Block(indicator, "local", PeerGroup.ACUTE), number][code]


def test_a_hole_waits_is_missing_when_due_and_is_scored_when_it_is_filled() -> None:
    written = turns(nation(Event(What.LATE, 3, 0, 5)))
    with world() as one:
        one.run(written[:DUE])
        assert (Block(SHARE, "local", PeerGroup.ACUTE), MARCH) not in scores(one.service), "eight of nine is no quorum"
        one.run(written[DUE:PUBLISHED_AGAIN])
        missing, before = at(one, SHARE, MARCH), at(one, SHARE, MARCH - 1)
        assert np.isnan([missing["numerator"], missing["z"]]).all()
        assert (missing["worse"], missing["known"]) == (before["worse"], before["known"])
        one.run(written[PUBLISHED_AGAIN:ARRIVED])
        april = at(one, SHARE, MARCH + 1)
        assert np.isfinite(april["z"]), "the run goes on behind a hole that is due"
        one.run(written[ARRIVED:])
        assert np.isfinite(at(one, SHARE, MARCH)["z"])
        assert at(one, SHARE, MARCH)["known"] == date(2023, 4, 11).toordinal(), "known: its first landing or due day"
        assert at(one, SHARE, MARCH + 1)["expected"] != april["expected"], "its own series folds again"


def test_history_before_the_beginning_is_folded_in_front() -> None:
    whole = nation(*(Event(What.PREPENDED, place, 1, 0) for place in range(12)))
    written = turns(whole)
    block = Block(SHARE, "local", PeerGroup.ACUTE)
    with world() as one:
        one.run(written[:5])
        begins, before = one.service.store.settled("complaints")[block][0], at(one, SHARE, MARCH - 1)
        one.run(written[5:])
        assert one.service.store.settled("complaints")[block][0] == MONTHS.number(BEGIN) < begins
        assert np.isnan(before["z"])
        assert np.isfinite(at(one, SHARE, MARCH - 1)["z"]), "with its history it is warm"


def test_exposure_that_starts_late_is_read_for_all_periods() -> None:
    written = turns(nation(Event(What.EXPOSED, 3, 1, 0)))
    with world() as one:
        one.run(written[:5])
        assert np.isnan(at(one, "new_complaints", MARCH - 1)["denominator"])
        one.run(written[5:])
        assert at(one, "new_complaints", MARCH)["denominator"] == 1000.0
        assert at(one, "new_complaints", MARCH - 12)["denominator"] == 1000.0


@pytest.mark.parametrize("how", [1, 2])
def test_a_successor_folds_its_predecessors_history_and_its_earlier_scores_stay(how: int) -> None:
    written = turns(nation(Event(What.MERGED, 2, 0, how), keys=("complaints", "incident_reports")))
    loaded, week = 1 + how, WEEKS.number(date(2023, 2, 6))
    with world() as one:
        one.run(written[:loaded])
        earlier = at(one, "low_harm_reports", week)
        one.run(written[loaded:])
        assert repr(at(one, "low_harm_reports", week)) == repr(earlier)
        summed = at(one, "low_harm_reports", WEEKS.number(date(2023, 3, 1)))
        assert summed["expected"] > 1.5 * earlier["expected"]
        assert np.isfinite(at(one, "conduct_complaints_share", MARCH)["z"])
        assert np.isnan(at(one, "complaints_backlog", MARCH)["z"]), "bare values start anew with the merger"
