"""A merger moves a case; it corrects no figure, and ends nothing on the day."""

from monitor.casefile import What
from tests.laws import nation
from tests.laws.nation import Event, Nation, turns
from tests.laws.world import marks, world

pytestmark = marks


def test_a_moved_case_is_neither_corrected_nor_ended_by_its_successor_s_figures() -> None:
    worse, merged = Event(nation.What.WORSENS, 3, 0, 0), Event(nation.What.MERGED, 3, 2, 3)
    with world() as one:
        live = one.run(turns(Nation(2, 12, ("complaints", "incident_reports"), (worse, merged)))).digest()
        story = [change for change in one.changes if change.case.id.startswith("R03-")]
        assert one.replay() == live

    assert [change.what for change in story] == [What.OPENED, What.WORSENED, What.MOVED]
    assert story[-1].case.organisation == "R04"
