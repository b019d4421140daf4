"""Small nouns for tests, named for what they make."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from monitor.catalogue import INDICATORS
from monitor.model import (
    Advance,
    Contribution,
    Family,
    Feed,
    Indicator,
    Observation,
    Organisation,
    PeerGroup,
    Source,
)

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


def feed(
    key: str = "complaints",
    *,
    indicators: Iterable[str] = ("new_complaints",),
    calendar: str = "monthly",
    wait_days: int = 0,
    lateness_days: int = 7,
    family: Family = Family.PATIENTS,
) -> Feed:
    """Make a feed of one local source."""
    named: tuple[Indicator, ...] = tuple(INDICATORS[name] for name in indicators)
    source = Source(
        {indicator.key: calendar for indicator in named},
        timedelta(days=lateness_days),
        {indicator.key: timedelta(days=wait_days) for indicator in named if wait_days},
    )
    return Feed(key, key.replace("_", " "), family, named, {"local": source}, ("extract",), "the tests", "OGL-3.0")


def organisation(code: str, group: PeerGroup = PeerGroup.ACUTE, **facts: date) -> Organisation:
    """Make an organisation of this code."""
    return Organisation(code, f"Trust {code}", group, "London", **facts)


def organisations(count: int, group: PeerGroup = PeerGroup.ACUTE, letter: str = "A") -> list[Organisation]:
    """Make this many organisations of one peer group."""
    return [organisation(f"R{letter}{number:02d}", group) for number in range(count)]


def month(number: int, year: int = 2020) -> tuple[date, date]:
    """Give the period of the month that is `number` months after January of `year`."""
    years, months = divmod(number, 12)
    after, place = divmod(number + 1, 12)
    return date(year + years, months + 1, 1), date(year + after, place + 1, 1)


def contribution(
    code: str = "RA00",
    period: tuple[date, date] = month(0),
    numerator: float = 5.0,
    denominator: float | None = 100.0,
    indicator: str = "new_complaints",
) -> Contribution:
    """Make one contribution."""
    return Contribution(code, indicator, period, numerator, denominator)


def word(
    *contributions: Contribution,
    subject: str = "one",
    revision: int = 0,
    published: datetime = NOON,
    feed: str = "complaints",
    source: str = "local",
    known: date | None = None,
) -> Observation:
    """Make the word of one subject."""
    return Observation(feed, source, subject, (revision, published), known, contributions, "run/file/1")


def advance(
    start: date, end: date, codes: Iterable[str] | None = None, *, feed: str = "complaints", source: str = "local"
) -> Advance:
    """Make an advance for these organisations, or for all."""
    return Advance(feed, source, start, end, None if codes is None else frozenset(codes))
