"""What a person's act does: it is recorded, changes its case or what is normal, and who was told of it hears so."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.alerts.route import route
from monitor.casefile import Act, CaseChange, Notification, Pack
from monitor.cases import acted
from monitor.overview import known, message
from monitor.store.acts import act
from monitor.telling import addressed
from monitor.wiring import Service


def perform(service: Service, done: Act) -> None:
    """Record an act and what it changes; `BadRequest` where the case cannot be acted on so."""
    one = known(service)

    def tell(change: CaseChange, told: frozenset[str], frozen: Pack | None, number: int) -> Sequence[Notification]:
        about = one.organisation(change.case.organisation)
        ways = route(change, about, service.receivers, sent_this_month={}, told=told)
        body = message(one, change, [frozen] if frozen else [])
        return addressed(change, ways, body, change.at, cause=f"act-{number}")

    act(service.engine, done, acted, tell)
