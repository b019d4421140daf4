"""What a local system's database answers: one thing, asked for at every look and known by its content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from functools import partial
from hashlib import sha256
from typing import Any

from monitor.arrivals import since
from monitor.arrivals.answers import written
from monitor.arrivals.thing import Got, Thing
from monitor.feeds.delivery import Delivery
from monitor.feeds.places import Query


def things(query: Query, connection: Any, *, today: date, is_sent: Callable[[str], bool]) -> Iterator[Thing]:
    """Give the answer that an Airflow connection's database has today.

    `is_sent` says of the last answer's hash whether all that it says is on the bus: one that was refused, or is on its
    way, is asked for again.
    """
    yield Thing(query.connection, partial(_fetch, query, connection, today, is_sent))


def _fetch(query: Query, connection: Any, today: date, is_sent: Callable[[str], bool], seen: str | None) -> Got:
    last = since.asked(seen)
    through = since.BEGIN if last is None else last.day if is_sent(last.sha256) else last.through

    def answer(database: Any, sql: str) -> bytes:
        cursor = database.cursor()
        cursor.execute(since.filled(sql, through, query.overlap))
        return written([column[0] for column in cursor.description], cursor.fetchall())

    with closing(connection.get_hook().get_conn()) as database:
        # what is complete is asked for first: asked for last, it could say so of days whose reports were entered after
        # the figures were read, and their silence would read as zero
        covers = answer(database, query.covers) if query.covers else None
        content = answer(database, query.sql)
    asked = since.Asked(through, today, sha256(content).hexdigest())
    return Got(asked.text(), Delivery("answer.csv", content, covers))
