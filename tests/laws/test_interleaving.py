"""For one sequence of instants and acts, words in any order before their settlement give the same scores."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from monitor.model import Message, Observation
from tests.laws.nation import Event, Nation, Turn, What, nations, turns
from tests.laws.world import World, assert_same_scores, assert_same_settlements, concerns, examples, marks, world

pytestmark = marks
PAUSE = timedelta(days=45)
KINDS = (What.LATE, What.STARTS, What.EXPOSED, What.REVISED, What.WITHDRAWN, What.WATCHED, What.LOADED)


CHANGED = (Event(What.REVISED, 4, 0, 1), Event(What.REVISED, 5, 1, 2), Event(What.WITHDRAWN, 2, 1, 1))


@given(nations(kinds=KINDS, most=3), st.integers(0, 999), st.sampled_from([7, 60, 2_000]))
@example(Nation(3, 12, ("complaints",), CHANGED), 1, 60)
@examples(4)
def test_order_batches_and_repeats_change_nothing_before_settlement(nation: Nation, seed: int, batch: int) -> None:
    random, written = Random(seed), turns(nation)
    with world() as plain, world(batch=batch) as mixed:
        plain.run(written)
        mixed.run([shuffled(turn, written[:place], random) for place, turn in enumerate(written)])
        assert_same_scores(mixed.service, plain.service)
        assert_same_settlements(mixed.service, plain.service)
        assert concerns(mixed) == concerns(plain)


@given(nations(kinds=(What.STARTS, What.LATE), most=2))
@examples(2)
def test_a_backlog_is_read_whole_before_anybody_is_called_silent(nation: Nation) -> None:
    away = [replace(turn, now=turn.now + PAUSE) for turn in turns(nation)]  # the worker comes back long after
    with world() as plain, world(batch=7) as behind:
        assert faults(behind.run(away)) == faults(plain.run(away))
        assert_same_settlements(behind.service, plain.service)


def faults(one: World) -> list[tuple[str, str]]:
    return [(change.what, change.case.id) for change in one.changes if change.case.kind == "data"]


def shuffled(turn: Turn, earlier: list[Turn], random: Random) -> Turn:
    """Give what is said at an instant in another order, some of it twice; a contract still comes first.

    Beside it comes some of what was said before, and has been revised or withdrawn since, or has not. Advances keep
    their place behind the words: what comes after one is late for whoever settles at once.
    """
    said = {}
    for feed, messages in turn.said.items():
        words: list[Message] = [message for message in messages if isinstance(message, Observation)]
        rest = [message for message in messages if not isinstance(message, Observation)]
        before = [one for each in earlier for one in each.said.get(feed, ()) if isinstance(one, Observation)]
        newest = {one.subject: one.rank for one in before}
        older = [one for one in before if one.rank < newest[one.subject]]
        words += [*random.sample(words, len(words) // 3), *older, *random.sample(before, len(before) // 20)]
        random.shuffle(words)
        first = 1 if rest and turn.settles else 0
        said[feed] = [*rest[:first], *words, *rest[first:], *random.sample(rest[first:], len(rest[first:]) // 2)]
    return replace(turn, said=said)


@given(nations(kinds=(What.WORSENS, What.STARTS, What.EXPOSED), most=2), st.integers(0, 999))
@examples(3)
def test_words_that_come_after_their_advance_but_before_settlement_score_alike(nation: Nation, seed: int) -> None:
    random, written = Random(seed), turns(nation)
    with world() as plain, world() as waiting:
        plain.run(written)
        waiting.run(delayed(written, random))
        assert_same_scores(waiting.service, plain.service)
        assert_same_settlements(waiting.service, plain.service)


def delayed(written: list[Turn], random: Random) -> list[Turn]:
    """Move some words of each publication to the turn at which its periods settle."""
    later = [replace(turn, said={feed: list(messages) for feed, messages in turn.said.items()}) for turn in written]
    for place in range(1, len(later) - 1, 4):
        for feed, messages in later[place].said.items():
            moved = [one for one in messages if isinstance(one, Observation) and random.random() < 0.3]
            later[place].said[feed] = [one for one in messages if one not in moved]
            later[place + 1].said[feed] = [*moved, *later[place + 1].said.get(feed, ())]
    return later
