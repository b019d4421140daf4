"""What is kept for a while only: messages that were taken in, dead letters, and heartbeats that were told.

Counts and receipts stay for ever, so the accounts of design.md §5.4 come out before and after. Each function drops
a part at a time, in transactions short enough that nobody waits for the lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, bindparam, func, select

from monitor.store import tables
from monitor.store.engine import reading, writing

PART = 200  # rows dropped in one transaction: about 10 ms of the write lock, on a busy machine 30


def read_messages(engine: Engine, feed: str, by: datetime) -> range:
    """Give the positions of the messages that were taken in by this instant and still lie on the topic."""
    topics, log, ticks, positions = tables.topics, tables.log, tables.ticks, tables.positions
    topic = select(topics.c.id, topics.c.identity).where(topics.c.feed == feed)
    with reading(engine) as connection:
        found = connection.execute(topic).first()
        if found is None:
            return range(0)
        mine = (ticks.c.feed == feed, ticks.c.topic == found.identity, ticks.c.now <= by)
        taken = connection.scalar(select(func.max(ticks.c.next)).where(*mine)) or 0
        stands = connection.scalar(select(positions.c.next).where(positions.c.feed == feed)) or 0
        first = connection.scalar(select(func.min(log.c.position)).where(log.c.topic == found.id))
    return range(0) if first is None else range(first, max(first, min(taken, stands)))


def drop_messages(engine: Engine, feed: str, positions: range) -> Iterator[int]:
    """Drop these messages of a topic, oldest first; positions go on as if they were there."""
    topics, log = tables.topics, tables.log
    mine = select(topics.c.id).where(topics.c.feed == feed).scalar_subquery()
    for start in range(positions.start, positions.stop, PART):
        some = log.c.position.between(start, min(start + PART, positions.stop) - 1)
        with writing(engine) as connection:
            connection.execute(log.delete().where(log.c.topic == mine, some))
        yield min(PART, positions.stop - start)


def count_dead_letters(engine: Engine, feed: str, by: datetime) -> int:
    """Count the dead letters of a feed that were put aside by this instant."""
    table = tables.dead_letters
    query = select(func.count()).select_from(table).where(table.c.feed == feed, table.c.at <= by)
    with reading(engine) as connection:
        return connection.scalar(query) or 0


def drop_dead_letters(engine: Engine, feed: str, by: datetime) -> Iterator[int]:
    """Drop the dead letters of a feed that were put aside by this instant; what was counted stays counted."""
    table = tables.dead_letters
    keys = list(table.primary_key)
    query = select(*keys).where(table.c.feed == feed, table.c.at <= by).limit(PART)
    this = table.delete().where(*(key == bindparam(f"its_{key.name}") for key in keys))
    while True:
        with reading(engine) as connection:
            rows = [{f"its_{name}": value for name, value in row._mapping.items()} for row in connection.execute(query)]
        if not rows:
            return
        with writing(engine) as connection:
            connection.execute(this, rows)
        yield len(rows)


def drop_told(engine: Engine, receiver: str, by: datetime) -> None:
    """Drop what a receiver of tests was told by this instant."""
    table = tables.outbox
    with writing(engine) as connection:
        connection.execute(table.delete().where(table.c.receiver == receiver, table.c.sent <= by))
