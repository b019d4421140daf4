"""How instants and days lie in columns: as whole numbers, exact, and ordered as they are in time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


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
