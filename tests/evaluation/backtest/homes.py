"""Small histories: complaints of some trusts by month, one of which gets worse, published as it went or at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from monitor.model import Message, Observation
from monitor.store.registry import load_organisations
from tests.factories import advance, contribution, feed, month, organisations, word
from tests.laws.world import World

TRUSTS, MONTHS, ONSET, LAG = 12, 30, 20, timedelta(days=5)
WORSE = "RA03"
FEED = feed(lateness_days=10)
CODES = tuple(one.code for one in organisations(TRUSTS))


@dataclass(frozen=True)
class Figures:
    """Complaints per month and trust; `WORSE` has three times as many from its onset on."""

    numerator: np.ndarray


def figures(seed: int = 1, months: int = MONTHS) -> Figures:
    rng = np.random.default_rng(seed)
    mean = np.full((months, TRUSTS), 40.0)
    mean[ONSET:, CODES.index(WORSE)] *= 3.0
    return Figures(rng.poisson(mean).astype(float))


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def published(number: int) -> date:
    return month(number)[1] + LAG


def words(of: Figures, number: int, *, known: date | None = None) -> Iterator[Observation]:
    """What a month's publication says; `known` None: it states no day."""
    for place, code in enumerate(CODES):
        part = contribution(code, month(number), float(of.numerator[number, place]), 1000.0)
        yield word(part, subject=f"{code}-{number}", published=noon(known or published(number)), known=known)


def register(one: World) -> None:
    load_organisations(one.service.engine, organisations(TRUSTS), [], by="tests", at=noon(date(2020, 1, 1)))


def publish(one: World, messages: Iterable[Message]) -> None:
    one.publish({FEED.key: list(messages)})


def lived(one: World, of: Figures, *, first: int = 14) -> World:
    """Publish the first months at once and every later one as it ends, and work on it then and the day after."""
    register(one)
    publish(one, [FEED, *(each for number in range(first) for each in words(of, number, known=published(number)))])
    publish(one, [advance(month(0)[0], month(first - 1)[1], CODES)])
    one.work(noon(published(first - 1)), settles=True)
    for number in range(first, len(of.numerator)):
        publish(one, [*words(of, number), advance(*month(number), CODES)])
        one.work(noon(published(number)))
        one.work(noon(published(number) + timedelta(days=1)))
    return one


def at_once(one: World, of: Figures, now: date, *, stated: bool) -> World:
    """Publish everything on one afternoon; `stated`: each month with the day on which it came out."""
    register(one)
    months = range(len(of.numerator))
    said = [each for number in months for each in words(of, number, known=published(number) if stated else None)]
    publish(one, [FEED, *said, advance(month(0)[0], month(months[-1])[1], CODES)])
    one.work(noon(now), settles=True)
    return one
