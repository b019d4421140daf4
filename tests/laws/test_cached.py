"""A saved state is only a cache: whoever drops it, at any tick, derives the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from monitor.detectors.state import decode_state
from monitor.store import tables
from monitor.store.engine import reading, writing
from monitor.store.prepared import blob
from tests.laws.nation import Event, Nation, What, nations, turns
from tests.laws.world import World, assert_same_scores, examples, marks, settlements, world

pytestmark = marks


@given(nations(), st.sets(st.integers(0, 12), min_size=1))
@examples(4)
def test_a_worker_without_memory_derives_what_one_with_memory_does(nation: Nation, forgets: set[int]) -> None:
    with world() as steady, world() as forgetful:
        for place, turn in enumerate(turns(nation)):
            if place in forgets:
                forgetful.forget()
            for one in (steady, forgetful):
                one.run([turn])
        assert forgetful.digest() == steady.digest()


@given(nations(), st.sets(st.integers(0, 12), min_size=1))
@examples(4)
def test_dropped_states_fold_anew_to_the_same_scores(nation: Nation, drops: set[int]) -> None:
    with world() as steady, world() as dropping:
        for place, turn in enumerate(turns(nation)):
            if place in drops:
                drop_saved_states(dropping)
            for one in (steady, dropping):
                one.run([turn])
        assert_same_scores(dropping.service, steady.service)
        assert told(dropping) == told(steady)


@pytest.mark.parametrize("place", [7, 8, 9])
def test_the_last_periods_before_a_merger_are_summed_alike_however_they_settle(place: int) -> None:
    silent, merged = Event(What.LATE, who=3, month=0, how=6), Event(What.MERGED, who=3, month=1, how=0)
    written = turns(Nation(5, 12, ("complaints",), (silent, merged)))  # silent in the month before the merger
    with world() as steady, world() as dropping:
        for one in (steady, dropping):
            one.run(written[:place])
        drop_saved_states(dropping)
        for one in (steady, dropping):
            one.run(written[place:])
        assert_same_scores(dropping.service, steady.service)


@given(nations(most=0), st.integers(2, 8))
@examples(3)
def test_what_another_version_of_a_detector_left_is_folded_and_settled_anew(nation: Nation, place: int) -> None:
    written = turns(nation)
    with world() as steady, world() as upgraded:
        for one in (steady, upgraded):
            one.run(written[:place])
        spoil(upgraded)
        for one in (steady, upgraded):
            one.run(written[place:])
        assert_same_scores(upgraded.service, steady.service)
        assert settlements(upgraded.service).keys() == settlements(steady.service).keys()
        with reading(upgraded.service.engine) as connection:
            kept = set(connection.scalars(select(tables.settlements.c.model)))
            assert set(connection.scalars(select(tables.saved_states.c.model))) == kept - {"0"}
            assert "0" in kept, "what the other version settled is a part of the record"


def spoil(one: World) -> None:
    """Let all that is stored be of a version 0, which saw other numbers."""
    with writing(one.service.engine) as connection:
        for table, column in ((tables.saved_states, "state"), (tables.settlements, "common")):
            for row in connection.execute(select(table)).all():
                arrays = {name: array + 1 for name, array in decode_state(row._mapping[column]).items()}
                which = [part == row._mapping[part.name] for part in table.primary_key]
                connection.execute(update(table).where(*which).values({column: blob(arrays), "model": "0"}))
    one.forget()


def drop_saved_states(one: World) -> None:
    with writing(one.service.engine) as connection:
        connection.execute(tables.saved_states.delete())
    one.forget()


def told(one: World) -> list[tuple[str, str, str]]:
    return [(change.case.id, change.what, change.reason) for change in one.changes]
