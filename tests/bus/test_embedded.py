"""The embedded log keeps the bus's promises: durable, in order, dense, one topic a feed."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.bus.embedded import CHUNK, EmbeddedBus
from monitor.errors import BadTopic
from monitor.model import Advance
from monitor.store.expiry import PART, drop_messages, read_messages
from monitor.store.store import SqlStore
from monitor.wire import encode
from tests.store.conftest import fresh_engine
from tests.store.factories import FEED, NOW, tick, word


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with fresh_engine(tmp_path) as engine:
        yield SqlStore(engine)


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[EmbeddedBus]:
    with fresh_engine(tmp_path) as engine:
        yield EmbeddedBus(engine)


def numbered(count: int, name: str = "m") -> list[bytes]:
    return [f"{name}{number}".encode() for number in range(count)]


def test_an_empty_bus_has_no_topics(bus: EmbeddedBus) -> None:
    assert (bus.feeds(), bus.topic(FEED), bus.end(FEED), bus.read(FEED, 0, 5).messages) == ((), None, 0, ())


def test_messages_come_back_in_order_in_batches(bus: EmbeddedBus) -> None:
    messages = numbered(2 * CHUNK + 5)
    assert bus.publish(FEED, iter(messages)) == len(messages) == bus.end(FEED)
    position, read = 0, list[bytes]()
    while (batch := bus.read(FEED, position, 999)).messages:
        position = batch.next
        read.extend(batch.messages)
    assert read == messages
    assert position == bus.end(FEED)


def test_feeds_have_topics_of_their_own_with_lasting_identities(bus: EmbeddedBus) -> None:
    bus.publish("b", numbered(3))
    bus.publish("a", numbered(1))
    first = bus.topic("a")
    bus.publish("a", numbered(1))
    assert bus.feeds() == ("a", "b")
    assert first == bus.topic("a") != bus.topic("b")
    assert (bus.end("a"), bus.end("b")) == (2, 3)


def test_publishers_at_once_leave_no_gap_and_keep_their_own_order(bus: EmbeddedBus) -> None:
    names = ("x", "y", "z")
    with ThreadPoolExecutor(3) as publishers:
        list(publishers.map(lambda name: [bus.publish(FEED, [one]) for one in numbered(20, name)], names))
    read = bus.read(FEED, 0, 100).messages
    assert bus.end(FEED) == len(read) == 60
    for name in names:
        assert [message for message in read if message.startswith(name.encode())] == numbered(20, name)


def test_a_publisher_that_fails_leaves_whole_chunks(bus: EmbeddedBus) -> None:
    def failing() -> Iterator[bytes]:
        yield from numbered(CHUNK + 10)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bus.publish(FEED, failing())
    assert bus.end(FEED) == CHUNK


def test_only_observations_are_pending(bus: EmbeddedBus) -> None:
    day = NOW.date()
    advance = encode(Advance(FEED, "local", day, day, None), FEED)
    bus.publish(FEED, [encode(word(), FEED), advance, encode(word("s2"), FEED)])
    assert [bus.observations_from(FEED, position) for position in (0, 1, 2, 3)] == [2, 1, 1, 0]


def test_whoever_waits_hears_of_what_another_publishes_and_of_what_came_just_before(tmp_path: Path) -> None:
    with fresh_engine(tmp_path) as engine, ThreadPoolExecutor(1) as idle:
        bus, begun = EmbeddedBus(engine), time.monotonic()
        bus.wait(60)  # the first comes back at once: it has nothing to compare with
        EmbeddedBus(engine).publish(FEED, numbered(1))
        bus.wait(60)
        heard = idle.submit(bus.wait, 60)
        EmbeddedBus(engine).publish(FEED, numbered(1))
        heard.result()
        assert time.monotonic() - begun < 60


def test_whoever_waits_for_nothing_waits_no_longer_than_asked(bus: EmbeddedBus) -> None:
    bus.wait(0)
    begun = time.monotonic()
    bus.wait(0.05)
    assert time.monotonic() - begun >= 0.05


def test_what_was_read_expires_and_positions_go_on_as_if_it_were_there(store: SqlStore) -> None:
    bus, late = EmbeddedBus(store.engine), NOW + timedelta(days=1)
    bus.publish(FEED, numbered(2 * PART + 7))
    topic = bus.topic(FEED)
    assert topic is not None
    with store.claim(tick(0, topic=topic, next=PART + 5)):
        pass
    assert len(read_messages(store.engine, FEED, NOW - timedelta(seconds=1))) == 0, "read too lately"
    assert sum(drop_messages(store.engine, FEED, read_messages(store.engine, FEED, late))) == PART + 5
    assert len(read_messages(store.engine, FEED, late)) == 0, "what nobody has read stays"
    assert bus.read(FEED, PART + 5, 1).messages == (f"m{PART + 5}".encode(),)
    assert (bus.end(FEED), bus.topic(FEED)) == (2 * PART + 7, topic)
    with pytest.raises(BadTopic, match=f"messages 3 to {PART + 4} have expired and nobody has read them"):
        bus.read(FEED, 3, 10)
