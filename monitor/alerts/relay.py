"""Say what the outbox holds: the loop's body, on ports only.

A notification is marked as sent after its send, so a crash in between sends it again and never loses it;
receivers show one id once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

import structlog

from monitor.errors import Outage
from monitor.model import Notification
from monitor.ports import Notifier

SHORTEST, LONGEST = timedelta(seconds=5), timedelta(hours=1)
BATCH = 100
log = structlog.get_logger()


class Outbox(Protocol):
    """The notifications queued in the transactions that caused them."""

    def pending(self, now: datetime, limit: int) -> Sequence[Notification]:
        """Give notifications that are due and not sent, oldest first."""

    def sent(self, notification: str, at: datetime) -> None:
        """Mark a notification as sent."""

    def failed(self, notification: str, at: datetime, error: str, next_try: datetime) -> None:
        """Note a failed attempt and when the next one is due."""


class Turn(NamedTuple):
    """What one turn of the relay did."""

    sent: int
    failed: int


def turn(outbox: Outbox, notifiers: Mapping[str, Notifier], now: datetime, *, limit: int = BATCH) -> Turn:
    """Send what is due; a receiver that is away gets one attempt, and the rest of its queue waits with it."""
    away: dict[str, datetime] = {}
    sent = 0
    notifications = outbox.pending(now, limit)
    for notification in notifications:
        if notification.receiver in away:
            outbox.failed(notification.id, now, "waits for an earlier message", away[notification.receiver])
            continue
        error = _send(notifiers.get(notification.receiver), notification)
        if error is None:
            outbox.sent(notification.id, now)
            sent += 1
            continue
        away[notification.receiver] = next_try(notification.queued, now)
        outbox.failed(notification.id, now, error, away[notification.receiver])
        log.warning("notification waits", receiver=notification.receiver, case=notification.case, error=error)
    return Turn(sent, len(notifications) - sent)


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
