"""A saved state is only a cache: whoever drops it, at any tick, derives the same."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.store import tables
from monitor.store.engine import writing
from tests.laws.nation import Nation, nations, turns
from tests.laws.world import World, assert_same_scores, examples, marks, world

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


def drop_saved_states(one: World) -> None:
    with writing(one.service.engine) as connection:
        connection.execute(tables.saved_states.delete())
    one.forget()


def told(one: World) -> list[tuple[str, str, str]]:
    return [(change.case.id, change.what, change.reason) for change in one.changes]
