"""What expires, and when: landed bytes, consumed messages, dead letters and, after two years, single events.

Figures, sums, scores, cases, counts and the landing register stay for ever. Every step is done when it is told,
and leaves less to do for whoever begins again: a crash between two of them, or two at once, end in the same state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.heartbeat import HEARTBEAT
from monitor.model import Feed
from monitor.store import expiry, seals
from monitor.wiring import Service

RETENTION = timedelta(days=30)
"""How long bytes and messages of a feed without a contract are kept (design.md §5.7)."""
FILES, MESSAGES, DEAD_LETTERS, EVENTS, SEALED = "files", "messages", "dead_letters", "events", "sealed"
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Step:
    """What one step has dropped, or would: how much of what, of which feed (of files: nobody's, they have many)."""

    feed: str | None
    what: str
    number: int
    seals: seals.Seals = field(default_factory=dict)


def retain(service: Service, *, dry_run: bool = False) -> Iterator[Step]:
    """Drop what has expired, one short step after the other; `dry_run`: only say what would go.

    `Outage` while a replay is under way: it reads settlements, which say what may be sealed.
    """
    now = service.clock.now()
    contracts = service.store.contracts()
    yield from _files(service, contracts, now, dry_run=dry_run)
    for feed in service.bus.feeds():
        contract = contracts.get(feed)
        by = now - (contract.retention if contract else RETENTION)
        yield from _messages(service, feed, by, dry_run=dry_run)
        yield from _dead_letters(service, feed, by, dry_run=dry_run)
        if contract is not None:
            yield from _events(service, contract, now, dry_run=dry_run)
    if not dry_run:
        expiry.drop_told(service.engine, HEARTBEAT, now - RETENTION)


def _files(service: Service, contracts: Mapping[str, Feed], now: datetime, *, dry_run: bool) -> Iterator[Step]:
    kept = {key: contract.retention for key, contract in contracts.items()}
    for name in service.landing.expired(kept, otherwise=RETENTION, now=now):
        if dry_run or service.landing.drop(name, kept, otherwise=RETENTION, now=now):
            yield Step(None, FILES, 1)


def _messages(service: Service, feed: str, by: datetime, *, dry_run: bool) -> Iterator[Step]:
    found = expiry.read_messages(service.engine, feed, by)
    if dry_run:
        yield Step(feed, MESSAGES, len(found))
        return
    for number in expiry.drop_messages(service.engine, feed, found):
        yield Step(feed, MESSAGES, number)


def _dead_letters(service: Service, feed: str, by: datetime, *, dry_run: bool) -> Iterator[Step]:
    if dry_run:
        yield Step(feed, DEAD_LETTERS, expiry.count_dead_letters(service.engine, feed, by))
        return
    for number in expiry.drop_dead_letters(service.engine, feed, by):
        yield Step(feed, DEAD_LETTERS, number)


def _events(service: Service, contract: Feed, now: datetime, *, dry_run: bool) -> Iterator[Step]:
    """Seal what settled long enough ago, and let go of the events that it was summed up from."""
    engine, feed = service.engine, contract.key
    due = seals.due(engine, feed, months_before(now, contract.seal_months))
    if due:
        if not dry_run:
            seals.seal(engine, feed, due)
        yield Step(feed, SEALED, len(due), due)
    for subjects in seals.expired(engine, feed, {**service.store.seals(feed), **due}):
        if not dry_run:
            seals.forget(engine, feed, subjects)
        yield Step(feed, EVENTS, len(subjects))


def months_before(now: datetime, months: int) -> datetime:
    """Give the instant so many calendar months ago, never a day too late.

    >>> months_before(datetime(2026, 3, 31, 12), 25)
    datetime.datetime(2024, 2, 28, 12, 0)
    """
    year, month = divmod(now.year * MONTHS + now.month - 1 - months, MONTHS)
    return now.replace(year=year, month=month + 1, day=min(now.day, 28))
