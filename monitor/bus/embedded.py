"""The log as a table of the same database: no server to install.

Once `publish` has returned, its messages are durable and in order. A publisher that dies in the middle leaves whole
chunks, and publishes again from the start: messages may come twice, never zero times. Positions count from 0 without
gaps and are given under one lock held to commit, so that a reader never passes a message that commits late. Messages
expire from the oldest on, once they have been read (`monitor.store.expiry`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from uuid import uuid4

from sqlalchemy import Connection, Engine, bindparam, func, select, update

from monitor.errors import BadTopic
from monitor.ports import Batch
from monitor.store import tables
from monitor.store.engine import reading, writing
from monitor.store.statements import add, append, fetch
from monitor.store.waiting import Waiting

CHUNK = 1_000  # messages in one transaction: about 10 ms of the write lock
_OBSERVATION = b'"type":"monitor.observation.'
_HEAD = 256  # bytes of an envelope before its data
_topics, _log = tables.topics.c, tables.log.c
# a worker asks these each turn: written once, since building them takes as long as asking
_IDENTITY = select(_topics.identity).where(_topics.feed == bindparam("feed"))
_END = select(_topics.next).where(_topics.feed == bindparam("feed"))
_MINE = select(_topics.id).where(_topics.feed == bindparam("feed")).scalar_subquery()
_WAITING = (
    select(_log.position, _log.body)
    .where(_log.topic == _MINE, _log.position >= bindparam("position"))
    .order_by(_log.position)
    .limit(bindparam("most"))
)
_TAKEN = (
    update(tables.topics)
    .where(_topics.feed == bindparam("which"))
    .values(next=_topics.next + bindparam("more"))
    .returning(_topics.id, _topics.next)
)


class EmbeddedBus:
    """One topic a feed in the tables `topics` and `log`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting = Waiting(engine)

    def publish(self, feed: str, messages: Iterable[bytes]) -> int:
        waiting, published = iter(messages), 0
        while chunk := list(islice(waiting, CHUNK)):
            with writing(self._engine) as connection:
                _append(connection, feed, chunk)
            published += len(chunk)
        return published

    def topic(self, feed: str) -> str | None:
        with reading(self._engine) as connection:
            return connection.scalar(_IDENTITY, {"feed": feed})

    def read(self, feed: str, position: int, limit: int) -> Batch:
        asked = {"feed": feed, "position": position, "most": limit}
        with reading(self._engine) as connection:
            rows = fetch(connection, _WAITING, asked)
        if rows and rows[0][0] != position:
            raise BadTopic(
                f"feed {feed}: messages {position} to {rows[0][0] - 1} have expired and nobody has read them; "
                "publish its files again, after restoring a store that has read them"
            )
        return Batch(tuple(body for _, body in rows), position + len(rows))

    def end(self, feed: str) -> int:
        with reading(self._engine) as connection:
            return connection.scalar(_END, {"feed": feed}) or 0

    def feeds(self) -> tuple[str, ...]:
        with reading(self._engine) as connection:
            return tuple(connection.scalars(select(tables.topics.c.feed).order_by(tables.topics.c.feed)))

    def wait(self, seconds: float) -> None:
        self._waiting.wait(seconds)

    def observations_from(self, feed: str, position: int) -> int:
        log, topics = tables.log, tables.topics
        query = select(func.count()).select_from(log).join(topics)
        with reading(self._engine) as connection:
            return (
                connection.scalar(query.where(topics.c.feed == feed, log.c.position >= position, log.c.observation))
                or 0
            )


def _append(connection: Connection, feed: str, messages: list[bytes]) -> None:
    add(connection, tables.topics, [{"feed": feed, "identity": uuid4().hex, "next": 0}])
    topic, end = connection.execute(_TAKEN, {"which": feed, "more": len(messages)}).one()
    rows = [
        {"topic": topic, "position": position, "observation": _OBSERVATION in message[:_HEAD], "body": message}
        for position, message in enumerate(messages, end - len(messages))
    ]
    append(connection, tables.log, rows)
