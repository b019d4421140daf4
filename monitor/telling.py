"""What must be said of a tick's case changes, to whom, and in which form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor.alerts.message import compose
from monitor.alerts.route import Receiver, Routing, route
from monitor.casefile import CaseChange, How, Notification
from monitor.disclosure import disclose
from monitor.freezing import Correction
from monitor.sight import Sight

MONTH = timedelta(days=30)
"""A receiver's own number counts the cases whose first message came within so many days."""


def notifications(
    sight: Sight, changes: Sequence[CaseChange], corrections: Mapping[str, Correction], receivers: Sequence[Receiver]
) -> tuple[Notification, ...]:
    """Give what each receiver is told; `corrections` by case."""
    sent = dict(sight.view.messages_since(sight.now - MONTH))
    told = {case: set(receivers) for case, receivers in sight.view.told({one.case.id for one in changes}).items()}
    queued: list[Notification] = []
    for change in changes:
        body = _message(sight, change, corrections.get(change.case.id))
        organisation = sight.organisation(change.case.organisation)
        heard = told.setdefault(change.case.id, set())
        ways = route(change, organisation, receivers, sent_this_month=sent, told=heard)
        for receiver in {way.receiver for way in ways if way.how is How.MESSAGE} - heard:
            sent[receiver] = sent.get(receiver, 0) + 1  # a case counts once, by its first message
            heard.add(receiver)
        queued += addressed(change, ways, body, sight.now, cause=f"tick-{sight.view.sequence}")
    return tuple(queued)


def addressed(
    change: CaseChange, ways: Sequence[Routing], body: Mapping[str, object], now: datetime, *, cause: str
) -> list[Notification]:
    """Give the notification of a change for each receiver that hears of it; a change told again has the same ids.

    `cause`: the tick or the act that made the change, by its number: several of them can have one instant.
    """
    named = f"{change.case.id}/{change.what}/{cause}"
    return [
        Notification(
            f"{named}/{receiver}", change.case.id, receiver, change.what, reason, now, body, how, change.at_start
        )
        for receiver, how, reason in ways
    ]


def _message(sight: Sight, change: CaseChange, correction: Correction | None) -> Mapping[str, object]:
    pack = change.pack or sight.view.pack(change.case.id)
    return compose(
        change, disclose(pack, sight.indicators) if pack else None, sight.organisation(change.case.organisation),
        before=disclose(correction.before, sight.indicators) if correction else None,
        still_opens=correction.still_opens if correction else None,
    )  # fmt: skip
