"""What must be said of a tick's case changes, to whom, and in which form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from monitor.alerts.message import compose
from monitor.alerts.route import Receiver, route
from monitor.disclosure import disclose
from monitor.freezing import Correction
from monitor.model import CaseChange, Notification
from monitor.sight import Sight

MONTH = timedelta(days=30)
"""A receiver's own number counts the messages of so many days."""


def notifications(
    sight: Sight, changes: Sequence[CaseChange], corrections: Mapping[str, Correction], receivers: Sequence[Receiver]
) -> tuple[Notification, ...]:
    """Give what each receiver is told; `corrections` by case."""
    sent = dict(sight.view.messages_since(sight.now - MONTH))
    told = sight.view.told([change.case.id for change in changes])
    queued = []
    for change in changes:
        body = _message(sight, change, corrections.get(change.case.id))
        organisation = sight.organisation(change.case.organisation)
        ways = route(change, organisation, receivers, sent_this_month=sent, told=told.get(change.case.id, ()))
        for receiver, how, reason in ways:
            sent[receiver] = sent.get(receiver, 0) + (how == "message" and change.what == "opened")
            id = f"{change.case.id}/{change.what}/{change.at:%Y%m%dT%H%M%S}/{receiver}"
            queued.append(
                Notification(id, change.case.id, receiver, change.what, reason, sight.now, body, how)
            )  # fmt: skip
    return tuple(queued)


def _message(sight: Sight, change: CaseChange, correction: Correction | None) -> Mapping[str, object]:
    pack = change.pack or sight.view.pack(change.case.id)
    return compose(
        change, disclose(pack, sight.indicators) if pack else None, sight.organisation(change.case.organisation),
        before=disclose(correction.before, sight.indicators) if correction else None,
        still_opens=correction.still_opens if correction else None,
    )  # fmt: skip
