"""What has been recorded derives everything again: a replay gives the hash that the history itself has."""

from hypothesis import given

from tests.laws.nation import Nation, nations, turns
from tests.laws.world import examples, marks, world

pytestmark = marks


@given(nations(most=7))
@examples(6)
def test_a_replay_gives_the_hash_of_the_history(nation: Nation) -> None:
    with world() as one:
        live = one.run(turns(nation)).digest()
        assert one.replay() == live
        assert one.replay() == live


@given(nations(most=5))
@examples(2)
def test_a_history_goes_on_after_a_replay_as_if_there_had_been_none(nation: Nation) -> None:
    written = turns(nation)
    with world() as steady, world() as replayed:
        steady.run(written)
        replayed.run(written[:7])
        replayed.replay()  # the worker is told so by its next claim
        assert replayed.run(written[7:]).digest() == steady.digest()
