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
        _appending(connection.dialect, table, tuple(rows[0])).run(connection, _taken(rows))


def add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows of the same columns; those whose key is there already change nothing."""
    if rows:
        _adding(connection.dialect, table, tuple(rows[0])).run(connection, _taken(rows))


def put(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows of the same columns; those whose primary key is there already replace what lies there."""
    if rows:
        _putting(connection.dialect, table, tuple(rows[0])).run(connection, _taken(rows))


def fill(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Do as `put` does with rows that hold every column, in the table's order: they cost half of what mappings do."""
    if rows:
        _putting(connection.dialect, table, tuple(table.c.keys())).run(connection, rows)


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

    `written`: how values are written of the columns, by their place, whose type says so.
    """

    text: str
    columns: tuple[str, ...]
    order: Callable[[tuple[Any, ...]], tuple[Any, ...]] | None  # None: the driver finds values by their name
    written: Mapping[int, Callable[[Any], Any]]

    def run(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        if self.written:  # a column at a time: row by row it took as long as the rest
            values: list[Any] = list(zip(*rows, strict=True))
            for place, write in self.written.items():
                values[place] = map(write, values[place])
            rows = list(zip(*values, strict=True))
        ready: Any = list(map(self.order, rows)) if self.order else [self._named(row) for row in rows]
        connection.exec_driver_sql(self.text, ready)

    def _named(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return dict(zip(self.columns, row, strict=True))


def _taken(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Take the values out of rows of the same columns, in the order of the first."""
    columns = tuple(rows[0])
    take = itemgetter(*columns) if len(columns) > 1 else lambda row: (row[columns[0]],)
    return list(map(take, rows))


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
    order = _ordering(tuple(map(columns.index, compiled.positiontup))) if compiled.positional else None
    kinds = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns]
    written = {place: write for place, write in enumerate(kinds) if write is not None}
    return _Prepared(str(compiled), columns, order, written)


def _ordering(places: tuple[int, ...]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Give what lays a row's values out in this order."""
    if places == tuple(range(len(places))):
        return tuple  # which gives a tuple itself
    return itemgetter(*places)


def chunks(items: Collection[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Cut into lists of at most `size`, in order."""
    listed = list(items)
    return (listed[start : start + size] for start in range(0, len(listed), size))
