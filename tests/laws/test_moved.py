"""A merger moves a case; it corrects no figure, and ends nothing on the day."""

from monitor.casefile import What
from monitor.model import Observation
from tests.laws import nation
from tests.laws.nation import COMPLAINTS, INCIDENTS, Event, Nation, turns, words_of
from tests.laws.world import World, marks, world

pytestmark = marks
WORSE, MERGED = Event(nation.What.WORSENS, 3, 0, 0), Event(nation.What.MERGED, 3, 2, 3)
BOTH = ("complaints", "incident_reports")


def story(one: World, code: str) -> list[What]:
    return [change.what for change in one.changes if change.case.id.startswith(f"{code}-")]


def test_a_moved_case_is_neither_corrected_nor_ended_by_its_successor_s_figures() -> None:
    with world() as one:
        live = one.run(turns(Nation(2, 12, BOTH, (WORSE, MERGED)))).digest()
        assert story(one, "R03") == [What.OPENED, What.WORSENED, What.MOVED]
        assert one.changes[-1].case.organisation == "R04"
        assert one.replay() == live


def test_a_case_of_the_successor_s_own_outlasts_the_merger_too() -> None:
    with world() as one:
        one.run(turns(Nation(3, 12, BOTH, (Event(nation.What.WORSENS, 4, 0, 0), MERGED))))
        assert story(one, "R04")[:1] == [What.OPENED]
        assert What.FADED not in story(one, "R04")


def test_what_a_moved_case_has_shown_of_its_predecessor_is_corrected() -> None:
    written = Nation(2, 12, BOTH, (WORSE, MERGED))
    calm, one_of = Nation(2, 12, BOTH, ()), written.organisations[3]
    later = turns(written)
    for contract, numbers in ((COMPLAINTS, range(636, 639)), (INCIDENTS, range(2770, 2780))):
        later[-1].said[contract.key] += _revised(calm, contract, one_of, numbers)
    with world() as one:
        live = one.run(later).digest()
        assert story(one, "R03") == [What.OPENED, What.WORSENED, What.MOVED, What.CORRECTED]
        last = one.changes[-1]
        assert (last.reason, last.case.organisation) == ("a figure of R03 was corrected", "R04")
        assert last.pack is not None
        assert last.pack.organisation == "R03"
        assert one.replay() == live


def _revised(calm: Nation, contract: nation.Feed, whose: nation.Organisation, numbers: range) -> list[Observation]:
    return [word for number in numbers for word in words_of(calm, contract, whose, number, revision=9)]
