"""A nation to measure with: twenty weekly indicators of every kind, and years of their sums in a store.

The figures are drawn, and written as ticks, sums and advances by the store's own functions: only what is
measured afterwards goes through the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from monitor import coverage
from monitor.budget import threshold
from monitor.calendars import calendar
from monitor.kept import Cell, Changes, Coverage, Sum
from monitor.model import (
    Advance,
    Contribution,
    Family,
    Feed,
    Indicator,
    Kind,
    Observation,
    Organisation,
    PeerGroup,
    Period,
    Reading,
    SmallNumbers,
    Source,
    Tick,
)
from monitor.store.registry import load_organisations
from monitor.wire import encode
from monitor.wiring import Service

SEED = 20140106
FIRST_WEEK = calendar("weekly").number(date(2014, 1, 6))
GROUPS = {PeerGroup.ACUTE: 0.6, PeerGroup.MENTAL_HEALTH: 0.2, PeerGroup.COMMUNITY: 0.15, PeerGroup.AMBULANCE: 0.05}
"""Shares of England's trusts, rounded: the peer groups are as uneven as the real ones."""
INDICATORS = 20
SOURCE = "local"
LAG = timedelta(days=4)
PLANTED_EVERY, PLANTED_WEEKS, EFFECT = 20, 26, 0.4
"""One organisation in so many worsens for half a year by a log step: cases open, are reviewed and fade."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One indicator's figures, shapes (weeks, organisations)."""

    indicator: Indicator
    numerator: np.ndarray
    denominator: np.ndarray


@dataclass(frozen=True, slots=True)
class Nation:
    """Who is measured, by which feeds, and every figure by indicator."""

    organisations: tuple[Organisation, ...]
    feeds: tuple[Feed, ...]
    figures: Mapping[str, Drawn]

    @property
    def codes(self) -> tuple[str, ...]:
        """Give the organisations' codes in their order."""
        return tuple(organisation.code for organisation in self.organisations)


def nation(*, organisations: int, weeks: int, feeds: int) -> Nation:
    """Draw a nation whose twenty indicators are spread over so many feeds (at most one a family)."""
    rng = np.random.default_rng(SEED)
    indicators = [_indicator(place) for place in range(INDICATORS)]
    worsens = _worsens(rng, weeks, organisations)
    each = INDICATORS // feeds
    return Nation(
        tuple(_organisation(place, organisations) for place in range(organisations)),
        tuple(_feed(family, indicators[at * each : (at + 1) * each]) for at, family in enumerate([*Family][:feeds])),
        {indicator.key: _drawn(rng, indicator, worsens) for indicator in indicators},
    )


def _organisation(place: int, of: int) -> Organisation:
    bounds = np.cumsum(list(GROUPS.values())) * of
    group = [*GROUPS][min(int(np.searchsorted(bounds, place, side="right")), len(GROUPS) - 1)]
    return Organisation(f"R{place:03d}", f"Organisation {place}", group, f"Region {place % 7}")


def _indicator(place: int) -> Indicator:
    kind = [*Kind][place % len(Kind)]
    rise, fall = (
        (Reading.IMPROVING, Reading.WORSENING) if kind is Kind.SCORE else (Reading.WORSENING, Reading.IMPROVING)
    )
    name = f"{kind} {place // len(Kind) + 1}"
    return Indicator(
        name.replace(" ", "_"), name, "of 1", kind, "events", "exposure", rise, fall, SmallNumbers.PEOPLE
    )  # fmt: skip


def _feed(family: Family, indicators: Sequence[Indicator]) -> Feed:
    source = Source({indicator.key: "weekly" for indicator in indicators}, lateness=timedelta(weeks=1))
    key = f"weekly_{family.name.lower()}"
    return Feed(key, key, family, tuple(indicators), {SOURCE: source}, ("extract",), "benchmark", "made up")


def _worsens(rng: np.random.Generator, weeks: int, organisations: int) -> np.ndarray:
    steps = np.zeros((weeks, organisations))
    for place in range(0, organisations, PLANTED_EVERY):
        start = int(rng.integers(weeks))
        steps[start : start + PLANTED_WEEKS, place] = EFFECT
    return steps


