"""A tick is written once or not at all, whoever else tries."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC
from threading import Barrier

import pytest
from sqlalchemy import Engine

from monitor.bus.embedded import EmbeddedBus
from monitor.errors import Outage, PositionMoved
from monitor.kept import Changes, Position
from monitor.model import Organisation
from monitor.store import rebuilds
from monitor.store.derived import clear_derived
from monitor.store.history import ticks
from monitor.store.registry import load_organisations
from monitor.store.store import SqlStore
from tests.store.factories import FEED, NOW, cell, contract, notification, sums, tick, word, write
from tests.store.factories import change as change_


def test_a_tick_moves_the_position_with_what_it_writes(store: SqlStore) -> None:
    assert store.position(FEED) is None
    with store.claim(tick(0, next=40)) as transaction:
        transaction.write(Changes(words=[word()], counts={"accepted": 1}))
        assert store.position(FEED) is None
    assert store.position(FEED) == Position("topic-1", 40, 1)
    assert store.words(FEED, ["s1", "s2"]) == {"s1": word()}


@pytest.mark.parametrize("stale", [tick(0, next=9), tick(2), tick(1, topic="made anew"), tick(1, registry=7)], ids=str)
def test_a_stale_tick_is_refused_and_writes_nothing(store: SqlStore, stale: object) -> None:
    write(store, Changes(words=[word()]))
    before = store.position(FEED)
    with pytest.raises(PositionMoved), store.claim(stale) as transaction:  # type: ignore[arg-type]
        transaction.write(Changes(words=[word("s2")]))
    assert store.position(FEED) == before
    assert store.words(FEED, ["s2"]) == {}


def test_what_a_closed_cell_held_first_is_known_ahead_of_the_tick_and_in_it(store: SqlStore) -> None:
    write(store, Changes(sums=sums({cell(): 3.0})))
    then = [
        Changes(sums=sums({cell(): after}), superseded=sums({cell(): before})) for before, after in ((3, 5), (5, 8))
    ]
    with store.ahead(tick(1), then[0]) as view:
        assert view.first_known(cell()) == sums({cell(): 3.0})[cell()]
        assert view.first_known(cell(1)) is None
    for changes in then:
        write(store, changes)
    with store.claim(tick(3, registry=store.registry())) as transaction:
        assert transaction.first_known(cell()) == sums({cell(): 3.0})[cell()]


def test_an_empty_tick_counts_too(store: SqlStore) -> None:
    for number in range(3):
        with store.claim(tick(number, next=0)):
            pass
    assert store.position(FEED) == Position("topic-1", 0, 3)


def test_an_error_rolls_everything_back_and_the_same_tick_can_run_again(store: SqlStore) -> None:
    everything = Changes(contract=contract(), words=[word()], sums=sums({cell(): 1.0}), counts={"accepted": 1})
    with suppress(ZeroDivisionError), store.claim(tick(0)) as transaction:
        transaction.write(everything)
        transaction.record([change_()], [notification()])
        raise ZeroDivisionError
    assert (store.position(FEED), store.contracts(), store.words(FEED, ["s1"])) == (None, {}, {})
    with store.claim(tick(0)) as transaction:
        assert transaction.open_cases() == []
        transaction.write(everything)
    assert store.words(FEED, ["s1"]) == {"s1": word()}


def test_two_workers_on_one_feed_share_its_ticks_without_loss(engine: Engine) -> None:
    """Each tick adds one to a count; whoever loses reads again. The count is the number of ticks."""
    start, turns = Barrier(2), 25

    def work(_: int) -> int:
        store, lost = SqlStore(engine), 0
        start.wait()
        done = 0
        while done < turns:
            position = store.position(FEED) or Position("topic-1", 0, 0)
            try:
                with store.claim(tick(position.tick, next=position.next + 1)) as transaction:
                    transaction.write(Changes(counts={"accepted": 1}))
                done += 1
            except PositionMoved:
                lost += 1
        return lost

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(work, range(2)))
    store = SqlStore(engine)
    assert store.position(FEED) == Position("topic-1", 2 * turns, 2 * turns)
    assert [one.tick.number for one in ticks(engine, FEED)] == list(range(2 * turns))


def test_a_registry_loaded_in_between_is_noticed(store: SqlStore, engine: Engine) -> None:
    known = store.registry()
    load_organisations(engine, [Organisation("RAA", "A trust", None, None)], (), by="ann", at=NOW)
    with pytest.raises(PositionMoved, match="registry"), store.claim(tick(0, registry=known)):
        pass


def test_no_tick_is_let_in_while_all_is_derived_again(store: SqlStore, engine: Engine) -> None:
    write(store, Changes(words=[word()]))
    rebuild = clear_derived(engine)
    with pytest.raises(Outage, match="replay") as caught, store.claim(replace(tick(1), rebuild=store.rebuild())):
        pass
    assert caught.type is Outage  # reading again would not help
    rebuilds.end(engine, rebuild)
    for stale in (0, rebuild):  # had read before the replay, or during it
        with pytest.raises(PositionMoved, match="derived again"), store.claim(replace(tick(1), rebuild=stale)):
            pass
    with store.claim(replace(tick(1), rebuild=store.rebuild())):
        pass
    assert store.position(FEED) == Position("topic-1", 2, 2)


def test_all_feeds_ticks_have_one_order(store: SqlStore, engine: Engine) -> None:
    for feed in ("a", "b", "a", "a", "b"):
        write(store, Changes(), feed=feed)
    assert [(one.tick.feed, one.tick.number) for one in ticks(engine)] == [
        *(("a", 0), ("b", 0), ("a", 1), ("a", 2), ("b", 1))
    ]
    assert ticks(engine)[0].tick.now == NOW.astimezone(UTC)


def test_a_publisher_waits_for_a_tick_and_loses_nothing(store: SqlStore, engine: Engine) -> None:
    bus = EmbeddedBus(engine)
    with ThreadPoolExecutor(1) as publisher:
        with store.claim(tick(0)) as transaction:
            published = publisher.submit(bus.publish, FEED, [b"one", b"two"])
            transaction.write(Changes(words=[word()]))
            assert bus.end(FEED) == 0
        assert published.result(timeout=20) == 2
    assert bus.read(FEED, 0, 10).messages == (b"one", b"two")


def test_a_replayed_tick_sees_the_contract_that_it_knew(store: SqlStore) -> None:
    before = contract()
    after = replace(before, name="as it was renamed later")
    write(store, Changes(contract=before))
    write(store, Changes(contract=after))
    rebuild = clear_derived(store.engine)
    for sequence, known in ((1, before), (2, after)):
        with store.redo(tick(sequence - 1), sequence, rebuild=rebuild) as transaction:
            assert transaction.contracts()[FEED] == known
