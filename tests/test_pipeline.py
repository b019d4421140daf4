"""The story of one tick, on the real store and bus."""

import pytest

from monitor.casefile import CaseChange, What
from monitor.catalogue import INDICATORS
from monitor.disclosure import disclose
from tests.laws import nation
from tests.laws.nation import Event, Nation, turns
from tests.laws.world import world

WORSENED = Event(nation.What.WORSENS, who=0, month=0, how=0)


def opened(nation: Nation, batch: int) -> list[CaseChange]:
    with world(batch=batch) as one:
        return [change for change in one.run(turns(nation)).changes if change.what is What.OPENED]


@pytest.mark.parametrize("batch", [20, 2_000], ids=["cut", "whole"])
def test_a_figure_revised_before_it_settles_says_so_wherever_batches_end(batch: int) -> None:
    revised = Event(nation.What.REVISED, who=0, month=1, how=1)  # after publication, before settlement
    (case,) = opened(Nation(5, 12, ("complaints",), (WORSENED, revised)), batch)

    assert case.pack is not None
    assert [exhibit.first for exhibit in case.pack.exhibits] == [(69.14, 40.0), (33.0, 100.0), (36.0, 0.0)]
    shown = disclose(case.pack, INDICATORS).exhibits
    assert all(any("risen" in reason for reason in exhibit.against) for exhibit in shown)
