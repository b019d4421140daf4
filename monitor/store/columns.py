"""Columns that many tables have, and how instants and days lie in them: as whole numbers, exact and ordered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, ForeignKey, Integer, Text
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@lru_cache(maxsize=1_000)  # the words of a file have one
def micros(instant: datetime) -> int:
    """Count the microseconds from 1970 to an aware instant; exact, unlike a float's seconds."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(count: int) -> datetime:
    """Give the instant, UTC, of a count of microseconds."""
    return _EPOCH + count * _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware instant; comes back as UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else instant(value)


class Day(TypeDecorator[date]):
    """A date, as the number of its day."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> int | None:
        return None if value is None else value.toordinal()

    def process_result_value(self, value: int | None, dialect: Dialect) -> date | None:
        return None if value is None else date.fromordinal(value)


def key(name: str, kind: type = Text) -> Column[Any]:
    """Make a part of a table's key."""
    return Column(name, kind, primary_key=True)


def number(name: str = "id") -> Column[Any]:
    """Make a key that the database counts up by itself."""
    return Column(name, Integer, primary_key=True)


def place(name: str) -> Column[Any]:
    """Make a part of a key that is a number of ours."""
    return Column(name, Integer, primary_key=True, autoincrement=False)


def needed(name: str, kind: type = Text) -> Column[Any]:
    """Make a column that is never empty."""
    return Column(name, kind, nullable=False)


def of(name: str, parent: str, *, key: bool = False) -> Column[Any]:
    """Make the number of a row of another table."""
    return Column(name, Integer, ForeignKey(parent), primary_key=key, nullable=False, autoincrement=False)
