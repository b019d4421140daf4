"""What every record became: the two sums that must come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, select

from monitor import wire
from monitor.errors import BadRecord, BadTopic
from monitor.model import DeadLetter, Receipt
from monitor.ports import Bus
from monitor.store import tables
from monitor.store.engine import reading

BATCH = 5_000  # messages read at once while those that wait are looked through
HEAD = 256  # bytes of an envelope before its data
_TOLD = (b'"type":"monitor.receipt.', b'"type":"monitor.deadletter.')


def accounting(engine: Engine, bus: Bus, feed: str) -> dict[str, Any]:
    """Account for every row of a feed's files and every observation of its topic.

    Files: rows = observations + merged + out of scope + suppressed + dead-lettered. Bus: accepted = applied +
    unchanged + dead-lettered by the worker + pending. `difference` adds up what either sum misses, messages that
    the position has passed and no tick has read, and observations that receipts name and nobody has accepted; 0, or
    something was dropped silently.

    A receipt that no worker has read yet counts as well, so that a file is accounted for from the moment that it is
    published; `receipts_pending` says how many these are. `replayed` counts dead letters whose row was taken after all,
    by what they had been put aside for.

    Observations that lie on the bus after the feed's position are pending; they count as accepted, as yet undecided.
    All else is as it stood at that position, whatever a worker does meanwhile.
    """
    position, counts, taken_in = _taken_in(engine, feed)
    read = {(receipt.file, receipt.run) for receipt in taken_in}
    coming = {(one.file, one.run): one for one in waiting(bus, feed, position) if isinstance(one, Receipt)}
    unread = [receipt for place, receipt in coming.items() if place not in read]
    each = (*taken_in, *unread)
    pending = bus.observations_from(feed, position)  # a tick since then has taken none from after this position
    taken = counts["accepted"]
    refused, replayed = _named(counts, "dead_lettered:"), _named(counts, "replayed:")
    decided = counts["applied"] + counts["unchanged"] + refused.total()
    return {
        "rows": sum(receipt.rows for receipt in each),
        "observations": sum(receipt.observations for receipt in each),
        "merged": sum(receipt.merged for receipt in each),
        "out_of_scope": _by_reason([Counter(receipt.out_of_scope) for receipt in each]),
        "suppressed": sum(receipt.suppressed for receipt in each),
        "dead_lettered": _by_reason([*(Counter(receipt.dead_lettered) for receipt in each), refused]),
        "dead_lettered_by_worker": _by_reason([refused]),
        "replayed": _by_reason([replayed]),
        "accepted": taken + pending,
        "applied": counts["applied"],
        "unchanged": counts["unchanged"],
        "pending": pending,
        "receipts_pending": len(unread),
        "difference": sum(abs(receipt.difference) for receipt in each)
        + abs(taken - decided)
        + abs(position - counts["messages"])
        + max(sum(receipt.observations for receipt in taken_in) - taken, 0),
    }


def waiting(bus: Bus, feed: str, position: int) -> Iterator[Receipt | DeadLetter]:
    """Give the receipts and dead letters that lie on a topic from this position on: no worker has read them yet.

    None where the topic does not go on from there: `monitor doctor` says so.
    """
    with suppress(BadTopic):
        while (batch := bus.read(feed, position, BATCH)).messages:
            position = batch.next
            told = (message for data in batch.messages if (message := _told(data)) is not None)
            yield from (message for message in told if message.feed == feed)


def _told(data: bytes) -> Receipt | DeadLetter | None:
    """Read a message that is a receipt or a dead letter; None: it is another, or the worker will put it aside."""
    head = data[:HEAD]
    if not any(kind in head for kind in _TOLD):
        return None
    try:
        message = wire.decode(data)
    except BadRecord:
        return None
    return message if isinstance(message, Receipt | DeadLetter) else None


def _named(counts: Counter[str], prefix: str) -> Counter[str]:
    return Counter({name.removeprefix(prefix): n for name, n in counts.items() if name.startswith(prefix)})


def _taken_in(engine: Engine, feed: str) -> tuple[int, Counter[str], tuple[Receipt, ...]]:
    """Give a feed's position, and its counts and receipts as they stood there."""
    with reading(engine) as connection:
        before, position = None, _next(connection, feed)
        while before != position:  # PostgreSQL shows each statement what has been committed by then
            counts, each = _counts(connection, feed), _receipts(connection, feed)
            before, position = position, _next(connection, feed)
        return position, counts, each


def _next(connection: Connection, feed: str) -> int:
    table = tables.positions
    return connection.scalar(select(table.c.next).where(table.c.feed == feed)) or 0


def _counts(connection: Connection, feed: str) -> Counter[str]:
    table = tables.counts
    rows = connection.execute(select(table.c.name, table.c.n).where(table.c.feed == feed)).all()
    return Counter({row[0]: row[1] for row in rows})


def _by_reason(counters: list[Counter[str]]) -> dict[str, int]:
    return dict(sorted(sum(counters, Counter()).items()))


def receipts(engine: Engine, feed: str | None = None) -> tuple[Receipt, ...]:
    """Give the receipts of a feed (None: of all), in the order in which they were taken in."""
    with reading(engine) as connection:
        return _receipts(connection, feed)


def _receipts(connection: Connection, feed: str | None) -> tuple[Receipt, ...]:
    table = tables.receipts
    query = select(table.c.body).order_by(table.c.at, table.c.feed, table.c.file, table.c.run)
    bodies = connection.scalars(query if feed is None else query.where(table.c.feed == feed)).all()
    return tuple(wire.load(Receipt, body) for body in bodies)
