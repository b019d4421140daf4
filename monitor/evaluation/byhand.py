"""Brings a demo's files to their feeds' topics as `monitor publish` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from monitor.errors import BadFile
from monitor.evaluation.arrivals import Arrival
from monitor.feeds.delivery import Stated
from monitor.feeds.publish import publish
from monitor.handed import deliver
from monitor.model import Feed
from monitor.wiring import Service

NOON = time(12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ByHand:
    """Publishes each file of a folder under its feed's contract."""

    files: Path
    contracts: Mapping[str, Feed]

    def bring(self, service: Service, arrival: Arrival) -> None:
        """Publish one file at the service's instant; `BadFile` names it, since a demo's files are about nobody."""
        try:
            publish(
                self.contracts[arrival.feed],
                deliver(self.files / arrival.path),
                Stated(arrival.source, arrival.published),
                bus=service.bus,
                landing=service.landing,
                now=service.clock.now(),
            )
        except BadFile as bad:
            raise BadFile(f"{arrival.path}: {bad}") from bad


def noon(day: date) -> datetime:
    """Give the instant at which a demo's days are lived."""
    return datetime.combine(day, NOON)
