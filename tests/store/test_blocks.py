"""Settlements, scores and states of whole blocks come back as arrays."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sqlalchemy import Engine, update

from monitor.kept import Block, Changes, Saved, Scores
from monitor.model import PeerGroup
from monitor.store import tables
from monitor.store.engine import writing
from monitor.store.store import SqlStore
from tests.store.factories import BLOCK, FEED, FIRST, NOW, contract, scores, settlement, tick, week, write

vectors = arrays.arrays(np.float64, 3, elements=st.floats(width=64))
named = st.dictionaries(st.sampled_from(["z", "worse", "expected"]), vectors, max_size=3)


def same(one: object, other: object) -> bool:
    np.testing.assert_equal(one, other)
    return True


@settings(max_examples=30)
@given(named, st.integers(0, 4))
def test_scores_come_back_as_they_were_written_last(
    shared_store: SqlStore, kept: dict[str, np.ndarray], number: int
) -> None:
    written = Scores(BLOCK, FIRST + number, week(number), ("RAA", "RBB", "RCC"), kept)
    write(shared_store, Changes(scores=[written]))
    (found,) = shared_store.scores(BLOCK, FIRST + number, FIRST + number)
    assert (found.block, found.number, found.period, found.organisations) == (
        *(written.block, written.number, written.period, written.organisations),
    )
    assert same(dict(found.arrays), kept)


def test_settlements_come_back_oldest_first_and_give_the_settled_range(store: SqlStore) -> None:
    write(store, Changes(settlements=[settlement(5)]))
    write(store, Changes(settlements=[settlement(number) for number in (7, 4, 6)]))
    found = store.settlements(BLOCK, FIRST + 4, FIRST + 6, "counts/1")
    assert [each.number - FIRST for each in found] == [4, 5, 6]
    assert replace(found[1], common={}) == replace(settlement(5), common={})
    assert same(dict(found[1].common), dict(settlement(5).common))
    assert store.settled(FEED) == {BLOCK: (FIRST + 4, FIRST + 7)}


def test_of_two_models_settlements_each_finds_its_own(store: SqlStore) -> None:
    later = replace(settlement(0, model="counts/2"), at=NOW + timedelta(days=1))
    write(store, Changes(settlements=[later, settlement(0), settlement(1)]))
    found = {model: store.settlements(BLOCK, FIRST, FIRST + 1, model) for model in ("counts/1", "counts/2", "x/1")}
    assert {model: [(each.number - FIRST, each.model) for each in some] for model, some in found.items()} == {
        "counts/1": [(0, "counts/1"), (1, "counts/1")],
        "counts/2": [(0, "counts/2")],
        "x/1": [],
    }


def test_the_first_close_stands_until_the_period_settles(store: SqlStore) -> None:
    first, second = (BLOCK, FIRST), (BLOCK, FIRST + 1)
    write(store, Changes(closes={first: NOW, second: NOW}))
    write(store, Changes(closes={first: NOW + timedelta(days=3)}))
    assert store.closes(FEED) == {first: NOW, second: NOW}
    write(store, Changes(settlements=[settlement(0)]))
    assert store.closes(FEED) == {second: NOW}


def saved(through: int = 3) -> Saved:
    state = {"level": np.array([1.0, np.nan]), "young": np.array([True, False]), "seen": np.array([[3], [4]])}
    closed, lineage = {"RAA": ((FIRST, FIRST + through),), "RBB": ()}, {"RAA": ("RAA", "RZZ"), "RBB": ("RBB",)}
    return Saved(BLOCK, FIRST, FIRST + through, ("RAA", "RBB"), state, closed, lineage, "counts/1")


def test_a_saved_state_is_the_last_one_saved(store: SqlStore) -> None:
    for through in (3, 4):
        write(store, Changes(saved={BLOCK: saved(through)}))
    found = store.saved(FEED)[BLOCK]
    assert replace(found, state={}) == replace(saved(4), state={})
    assert same(dict(found.state), dict(saved(4).state))
    assert store.saved("complaints") == {}


def test_a_state_of_another_version_is_absent(store: SqlStore, engine: Engine) -> None:
    write(store, Changes(saved={BLOCK: saved()}))
    with writing(engine) as connection:
        connection.execute(update(tables.saved_states).values(state=b"MONSTATE\xff"))
    assert store.saved(FEED) == {}


def test_evidence_is_that_of_the_last_scored_period_of_every_feed(store: SqlStore) -> None:
    other = Block("low_harm_reports", "local", PeerGroup.COMMUNITY)
    write(store, Changes(contract=contract(), scores=[scores(number, worse=(0.5, 0.6)) for number in (2, 1)]))
    write(store, Changes(contract=contract("other"), scores=[scores(0, block=other)]), feed="other")
    with store.claim(tick(1, registry=0)) as transaction:
        everyone = transaction.evidence(None)
        assert {code: [each.worse for each in some] for code, some in everyone.items()} == {
            "RAA": [0.5, 0.2],
            "RBB": [0.6],
        }
        one = everyone["RAA"][0]
        assert (one.period, one.worse_since, one.per_year) == (week(2), week(0)[0], 52)
        assert (one.known, everyone["RBB"][0].known) == (week(2)[1], week(2)[1])
        assert transaction.evidence(["RBB", "RZZ"]) == {"RBB": everyone["RBB"]}


def test_evidence_follows_this_ticks_own_scores_and_forgets_a_rollback(store: SqlStore) -> None:
    write(store, Changes(contract=contract(), scores=[scores(0, worse=(0.5, 0.5))]))
    for ends in (ZeroDivisionError, None):
        try:
            with store.claim(tick(1)) as transaction:
                transaction.write(Changes(scores=[scores(0, worse=(0.1, 0.1))]))
                assert [each.worse for each in transaction.evidence(["RAA"])["RAA"]] == [0.1]
                if ends:
                    raise ends
        except ZeroDivisionError:
            with store.redo(tick(1), 99) as transaction:
                assert [each.worse for each in transaction.evidence(["RAA"])["RAA"]] == [0.5]
