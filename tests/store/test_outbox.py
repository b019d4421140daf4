"""The outbox keeps a notification until its receiver has it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from monitor.alerts.relay import turn
from monitor.casefile import How, Notification
from monitor.errors import Outage
from monitor.store.engine import open_engine, writing
from monitor.store.outbox import Outbox
from monitor.store.outbox import queue as add
from monitor.store.store import SqlStore
from monitor.store.tables import metadata
from tests.store.factories import NOW, notification, tick

LATER = NOW + timedelta(minutes=5)


def queue(store: SqlStore, number: int, *notifications: Notification) -> None:
    with store.claim(tick(number)) as transaction:
        transaction.record([], notifications)


def ids(outbox: Outbox, limit: int = 9) -> list[str]:
    return [each.id for each in outbox.pending(NOW, limit)]


def test_notifications_wait_oldest_first_until_they_are_sent(store: SqlStore, engine: Engine) -> None:
    outbox = Outbox(engine)
    queue(store, 0, notification("n1"), notification("n2", minutes=1), notification("n3", minutes=2))
    assert outbox.pending(NOW, 1) == [notification("n1")]
    outbox.sent("n1", LATER)
    assert ids(outbox) == ["n2", "n3"]
    assert outbox.oldest_pending() == NOW + timedelta(minutes=1)


def test_queueing_again_says_nothing_twice(store: SqlStore, engine: Engine) -> None:
    outbox = Outbox(engine)
    queue(store, 0, notification("n1"))
    outbox.sent("n1", LATER)
    queue(store, 1, notification("n1"), notification("n2"))
    assert ids(outbox) == ["n2"]


def test_a_failed_one_waits_for_its_next_try(store: SqlStore, engine: Engine) -> None:
    outbox = Outbox(engine)
    queue(store, 0, notification("n1"), notification("n2"))
    outbox.failed("n1", NOW, "no answer", LATER)
    assert ids(outbox) == []
    assert [each.id for each in outbox.pending(LATER, 9)] == ["n1", "n2"]


def test_only_what_was_queued_after_it_for_the_same_receiver_waits_with_it(store: SqlStore, engine: Engine) -> None:
    outbox = Outbox(engine)
    queue(store, 0, *(notification(f"n{number}", receiver="ab"[number % 2]) for number in range(5)))
    outbox.failed("n2", NOW, "no answer", LATER)
    assert ids(outbox) == ["n0", "n1", "n3"]


class Moody:
    """A receiver that is away or dies in the middle, as these moods say one after the other; then always there."""

    def __init__(self, moods: Sequence[str]) -> None:
        self.moods, self.shown = list(moods), list[str]()

    def send(self, notification: Notification) -> None:
        mood = self.moods.pop(0) if self.moods else "there"
        if mood == "away":
            raise Outage("away; wait")
        if notification.id not in self.shown:
            self.shown.append(notification.id)
        if mood == "dies":
            raise KeyboardInterrupt


MOODS = st.lists(st.sampled_from(["there", "away", "dies"]), max_size=12)
STEPS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["", "a", "b", "ab"])), min_size=1, max_size=20)


@given(MOODS, MOODS, STEPS, st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_every_receiver_hears_of_a_case_in_order_through_outages_and_crashes(
    first: list[str], second: list[str], steps: list[tuple[int, str]], limit: int
) -> None:
    engine = open_engine("sqlite://")
    metadata.create_all(engine)
    outbox, receivers, now = Outbox(engine), {"a": Moody(first), "b": Moody(second)}, NOW
    queued: dict[str, list[str]] = {"a": [], "b": []}
    for number, (seconds, hears) in enumerate([*steps, *[(2 * 3600, "")] * 30]):
        now += timedelta(seconds=seconds)
        with writing(engine) as connection:
            told = [replace(notification(f"{name}{number}", receiver=name), queued=now) for name in hears]
            add(connection, told)
        for one in told:
            queued[one.receiver].append(one.id)
        with suppress(KeyboardInterrupt):
            turn(outbox, receivers, now, limit=limit)
    engine.dispose()
    assert {name: one.shown for name, one in receivers.items()} == queued


def waiting(name: str) -> Notification:
    return replace(notification(name), how=How.DIGEST)


@pytest.mark.parametrize(
    ("dies_before", "held", "queued"), [(1, 3, []), (2, 3, []), (3, 3, []), (4, 3, []), (5, 1, ["d1"])]
)
def test_a_relay_that_dies_as_it_gathers_a_digest_has_queued_all_of_it_or_nothing(
    store: SqlStore, engine: Engine, dies_before: int, held: int, queued: list[str]
) -> None:
    """The statements of gathering are BEGIN, SELECT, UPDATE, INSERT; a notification comes before the relay is back."""
    outbox, statements = Outbox(engine), iter(range(1, 100))

    def dies(*_: object) -> None:
        if next(statements) == dies_before:
            raise KeyboardInterrupt

    queue(store, 0, waiting("n1"), waiting("n2"))
    event.listen(engine, "before_cursor_execute", dies)
    with suppress(KeyboardInterrupt):
        outbox.gather(notification("d1"), ["n1", "n2"])
    event.remove(engine, "before_cursor_execute", dies)
    queue(store, 1, waiting("n3"))
    assert (len(outbox.held()), ids(outbox)) == (held, queued)


def test_two_relays_tell_nothing_in_two_digests(store: SqlStore, engine: Engine) -> None:
    outbox = Outbox(engine)
    queue(store, 0, waiting("n1"), waiting("n2"))
    outbox.gather(notification("d1"), ["n1"])
    with pytest.raises(Outage, match="another relay"):
        outbox.gather(notification("d2"), ["n1", "n2"])
    assert ([each.id for each in outbox.held()], ids(outbox)) == (["n2"], ["d1"])


def test_a_digest_that_was_queued_before_takes_nothing_more(store: SqlStore, engine: Engine) -> None:
    outbox = Outbox(engine)
    queue(store, 0, waiting("n1"), waiting("n2"))
    assert outbox.gather(notification("d1"), ["n1"])
    outbox.sent("d1", LATER)
    assert not outbox.gather(notification("d1"), ["n2"])
    assert ([each.id for each in outbox.held()], ids(outbox)) == (["n2"], [])


def test_nothing_pending_has_no_oldest(engine: Engine) -> None:
    assert Outbox(engine).oldest_pending() is None
