"""`monitor digest`, `retain` and `heartbeat`: what somebody, or a schedule, starts day by day and week by week."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.accounts import published
from monitor.commands.output import Json, counted, emit, say, table
from monitor.errors import BadRequest
from monitor.heartbeat import HEARTBEAT, Stage, beat, named, stages

if TYPE_CHECKING:
    from monitor.store.seals import Seals
    from monitor.wiring import Service

PANEL = "Operate"
LONGEST_SECONDS = 600.0
"""A heartbeat that takes longer than this to any stage means that a part stands still."""


def digest(
    receivers: Annotated[list[str] | None, typer.Argument(help="Only for these; for all without them.")] = None,
    as_json: Json = False,
) -> None:
    """Queue this week's digest for the relay to send: what was held, what is worth a look, who was not heard from.

    One a receiver and week (Monday to Sunday), however often this runs; what is held later waits for the next.
    """
    from monitor.alerts.relay import iso_week, weekly
    from monitor.overview import around
    from monitor.wiring import opened

    with opened() as service:
        names = _receivers(service, receivers or [])
        now = service.clock.now()
        told = weekly(service.outbox, names, now, around=partial(around, service))
    rows = [
        {
            "receiver": name,
            "week": iso_week(now),
            "queued": made is not None,
            "headline": made and made.body["headline"],
        }
        for name, made in told.items()
    ]
    if as_json:
        emit(rows)
        return
    for row in rows:
        had = f"had the digest of {row['week']} before; the next comes next week"
        typer.echo(f"{row['receiver']}: {row['headline'] or had}")


def _receivers(service: Service, asked: list[str]) -> list[str]:
    known = [receiver.name for receiver in service.receivers]
    for name in asked:
        if name not in known:
            raise BadRequest(
                f"there is no receiver {name!r}; receivers are: {', '.join(known)} (see MONITOR_RECEIVERS)"
            )
    return asked or known


def retain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and drop nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Drop what has expired, and seal what settled long ago; figures, sums, scores, cases and counts stay.

    Landed bytes, messages that were taken in and dead letters go after what the contract says (30 days). Single
    events go 25 months after their periods settled: these keep their sums, and take no event any more. Safe to stop
    at any moment and to run again.
    """
    from monitor.retention import EVENTS, FILES
    from monitor.retention import retain as expire
    from monitor.wiring import opened

    with opened() as service:
        dropped: Counter[tuple[str | None, str]] = Counter()
        sealed: dict[str | None, list[dict[str, str]]] = {}
        for step in expire(service, dry_run=dry_run):
            dropped[step.feed, step.what] += step.number
            sealed.setdefault(step.feed, []).extend(_sealed(step.seals))
        feeds = {feed: _dropped(feed, dropped) | {"sealed": sealed.get(feed, [])} for feed in published(service)}
    if as_json:
        emit({"dry_run": dry_run, "files": dropped[None, FILES], "feeds": feeds})
        return
    rows = [
        (feed, *(len(value) if isinstance(value, list) else value for value in one.values()))
        for feed, one in feeds.items()
    ]
    table(("feed", "messages", "dead letters", EVENTS, "newly sealed"), rows, "nothing was published yet")
    would = "would go" if dry_run else "went"
    say(f"{counted(dropped[None, FILES], 'landed file')} {would}; the register of them stays")


def _dropped(feed: str, dropped: Counter[tuple[str | None, str]]) -> dict[str, Any]:
    from monitor.retention import DEAD_LETTERS, EVENTS, MESSAGES

    return {what: dropped[feed, what] for what in (MESSAGES, DEAD_LETTERS, EVENTS)}


def _sealed(seals: Seals) -> list[dict[str, str]]:
    return [
        {"indicator": indicator, "source": source, "since": since.isoformat(), "before": before.isoformat()}
        for (indicator, source), (since, before) in seals.items()
    ]


def heartbeat(
    within: Annotated[float, typer.Option(min=1, metavar="SECONDS", help="Later than this is late.")] = LONGEST_SECONDS,
    as_json: Json = False,
) -> None:
    """Say how the last heartbeat got from the bus to a receiver of tests, and send another. Exit 1 where it is late.

    It is taken in, queued and sent as any figure and message, by the worker and the relay that run, and belongs to
    no organisation. While one is on its way no other is sent.
    """
    from monitor.wire import encode
    from monitor.wiring import opened

    with opened() as service:
        now = service.clock.now()
        last = _last(service)
        way = () if last is None else stages(last, _reached(service, last), now, timedelta(seconds=within))
        is_through = all(stage.at is not None for stage in way)
        if is_through:
            service.bus.publish(HEARTBEAT, [encode(message, HEARTBEAT) for message in beat(now)])
    _tell(now if is_through else None, last, way, now, as_json=as_json)
    if any(stage.is_late for stage in way):
        raise typer.Exit(1)


def _last(service: Service) -> datetime | None:
    """Give when the last heartbeat was published; None: there is none."""
    from monitor.model import Observation
    from monitor.wire import decode

    end = service.bus.end(HEARTBEAT)
    said = [decode(message) for message in service.bus.read(HEARTBEAT, max(end - 1, 0), 1).messages]
    return next((word.rank[1] for word in said if isinstance(word, Observation)), None)


def _reached(service: Service, published: datetime) -> dict[str, datetime | None]:
    """Give when a heartbeat reached each stage; it is queued in the transaction that takes it in."""
    journey = service.outbox.journey(named(published))
    queued, sent = journey or (None, None)
    held = service.store.words(HEARTBEAT, [HEARTBEAT]).get(HEARTBEAT)
    is_taken_in = held is not None and held.rank[1] >= published
    return {"published": published, "taken in": queued if is_taken_in else None, "queued": queued, "sent": sent}


def _tell(
    sent: datetime | None, last: datetime | None, way: tuple[Stage, ...], now: datetime, *, as_json: bool
) -> None:
    rows = [
        {"stage": stage.name, "at": stage.at, "delay_seconds": stage.delay.total_seconds(), "late": stage.is_late}
        for stage in way
    ]
    if as_json:
        age = None if last is None else (now - last).total_seconds()
        emit({"sent": sent, "last": last and {"published": last, "age_seconds": age, "stages": rows}})
        return
    table(("stage", "at", "seconds after", "late"), [tuple(row.values()) for row in rows], "there was no heartbeat yet")
    say("a heartbeat was sent" if sent else "the last heartbeat is still on its way: is a worker running, and a relay?")


COMMANDS = (digest, retain, heartbeat)
