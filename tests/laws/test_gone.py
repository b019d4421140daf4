"""A case that people took up outlives its evidence: it keeps what it showed, and wakes when evidence is back."""

from datetime import date, timedelta

from monitor.calendars import Calendar, calendar
from monitor.casefile import CaseChange, What
from monitor.model import Advance, Feed, Message
from tests.laws import nation
from tests.laws.nation import COMPLAINTS, INCIDENTS, Event, Nation, turns, words_of
from tests.laws.world import World, act_on_cases, marks, world

pytestmark = marks
WORSE = Nation(5, 12, ("complaints", "incident_reports"), (Event(nation.What.WORSENS, 1, 0, 0),))
MONTHS, WEEKS = calendar("monthly"), calendar("weekly")
APRIL, AUGUST = date(2023, 4, 1), date(2023, 8, 1)
LATER = 100
"""Days after the history's end by which no evidence counts any more."""


def later(one: World, days: int) -> CaseChange:
    """Let the worker turn so many days after the history's end; give the one change of a concern."""
    had = len(one.changes)
    one.work(WORSE.instants[-1] + timedelta(days=days))
    (found,) = [change for change in one.changes[had:] if change.case.kind == "concern"]
    return found


def summer(contract: Feed, periods: Calendar) -> list[Message]:
    """Publish what came after the history, with one organisation far worse than before."""
    numbers = range(periods.first_within(APRIL), periods.last_before(AUGUST) + 1)
    said: list[Message] = [
        word
        for place, each in enumerate(WORSE.organisations)
        for number in numbers
        for word in words_of(WORSE, contract, each, number, factor=4.0 if place == 1 else 1.0, revision=1)
    ]
    whole = periods.start(numbers[0]), periods.start(numbers[-1] + 1)
    return [*said, Advance(contract.key, "local", *whole, frozenset(each.code for each in WORSE.organisations))]


def test_a_touched_case_keeps_its_evidence_when_that_has_gone_and_wakes_when_it_is_back() -> None:
    february = MONTHS.number(date(2023, 2, 1))
    with world() as one:
        one.run(turns(WORSE))
        act_on_cases(one.service, nation.What.WATCHED, WORSE.instants[-1])
        gone = later(one, LATER)
        assert (gone.what, gone.case.is_gone, len(gone.case.signals)) == (What.GONE, True, 4)

        revised = words_of(WORSE, COMPLAINTS, WORSE.organisations[1], february, revision=9, factor=3.0)
        one.publish({COMPLAINTS.key: revised})
        corrected = later(one, LATER + 2)
        assert corrected.what is What.CORRECTED
        assert corrected.pack is not None
        assert len(corrected.pack.exhibits) == 3, "what it showed, one of its signals having no reading"

        one.publish({INCIDENTS.key: summer(INCIDENTS, WEEKS)})
        back = later(one, LATER + 3)
        assert (back.what, back.reason[:21], back.case.is_gone) == (What.WORSENED, "the evidence is back:", False)
        assert back.pack is not None
        assert {exhibit.signal for exhibit in back.pack.exhibits} <= set(back.case.signals)
        assert max(signal.period for signal in back.case.signals) > max(signal.period for signal in gone.case.signals)

        assert later(one, 3 * LATER).what is What.GONE, "and its second end is told"
