"""What a person's act does: it is recorded, a closing closes the case, and who was told of it hears so."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.alerts.route import route
from monitor.cases import acted
from monitor.model import Act, CaseChange, Notification
from monitor.overview import known, message
from monitor.store.cases import act, packs
from monitor.wiring import Service


def perform(service: Service, done: Act) -> None:
    """Record an act and what it changes; `BadRequest` where the case cannot be acted on so."""
    one, frozen = known(service), packs(service.engine, done.case)

    def tell(change: CaseChange, told: frozenset[str]) -> Sequence[Notification]:
        body = message(one, change, frozen)
        about = one.organisation(change.case.organisation)
        return [
            Notification(
                f"{change.case.id}/{change.what}/{change.at:%Y%m%dT%H%M%S}/{receiver}",
                *(change.case.id, receiver, change.what, reason, change.at, body, how.value),
            )
            for receiver, how, reason in route(change, about, service.receivers, sent_this_month={}, told=told)
        ]

    act(service.engine, done, acted, tell)
