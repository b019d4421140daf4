"""Say what the outbox holds: the loop's body, on ports only.

A notification is marked as sent after its send, so a crash in between sends it again and never loses it;
receivers show one id once. A digest is queued in the transaction that marks what it tells, so a crash neither
tells that again in another digest nor leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple, Protocol

import structlog

from monitor.alerts.digest import Around, digest
from monitor.calendars import day_of
from monitor.casefile import CaseKind, Notification, What
from monitor.errors import Outage
from monitor.ports import Notifier

DIGEST_EVERY = timedelta(days=7)
SHORTEST, LONGEST = timedelta(seconds=5), timedelta(hours=1)
"""A message that could not be sent waits as long again as it has waited: a moment for a hiccup, an hour at most."""
BATCH = 100
"""Messages sent in one turn of the relay, so that a receiver that is away for long holds up no other for long."""
log = structlog.get_logger()


class Outbox(Protocol):
    """The notifications queued in the transactions that caused them."""

    def pending(self, now: datetime, limit: int) -> Sequence[Notification]:
        """Give notifications that are due and not sent, oldest first.

        None of a receiver that has an older one waiting for its next try: it hears things in their order.
        """

    def sent(self, notification: str, /, at: datetime) -> None:
        """Mark a notification as sent."""

    def failed(self, notification: str, /, at: datetime, error: str, next_try: datetime) -> None:
        """Note a failed attempt and when the next one is due."""


class Held(Protocol):
    """The notifications that wait to be told together."""

    def held(self) -> Sequence[Notification]:
        """Give notifications for the digest that are in none yet, oldest first."""

    def gather(self, digest: Notification, /, entries: Sequence[str]) -> bool:
        """Queue a digest as a message and mark its entries as told by it, all or nothing.

        False: one of its id has been queued before, and nothing is changed.
        """


class Turn(NamedTuple):
    """What one turn of the relay did."""

    sent: int
    failed: int


def turn(outbox: Outbox, notifiers: Mapping[str, Notifier], now: datetime, *, limit: int = BATCH) -> Turn:
    """Send what is due; a receiver that is away gets one attempt, and the rest of its queue waits with it."""
    away: set[str] = set()
    sent = 0
    notifications = outbox.pending(now, limit)
    for notification in notifications:
        if notification.receiver in away:
            continue
        error = _send(notifiers.get(notification.receiver), notification)
        if error is None:
            outbox.sent(notification.id, now)
            sent += 1
            continue
        away.add(notification.receiver)
        outbox.failed(notification.id, now, error, next_try(notification.queued, now))
        log.warning("notification waits", receiver=notification.receiver, case=notification.case, error=error)
    return Turn(sent, len(notifications) - sent)


def digests(
    outbox: Held,
    now: datetime,
    *,
    at_once: bool = False,
    around: Callable[[], Around] = Around,
) -> int:
    """Queue for each receiver whose digest is due one digest of all that is held for it, and give how many.

    A digest is due a week after its oldest entry, and at once for cases that stand when a feed goes live. Then it
    is a message like any other: `turn` sends it, tries again, and sends what was written then.
    `at_once` gathers what is held, due or not; `around` is asked for the rest of a digest only when one is due.
    """
    waiting = _waiting(outbox)
    due = {receiver: held for receiver, held in waiting.items() if at_once or is_due(held, now)}
    for receiver, held in due.items():
        outbox.gather(_together(_hashed(held), receiver, held, now, around()), [entry.id for entry in held])
    return len(due)


def weekly(
    outbox: Held, receivers: Sequence[str], now: datetime, *, around: Callable[[], Around] = Around
) -> Mapping[str, Notification | None]:
    """Queue this week's digest for each of these receivers, with all that is held for it; None: it had one.

    It comes though nothing is held: what is worth a look and who was not heard from change by themselves. One a
    receiver and ISO week, however often and by however many it is asked for; what is held later waits for the next.
    """
    waiting, beside, week = _waiting(outbox), around(), iso_week(now)
    told: dict[str, Notification | None] = {}
    for receiver in receivers:
        held = waiting.get(receiver, [])
        made = _together(week, receiver, held, now, beside)
        told[receiver] = made if outbox.gather(made, [entry.id for entry in held]) else None
    return told


def iso_week(now: datetime) -> str:
    """Name the week of an instant as ISO 8601 does.

    >>> from datetime import UTC
    >>> iso_week(datetime(2027, 1, 1, tzinfo=UTC))
    '2026-W53'
    """
    year, week, _ = day_of(now).isocalendar()
    return f"{year}-W{week:02d}"


def _waiting(outbox: Held) -> dict[str, list[Notification]]:
    waiting: dict[str, list[Notification]] = {}
    for notification in outbox.held():
        waiting.setdefault(notification.receiver, []).append(notification)
    return waiting


def is_due(held: Sequence[Notification], now: datetime) -> bool:
    """Say whether a digest of these is due."""
    return any(entry.queued + DIGEST_EVERY <= now or entry.at_start for entry in held)


def _hashed(held: Sequence[Notification]) -> str:
    """Name a digest by its entries, of which each is in one digest only."""
    return blake2b("\n".join(entry.id for entry in held).encode(), digest_size=8).hexdigest()


def _together(
    name: str, receiver: str, held: Sequence[Notification], now: datetime, around: Around
) -> Notification:  # fmt: skip
    """Write one digest."""
    latest = {entry.case: entry.body for entry in held}  # a case appears once, as it is now
    concerns, faults, nation = (
        [body for body in latest.values() if body["kind"] == kind]
        for kind in (CaseKind.CONCERN, CaseKind.DATA, CaseKind.NATION)
    )
    body = digest(at=now, cases=concerns, data_cases=faults, nation=nation, around=around)
    return Notification(f"digest/{receiver}/{name}", "", receiver, What.DIGEST, "what could wait", now, body)


def next_try(queued: datetime, now: datetime) -> datetime:
    """Say when to try again: after as long as it has waited already, so that waits double without being counted."""
    return now + min(max(now - queued, SHORTEST), LONGEST)


def _send(notifier: Notifier | None, notification: Notification) -> str | None:
    """Send, and give what went wrong; None: nothing."""
    if notifier is None:
        return f"no receiver {notification.receiver!r}; add it to the settings"
    try:
        notifier.send(notification)
    except Outage as error:
        return str(error)
    return None
