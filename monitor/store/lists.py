"""Conditions on lists of values, in each database's own spelling."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


def among(column: Column[Any], values: str | Collection[Any]) -> ColumnElement[bool]:
    """Say that a column holds one of these values; a name: one of those that are given by it when it is asked.

    The list is bound as one value: a statement is written once for lists of every length, and has no longest.
    """
    kind = _List(column.type)
    bound = bindparam(values, type_=kind) if isinstance(values, str) else bindparam(None, values, kind, unique=True)
    return column.bool_op("IN")(_Each(bound))


class _List(TypeDecorator[Collection[Any]]):
    """A list of texts or whole numbers: PostgreSQL's own, and JSON for SQLite, which has none."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any]) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(postgresql.ARRAY(self.kind) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        listed = list(value or ())
        return listed if dialect.name == "postgresql" else json.dumps(listed)


class _Each(FunctionElement[Any]):
    """The rows of a list."""

    inherit_cache = True


@compiles(_Each, "sqlite")
def _each_of_json(each: _Each, compiler: Any, **options: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(each.clauses, **options)}))"


@compiles(_Each, "postgresql")
def _each_of_array(each: _Each, compiler: Any, **options: Any) -> str:
    return f"(SELECT unnest({compiler.process(each.clauses, **options)}))"
