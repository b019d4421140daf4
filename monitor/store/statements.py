"""Statements that both databases understand but spell in their own dialect: insert, or do something else instead."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement

Row = Mapping[str, Any]
Item = TypeVar("Item")
CHUNK = 500  # rows written in one transaction of many: others wait no longer for the lock


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT that can end in ON CONFLICT."""
    return _insert(connection.dialect, table)


def append(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows of the same columns; a key that is there already is an error."""
    if rows:
        _appending(connection.dialect, table, tuple(rows[0])).run(connection, rows)


def add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows of the same columns; those whose key is there already change nothing."""
    if rows:
        _adding(connection.dialect, table, tuple(rows[0])).run(connection, rows)


def put(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows of the same columns; those whose primary key is there already replace what lies there."""
    if rows:
        _putting(connection.dialect, table, tuple(rows[0])).run(connection, rows)


def fetch(connection: Connection, query: Select[Any], values: Row | None = None) -> list[tuple[Any, ...]]:
    """Read rows as the driver gives them, whose tuples cost half of what Rows do: numbers, texts and bytes only."""
    result = connection.execute(query, values)
    cursor: Any = result.cursor
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    result.close()
    return rows


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as its driver takes it: written once, and without a look at every value of every row.

    `written`: how values are written of the columns whose type says so.
    """

    text: str
    order: tuple[str, ...] | None  # None: the driver finds values by their name
    written: Mapping[str, Callable[[Any], Any]]

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        if self.written:
            rows = [{**row, **{name: write(row[name]) for name, write in self.written.items()}} for row in rows]
        ready: Any = rows if self.order is None else list(map(_taker(self.order), rows))
        connection.exec_driver_sql(self.text, ready)


def _taker(order: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    return itemgetter(*order) if len(order) > 1 else lambda row: (row[order[0]],)


@lru_cache(maxsize=200)  # some thirty tables, in the few engines of a process
def _appending(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> _Prepared:
    return _prepared(dialect, table, columns, _insert(dialect, table))


@lru_cache(maxsize=200)
def _adding(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> _Prepared:
    return _prepared(dialect, table, columns, _insert(dialect, table).on_conflict_do_nothing())


@lru_cache(maxsize=200)
def _putting(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> _Prepared:
    statement = _insert(dialect, table)
    keys = {column.name for column in table.primary_key}
    replaced = {name: statement.excluded[name] for name in columns if name not in keys}
    statement = statement.on_conflict_do_update(index_elements=sorted(keys), set_=replaced)
    return _prepared(dialect, table, columns, statement)


def _insert(dialect: Dialect, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)


def _prepared(dialect: Dialect, table: Table, columns: tuple[str, ...], statement: ClauseElement) -> _Prepared:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns))
    kinds = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns}
    order = tuple(compiled.positiontup) if compiled.positional else None
    return _Prepared(str(compiled), order, {name: write for name, write in kinds.items() if write is not None})


def chunks(items: Collection[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Cut into lists of at most `size`, in order."""
    listed = list(items)
    return (listed[start : start + size] for start in range(0, len(listed), size))
