"""The outbox keeps a notification until its receiver has it."""

from datetime import timedelta

from sqlalchemy import Engine

from monitor.model import Notification
from monitor.store.outbox import Outbox
from monitor.store.store import SqlStore
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
    assert ids(outbox) == ["n2"]
    assert [each.id for each in outbox.pending(LATER, 9)] == ["n1", "n2"]
    assert (outbox.attempts("n1"), outbox.attempts("n2")) == (1, 0)


def test_nothing_pending_has_no_oldest(engine: Engine) -> None:
    assert Outbox(engine).oldest_pending() is None
