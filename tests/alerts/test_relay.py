from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.relay import LONGEST, SHORTEST, digests, next_try, turn, weekly
from monitor.casefile import CaseKind, How, Notification, What
from monitor.errors import Outage
from tests.exhibits import AT, message_of


def notification_of(number: int, receiver: str = "a") -> Notification:
    return Notification(
        f"n{number}", "C-7", receiver, What.OPENED, "first", AT + timedelta(seconds=number), {"n": number}
    )


def held_of(number: int, *, at_start: bool = False, **changes: object) -> Notification:
    body = message_of(id=f"C-{number}", **changes)
    return Notification(f"n{number}", f"C-{number}", "a", What.OPENED, "budget", AT, body, How.DIGEST, at_start)


@dataclass
class Memory:
    """An outbox in memory."""

    queued: list[Notification]
    due: dict[str, datetime] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    def pending(self, now: datetime, limit: int) -> Sequence[Notification]:
        waiting = [item for item in self.queued if item.how is How.MESSAGE and item.id not in self.done]
        late = {
            item.receiver: place for place, item in reversed([*enumerate(waiting)]) if self.due.get(item.id, now) > now
        }
        return [item for place, item in enumerate(waiting) if place < late.get(item.receiver, len(waiting))][:limit]

    def held(self) -> Sequence[Notification]:
        return [item for item in self.queued if item.how is How.DIGEST and item.id not in self.done]

    def gather(self, digest: Notification, entries: Sequence[str]) -> bool:
        if any(item.id == digest.id for item in self.queued):
            return False
        self.queued.append(digest)
        self.done += entries
        return True

    def sent(self, notification: str, at: datetime) -> None:
        self.done.append(notification)

    def failed(self, notification: str, at: datetime, error: str, next_try: datetime) -> None:
        self.due[notification], self.errors[notification] = next_try, error


@dataclass
class Receiver:
    """Shows one id once; away, or crashing after a send, as often as it is told to."""

    away: int = 0
    crashes: int = 0
    shown: list[str] = field(default_factory=list)
    bodies: list[Mapping[str, object]] = field(default_factory=list)

    def send(self, notification: Notification) -> None:
        if self.away:
            self.away -= 1
            raise Outage("away; wait")
        if notification.id not in self.shown:
            self.shown.append(notification.id)
            self.bodies.append(notification.body)
        if self.crashes:
            self.crashes -= 1
            raise KeyboardInterrupt


def test_what_is_due_is_sent_in_order_and_marked() -> None:
    outbox, receiver = Memory([notification_of(1), notification_of(2)]), Receiver()
    assert turn(outbox, {"a": receiver}, AT) == (2, 0)
    assert receiver.shown == outbox.done == ["n1", "n2"]


def test_a_receiver_that_is_away_holds_up_nobody_else_and_gets_one_attempt() -> None:
    outbox = Memory([notification_of(1), notification_of(2), notification_of(3, "b")])
    away, other = Receiver(away=5), Receiver()
    assert turn(outbox, {"a": away, "b": other}, AT + timedelta(minutes=1)) == (1, 2)
    assert (other.shown, away.away) == (["n3"], 4)


def test_an_unknown_receiver_waits_with_the_remedy() -> None:
    outbox = Memory([notification_of(1)])
    turn(outbox, {}, AT)
    assert outbox.errors["n1"] == "no receiver 'a'; add it to the settings"


def test_a_bug_ends_the_process_and_nothing_is_marked() -> None:
    class Broken:
        def send(self, notification: Notification) -> None:
            raise ValueError("a bug")

    outbox = Memory([notification_of(1)])
    with pytest.raises(ValueError, match="a bug"):
        turn(outbox, {"a": Broken()}, AT)
    assert (outbox.done, outbox.errors) == ([], {})


@given(st.integers(0, 6), st.integers(0, 4), st.integers(1, 5))
def test_nothing_is_lost_through_outages_and_crashes(away: int, crashes: int, count: int) -> None:
    outbox, receiver = Memory([notification_of(number) for number in range(count)]), Receiver(away, crashes)
    now = AT
    for _ in range(away + crashes + 2):
        now += 2 * LONGEST
        try:
            turn(outbox, {"a": receiver}, now)
        except KeyboardInterrupt:
            continue
    assert receiver.shown == outbox.done == [notification.id for notification in outbox.queued]


