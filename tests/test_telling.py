"""What each receiver is told of a tick's changes, over a real store: once each, and within its own number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.alerts.route import Receiver
from monitor.casefile import CaseChange, How, What
from monitor.organisations import registry
from monitor.sight import look
from monitor.store.outbox import Outbox, messages_since
from monitor.store.store import SqlStore
from monitor.telling import MONTH, notifications
from tests.factories import organisations
from tests.store.conftest import fresh_engine
from tests.store.factories import NOW, case, tick

ALL = registry(organisations(9))
EVERYBODY = Receiver("everybody")
ONE_A_MONTH = Receiver("one a month", messages_per_month=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with fresh_engine(tmp_path) as engine:
        yield SqlStore(engine)


def step(number: int, what: What = What.OPENED, *, at_start: bool = False, seconds: float = 0) -> CaseChange:
    at = NOW + timedelta(seconds=seconds)
    return CaseChange(case(f"c{number}", f"RA{number:02d}"), what, "because", at, at_start=at_start)


def turn(store: SqlStore, receiver: Receiver, changes: Sequence[CaseChange], days: int = 0) -> list[How]:
    """Record these changes in a tick of their own; give the way of what was said of each."""
    position, at = store.position("incident_reports"), changes[0].at + timedelta(days=days)
    one = replace(tick(position.tick if position else 0), now=at)
    with store.claim(one) as transaction:
        said = notifications(look(transaction, ALL, one), changes, {}, [receiver])
        transaction.record(changes, said)
    return [each.how for each in said]


def test_two_changes_of_a_case_within_a_second_or_at_one_instant_are_two_messages(store: SqlStore) -> None:
    for seconds in (0.1, 0.7, 0.7):
        turn(store, EVERYBODY, [step(1, What.WORSENED, seconds=seconds)])
    assert len(Outbox(store.engine).pending(NOW, 9)) == 3


def test_a_receiver_s_number_holds_for_every_case_that_comes_as_a_message_whatever_brings_it(store: SqlStore) -> None:
    worsened = [step(number, What.WORSENED) for number in range(6)]
    assert turn(store, ONE_A_MONTH, worsened) == [How.MESSAGE, *[How.DIGEST] * 5]
    assert messages_since(store.engine, NOW) == {"one a month": 1}
    assert turn(store, ONE_A_MONTH, [step(6), step(1, What.WORSENED)]) == [How.DIGEST, How.DIGEST]


def test_cases_that_stood_at_start_count_once_they_interrupt(store: SqlStore) -> None:
    assert turn(store, ONE_A_MONTH, [step(1, at_start=True), step(2, at_start=True)]) == [How.DIGEST, How.DIGEST]
    assert turn(store, ONE_A_MONTH, [step(1, What.WORSENED), step(2, What.WORSENED)]) == [How.MESSAGE, How.DIGEST]


def test_a_case_counts_once_in_the_month_of_its_first_message(store: SqlStore) -> None:
    two_a_month = Receiver("two a month", messages_per_month=2)
    assert turn(store, two_a_month, [step(1)]) == [How.MESSAGE]
    again = [step(1, What.MOVED), step(1, What.WORSENED), step(2, What.WORSENED), step(3)]
    assert turn(store, two_a_month, again) == [*[How.MESSAGE] * 3, How.DIGEST]
    assert messages_since(store.engine, NOW) == {"two a month": 2}
    days = MONTH.days + 1
    assert turn(store, two_a_month, [step(1, What.WORSENED), step(4), step(5), step(6)], days) == [
        *[How.MESSAGE] * 3, How.DIGEST
    ]  # fmt: skip
