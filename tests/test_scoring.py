"""What a block folds in a tick."""

from datetime import date, timedelta

from monitor.calendars import calendar
from monitor.catalogue import INDICATORS
from monitor.detectors import detector_for
from monitor.kept import Block, Saved
from monitor.model import PeerGroup
from monitor.scoring import Lines, Plan, plan
from monitor.settlement import Roll

BLOCK = Block("new_complaints", "local", PeerGroup.ACUTE)
MONTHS = calendar("monthly")


def planned(first_closed: int, *, settled: tuple[int, int]) -> Plan | None:
    """Plan the block of one organisation that has closed everything from this number on."""
    indicator = INDICATORS["new_complaints"]
    closed = {"RA00": ((first_closed, settled[1]),)}
    roll = Roll(BLOCK, indicator, MONTHS, timedelta(0), timedelta(days=7), closed, {"RA00": first_closed}, {})
    kept = {"RA00": (settled,)}
    saved = Saved(BLOCK, *settled, ("RA00",), {}, kept, {}, detector_for(indicator.kind).version)
    return plan(roll, (), settled, saved, (), Lines({}, {}))


def test_a_past_that_reaches_back_to_the_first_number_of_a_calendar_is_folded_from_there() -> None:
    assert MONTHS.start(0) == date(1970, 1, 1)
    for first in (2, 1, 0):
        found = planned(first, settled=(3, 9))
        assert found is not None
        assert (found.first, found.last, found.whole) == (first, 9, True)


def test_what_has_settled_and_is_unchanged_is_left_as_it_is() -> None:
    assert planned(3, settled=(3, 9)) is None
