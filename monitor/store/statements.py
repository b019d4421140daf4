"""Statements that both databases understand but spell in their own dialect: insert, or do something else instead."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, Any]
Item = TypeVar("Item")
CHUNK = 500  # values in one IN list: well below every database's limit of bound values


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT that can end in ON CONFLICT."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; those whose key is there already change nothing."""
    if rows:
        connection.execute(insert(connection, table).on_conflict_do_nothing(), rows)


def put(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; those whose primary key is there already replace what lies there."""
    if rows:
        statement = insert(connection, table)
        keys = {column.name for column in table.primary_key}
        replaced = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        connection.execute(statement.on_conflict_do_update(index_elements=sorted(keys), set_=replaced), rows)


def chunks(items: Collection[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Cut into lists of at most `size`, in order."""
    listed = list(items)
    return (listed[start : start + size] for start in range(0, len(listed), size))
