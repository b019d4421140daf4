"""One body's services go to two: its rows end with it, and neither of the two has its history."""

from datetime import date

import numpy as np
import pytest

from monitor.errors import Reason
from monitor.model import Succession
from monitor.store.accounts import accounting
from tests.laws.nation import COMPLAINTS, Nation, turns
from tests.laws.test_late import MARCH, SHARE, at
from tests.laws.world import marks, observations, world

pytestmark = marks
NATION = Nation(5, 12, ("complaints",), ())
SPLIT = date(2023, 3, 1)


def test_rows_of_one_that_was_split_up_are_put_aside_and_neither_heir_has_its_history() -> None:
    plain, split = turns(NATION), turns(NATION)
    one, *heirs = (NATION.organisations[place].code for place in (1, 2, 3))
    split[1].registry = ([], [Succession(one, heir, SPLIT) for heir in heirs])
    with world() as steady, world() as parted:
        steady.run(plain)
        parted.run(split)
        refused = accounting(parted.service.engine, parted.service.bus, COMPLAINTS.key)["dead_lettered_by_worker"]
        later = [
            word
            for turn in split
            for word in observations(turn.said[COMPLAINTS.key])
            if any(part.organisation == one and part.period[0] >= SPLIT for part in word.contributions)
        ]
        assert refused == {Reason.ENDED_ORGANISATION.value: len(later)}
        assert later
        for heir in heirs:
            before = at(steady, SHARE, MARCH - 1, heir)
            assert at(parted, SHARE, MARCH - 1, heir) == pytest.approx(before, rel=1e-9, nan_ok=True)  # design.md §5.2
            together, alone = at(parted, SHARE, MARCH, heir), at(steady, SHARE, MARCH, heir)
            assert (together["numerator"], together["denominator"]) == (alone["numerator"], alone["denominator"])
            assert np.isclose(together["expected"], alone["expected"], rtol=0.2)