def test_waits_double_up_to_an_hour() -> None:
    assert next_try(AT, AT) == AT + SHORTEST
    assert next_try(AT, AT + timedelta(minutes=4)) == AT + timedelta(minutes=8)
    assert next_try(AT, AT + timedelta(days=2)) == AT + timedelta(days=2) + LONGEST


def told(outbox: Memory, receiver: Receiver, now: datetime, *, at_once: bool = False) -> int:
    """Gather what is due and send it; give how many went out."""
    digests(outbox, now, at_once=at_once)
    return turn(outbox, {"a": receiver}, now).sent


def test_what_can_wait_is_told_together_once_a_week() -> None:
    outbox, receiver = Memory([held_of(1), held_of(2), held_of(3, kind=CaseKind.DATA)]), Receiver()
    assert told(outbox, receiver, AT + timedelta(days=6)) == 0
    assert told(outbox, receiver, AT + timedelta(days=7)) == 1
    assert told(outbox, receiver, AT + timedelta(days=20)) == 0
    assert [body["headline"] for body in receiver.bodies] == ["Digest: 2 cases, 0 watch items, 1 fault of data."]


def test_the_nation_stands_in_a_section_of_its_own_among_neither_cases_nor_faults() -> None:
    outbox, receiver = (
        Memory([held_of(1), held_of(2, kind=CaseKind.NATION), held_of(3, kind=CaseKind.DATA)]),
        Receiver(),
    )
    assert told(outbox, receiver, AT, at_once=True) == 1
    (body,) = receiver.bodies
    sections = {section["title"]: len(section["lines"]) for section in body["sections"]}  # type: ignore[attr-defined]
    assert sections == {"The nation as a whole": 1, "Cases": 1, "Faults of data, not of care": 1}
    assert body["headline"] == ("Digest: 1 case, 0 watch items, 1 fault of data, 1 word on the nation as a whole.")


def test_what_stands_at_the_start_is_told_at_once() -> None:
    assert told(Memory([held_of(1, at_start=True)]), Receiver(), AT) == 1


def test_a_digest_that_fails_or_repeats_loses_nothing_and_shows_once() -> None:
    outbox, receiver = Memory([held_of(1), held_of(2)]), Receiver(away=1, crashes=1)
    assert told(outbox, receiver, AT, at_once=True) == 0
    assert told(outbox, receiver, AT, at_once=True) == 0, "a receiver that is away is not asked again at once"
    with pytest.raises(KeyboardInterrupt):
        told(outbox, receiver, AT + LONGEST, at_once=True)
    assert told(outbox, receiver, AT + LONGEST, at_once=True) == 1
    assert (len(receiver.shown), outbox.done[:2]) == (1, ["n1", "n2"])


def test_what_comes_while_a_digest_waits_is_told_in_the_next() -> None:
    outbox, receiver = Memory([held_of(1), held_of(2)]), Receiver(crashes=1)
    with pytest.raises(KeyboardInterrupt):
        told(outbox, receiver, AT, at_once=True)
    outbox.queued.append(held_of(3))
    assert told(outbox, receiver, AT, at_once=True) == 2
    assert [body["headline"][:15] for body in receiver.bodies] == ["Digest: 2 cases", "Digest: 1 case,"]


def test_a_week_has_one_digest_for_each_receiver_and_what_comes_later_waits_for_the_next() -> None:
    outbox = Memory([held_of(1), held_of(2)])
    first = weekly(outbox, ["a", "b"], AT)
    assert [(name, made and made.body["headline"][:15]) for name, made in first.items()] == [
        ("a", "Digest: 2 cases"), ("b", "Digest: 0 cases")
    ]  # fmt: skip
    outbox.queued.append(held_of(3))
    assert weekly(outbox, ["a", "b"], AT) == {"a": None, "b": None}
    next_week = weekly(outbox, ["a"], AT + timedelta(days=7))["a"]
    assert next_week is not None
    assert next_week.body["headline"][:14] == "Digest: 1 case"
