"""When what is derived is being derived again: nobody else may read it as whole, or write to it, meanwhile.

Each begin and each end of a replay is a row, and its number is what memories are compared by: whoever read
before a replay, or during one, has to read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select

from monitor.errors import Outage
from monitor.store import tables
from monitor.store.engine import reading, writing

_LAST = select(tables.rebuilds.c.id, tables.rebuilds.c.ended).order_by(tables.rebuilds.c.id.desc()).limit(1)


def read_rebuild(connection: Connection) -> int:
    """Give the number of the last begin or end of a replay; 0: there was none."""
    return _last(connection)[0]


def is_whole(engine: Engine) -> bool:
    """Say whether what is derived is whole: no replay is under way, and none was killed."""
    with reading(engine) as connection:
        return _last(connection)[1]


def check_whole(connection: Connection) -> int:
    """Give what `read_rebuild` does; raise `Outage` while a replay is under way, or after one was killed."""
    number, has_ended = _last(connection)
    if not has_ended:
        raise Outage("a replay is under way, or was killed: wait for its end, or run monitor replay again")
    return number


def require_whole(engine: Engine) -> None:
    """Raise `Outage` where what is derived is not whole: to show nothing would look like an all-clear."""
    with reading(engine) as connection:
        check_whole(connection)


def _last(connection: Connection) -> tuple[int, bool]:
    row = connection.execute(_LAST).first()
    return (0, True) if row is None else (row.id, row.ended)


def mark(connection: Connection, *, ended: bool) -> int:
    """Note that a replay begins or has ended, and give the note's number."""
    table = tables.rebuilds
    made: int = connection.execute(table.insert().returning(table.c.id), {"ended": ended}).scalar_one()
    return made


@contextmanager
def rebuilding(engine: Engine, rebuild: int | None) -> Iterator[Connection]:
    """Begin a writing transaction of the replay that began with this number; None: whichever it is.

    Raises `Outage` where another replay has begun since: the two would write everything twice.
    """
    with writing(engine) as connection:
        if rebuild is not None and read_rebuild(connection) != rebuild:
            raise Outage("another replay has begun meanwhile: let it end")
        yield connection


def end(engine: Engine, rebuild: int) -> None:
    """End the replay that began with this number: workers go on."""
    with rebuilding(engine, rebuild) as connection:
        mark(connection, ended=True)