def _drawn(rng: np.random.Generator, indicator: Indicator, worsens: np.ndarray) -> Drawn:
    weeks, organisations = worsens.shape
    season = 0.1 * np.cos(2 * np.pi * np.arange(weeks) / 52)
    log = rng.normal(0, 0.2, organisations) + season[:, None] + indicator.worse * worsens
    if indicator.kind is Kind.SCORE:
        asked = np.full(log.shape, 50.0)
        return Drawn(indicator, asked * (7 + 0.3 * log) + rng.normal(0, 1.6 * np.sqrt(asked)), asked)
    if indicator.kind is Kind.PROPORTION:
        trials = np.full(log.shape, 200)
        return Drawn(indicator, rng.binomial(trials, 1 / (1 + np.exp(1 - log))).astype(float), trials.astype(float))
    exposure = np.tile(np.round(rng.uniform(2_000, 9_000, organisations)), (weeks, 1))
    mean = 0.01 * exposure * np.exp(log)
    if indicator.kind is Kind.COUNT:
        return Drawn(indicator, rng.poisson(mean).astype(float), exposure)
    return Drawn(indicator, np.round(mean * np.exp(rng.normal(0, 0.05, log.shape)), 2), exposure)


def period(week: int) -> Period:
    """Give the week of this place in the nation's history."""
    return calendar("weekly").period(FIRST_WEEK + week)


def published(week: int) -> datetime:
    """Give the instant at which a week is published and worked on."""
    return datetime.combine(period(week)[1] + LAG, time(12), UTC)


def register(service: Service, nation: Nation) -> None:
    """Take the nation's organisations into the registry, and its feeds' contracts onto the bus."""
    load_organisations(service.engine, nation.organisations, (), by="benchmark", at=published(0))
    for feed in nation.feeds:
        service.bus.publish(feed.key, [encode(feed, feed.key)])


def fill(
    service: Service, nation: Nation, weeks: int, *, live: bool, progress: Callable[[int], None] = lambda weeks: None
) -> None:
    """Write the first weeks as if a worker had taken them in, a tick a week and feed; nothing is derived.

    `live`: every source has been live from its first week on, so that a replay settles week by week.
    """
    stands: dict[str, Coverage] = {feed.key: {} for feed in nation.feeds}
    rare = _threshold(service, nation)
    for week in range(weeks):
        for feed in nation.feeds:
            stands[feed.key] = _tick(service, nation, feed, week, stands[feed.key], live=live, threshold=rare)
        progress(1)


def _threshold(service: Service, nation: Nation) -> float:
    cadences = tuple(sorted((feed.family, 52) for feed in nation.feeds for _ in feed.indicators))
    return threshold(service.settings.chance_cases_per_month, len(nation.organisations), cadences)


def _tick(
    service: Service, nation: Nation, feed: Feed, week: int, covered: Coverage, *, live: bool, threshold: float
) -> Coverage:
    topic, source = service.bus.topic(feed.key), feed.sources[SOURCE]
    assert topic is not None, "register comes first"
    goes_live = live and week == 0
    tick = Tick(
        feed.key, topic, week, 1, published(week), (), goes_live, service.store.registry(), threshold
    )  # fmt: skip
    word = replace(advance(nation, feed, week), indicators=frozenset(source.calendars))
    new = coverage.advance(covered, word)
    changes = Changes(
        contract=feed if week == 0 else None,
        sums=dict(_sums(nation, feed, week)),
        heard={(indicator.key, SOURCE) for indicator in feed.indicators},
        advances=[word],
        coverage=new,
        live={SOURCE} if goes_live else set(),
    )
    with service.store.claim(tick) as transaction:
        transaction.write(changes)
    return {**covered, **new}


def _sums(nation: Nation, feed: Feed, week: int) -> Iterator[tuple[Cell, Sum]]:
    start, end = period(week)
    stated = (end + LAG).toordinal()
    for indicator, code, numerator, denominator in _rows(nation, feed, week):
        yield Cell(indicator, SOURCE, code, start), Sum(numerator, denominator, 1, None, stated)


def _rows(nation: Nation, feed: Feed, week: int) -> Iterator[tuple[str, str, float, float]]:
    for indicator in feed.indicators:
        drawn = nation.figures[indicator.key]
        numerators, denominators = drawn.numerator[week].tolist(), drawn.denominator[week].tolist()
        for code, numerator, denominator in zip(nation.codes, numerators, denominators, strict=True):
            yield indicator.key, code, numerator, denominator


def advance(nation: Nation, feed: Feed, week: int) -> Advance:
    """Give the word that a week is completely published for everybody."""
    return Advance(feed.key, SOURCE, *period(week), frozenset(nation.codes))


def observations(nation: Nation, feed: Feed, week: int) -> Iterator[Observation]:
    """Give a week's words, one subject a figure."""
    instant = published(week)
    for row, (indicator, code, numerator, denominator) in enumerate(_rows(nation, feed, week)):
        contribution = Contribution(code, indicator, period(week), numerator, denominator)
        subject = f"{week:016x}{row:016x}"
        yield Observation(
            feed.key, SOURCE, subject, (0, instant), instant.date(), (contribution,), f"benchmark/week{week}/{row}"
        )
