"""What is derived of whole blocks has numbers for names, and each block's row points at its outermost periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, case, update

from monitor.kept import Block, Saved, Scores, Settlement
from monitor.store import tables
from monitor.store.names import Numbers, roster
from monitor.store.statements import Row


def numbered(
    connection: Connection, numbers: Numbers, feed: str, items: Sequence[Settlement | Scores | Saved]
) -> tuple[Mapping[Block, int], Mapping[str, int]]:
    """Give the numbers of the blocks of these, and of their lists of organisations; whoever has none is given one."""
    ids = numbers.blocks.make(connection, feed, {each.block for each in items})
    return ids, numbers.names.make(connection, {roster(each.organisations) for each in items})


def widen(connection: Connection, rows: Sequence[Row], ends: Mapping[str, Any]) -> None:
    """Let each block's row point at its outermost periods; `ends` reads the parameters `first` and `last`."""
    by_block: dict[int, list[int]] = {}
    for row in rows:
        by_block.setdefault(row["block"], []).append(row["number"])
    spans = [{"which": block, "first": min(some), "last": max(some)} for block, some in by_block.items()]
    if spans:
        blocks = tables.blocks
        connection.execute(update(blocks).where(blocks.c.id == bindparam("which")).values(ends), spans)


def least(column: Any, number: Any) -> Any:
    """Give the lower of a column, which may be empty, and a number."""
    return case((column < number, column), else_=number)  # NULL is not less: the first number holds


def most(column: Any, number: Any) -> Any:
    """Give the higher of a column, which may be empty, and a number."""
    return case((column > number, column), else_=number)
