"""Live through a timeline with the worker's own turn, in a store of its own, and note what it says on its days.

Every tick takes in what was known on its day and nothing else, so that no threshold, peer or level comes from
later. What is noted is what was said then: a later revision scores the past again, and changes no note.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sqlalchemy import event

from monitor.assessment import CORROBORATES
from monitor.calendars import calendar
from monitor.casefile import CaseKind, What
from monitor.evaluation.backtest.timeline import Timeline, noon
from monitor.kept import Scores
from monitor.memory import Memory
from monitor.model import Advance, Feed, Message, Reading, Tick
from monitor.pipeline import Turned, turn
from monitor.rules import Rules
from monitor.store.engine import open_engine
from monitor.store.registry import load_organisations
from monitor.store.store import SqlStore
from monitor.store.upgrade import upgrade


@dataclass(frozen=True, slots=True)
class Raised:
    """A series' evidence of worsening on the day that it came: chance alone gives as much with probability `p`."""

    day: date
    organisation: str
    indicator: str
    p: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A case of a concern, on the day that it opened."""

    day: date
    organisation: str


@dataclass(slots=True)
class Lived:
    """What was said on which day, oldest first.

    Parameters
    ----------
    ranks
        Days (ordinals) and ranks of each organisation's figures among its peers as they came: 0 = best, 1 = worst.
    scored
        The first day on which each organisation had a score.
    threshold
        The national threshold of the last tick; 0: none yet.
    """

    opened: list[Opened] = field(default_factory=list)
    raised: list[Raised] = field(default_factory=list)
    ranks: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))
    scored: dict[str, date] = field(default_factory=dict)
    series_periods: int = 0
    shocks: int = 0
    threshold: float = 0.0


def relive(
    timeline: Timeline, rules: Rules, *, until: date | None = None, progress: Callable[[int], None] = lambda days: None
) -> Lived:
    """Live through all days up to `until` (None: all); one step of progress for each day on which anything happens."""
    lived = Lived()
    with _empty(timeline) as store:
        one = _Life(store, timeline, rules, lived)
        for day in agenda(timeline, rules, until):
            one.day(*day)
            progress(1)
    return lived


def agenda(timeline: Timeline, rules: Rules, until: date | None = None) -> list[tuple[date, tuple[str, ...]]]:
    """List the days on which feeds turn: as words come, when they have rested, and when a period is due."""
    rest = timedelta(days=ceil(rules.settle_after / timedelta(days=1)))
    end = timeline.last + rest
    turns: dict[date, set[str]] = defaultdict(set)
    for key, feed in timeline.contracts.items():
        days = [day for day, said in timeline.days.items() if key in said]
        for day in (*days, *(day + rest for day in days), *(_dues(feed, days[0], end) if days else ())):
            turns[day].add(key)
    return [(day, tuple(sorted(turns[day]))) for day in sorted(turns) if until is None or day <= until]


def _dues(feed: Feed, first: date, last: date) -> Iterator[date]:
    """Give the days between these two on which a period of a feed is due: who is silent is missing from then on."""
    for source in feed.sources.values():
        for indicator, name in source.calendars.items():
            periods, late = calendar(name), source.wait(indicator) + source.lateness
            numbers = range(periods.number(first - late), periods.number(last - late) + 1)
            yield from (day for number in numbers if first <= (day := periods.start(number) + late) <= last)


@contextmanager
def _empty(timeline: Timeline) -> Iterator[SqlStore]:
    """Open an empty store with the timeline's registry, in a folder that goes away."""
    with TemporaryDirectory(prefix="monitor-backtest-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder, 'monitor.sqlite')}")
        event.listen(engine, "connect", _hurry)
        try:
            upgrade(engine)
            at = noon(timeline.first)
            load_organisations(engine, timeline.organisations, timeline.successions, by="monitor backtest", at=at)
            yield SqlStore(engine)
        finally:
            engine.dispose()


def _hurry(connection: Any, _record: object) -> None:
    """Wait for no disk: nobody needs this store after a power cut."""
    connection.execute("PRAGMA synchronous = OFF").close()


class _Life:
    """A store that is lived in, what is remembered of its feeds, and what is noted."""

    def __init__(self, store: SqlStore, timeline: Timeline, rules: Rules, lived: Lived) -> None:
        self.store, self.timeline, self.rules, self.lived = store, timeline, rules, lived
        self.memories: dict[str, Memory] = {}
        self.ticks: dict[str, int] = defaultdict(int)
        self.last: dict[object, int] = {}  # number of the newest period noted, by block

    def day(self, day: date, feeds: Sequence[str]) -> None:
        """Turn these feeds on a day."""
        for feed in feeds:
            self._note(day, self._turn(day, feed, self.timeline.days.get(day, {}).get(feed, ())))

    def _turn(self, day: date, feed: str, said: Sequence[Message]) -> Turned:
        memory, number = self.memories.get(feed), self.ticks[feed]
        messages = (*([] if number else [self.timeline.contracts[feed]]), *said)
        tick = Tick(
            feed, "backtest", number, number + 1, noon(day), messages, settles=_is_new(memory, said),
            settle_after=self.rules.settle_after,
        )  # fmt: skip
        turned = turn(self.store, tick, self.rules, memory)
        self.memories[feed], self.ticks[feed] = turned.memory, number + 1
        return turned

    def _note(self, day: date, turned: Turned) -> None:
        for change in turned.cases:
            if change.what is What.OPENED and change.case.kind is CaseKind.CONCERN:
                self.lived.opened.append(Opened(day, change.case.organisation))
            self.lived.shocks += change.what is What.OPENED and change.case.kind is CaseKind.NATION
        for scores in sorted(turned.changes.scores, key=lambda scores: scores.number):
            if scores.number > self.last.get(scores.block, -1):
                self.last[scores.block] = scores.number
                assert turned.memory.contract is not None, "nothing is scored without a contract"
                _note_scores(self.lived, day, scores, turned.memory.contract)


def _is_new(memory: Memory | None, said: Sequence[Message]) -> bool:
    """Say whether a source is covered for the first time: it is live from its first figure on."""
    live = memory.live if memory else frozenset()
    return any(isinstance(word, Advance) and word.source not in live for word in said)


def _note_scores(lived: Lived, day: date, scores: Scores, contract: Feed) -> None:
    indicator = contract.indicator(scores.block.indicator)
    assert indicator is not None, "what is scored is in the contract"
    worse = scores.arrays["worse"]
    spoke = np.isfinite(scores.arrays["numerator"])
    has_score = np.isfinite(scores.arrays["z"])
    lived.series_periods += int(has_score.sum())
    for place in np.flatnonzero(has_score):
        lived.scored.setdefault(scores.organisations[place], day)
    if indicator.reading(worse=True) is Reading.WORSENING:
        for place in np.flatnonzero(spoke & (worse <= CORROBORATES)):
            lived.raised.append(Raised(day, scores.organisations[place], indicator.key, float(worse[place])))
    for code, rank in zip(scores.organisations, _ranks(scores, indicator.worse), strict=True):
        if np.isfinite(rank):
            lived.ranks[code].append((day.toordinal(), float(rank)))


def _ranks(scores: Scores, sign: int) -> np.ndarray:
    """Rank a period's levels among peers, 0 = best and 1 = worst; NaN where there is none, or nothing to compare."""
    numerator, denominator = scores.arrays["numerator"], scores.arrays["denominator"]
    with np.errstate(divide="ignore", invalid="ignore"):
        level = sign * np.where(np.isnan(denominator), numerator, numerator / denominator)
    there = np.isfinite(level)
    ranks = np.full(level.size, np.nan)
    if there.sum() > 1:
        order = np.sort(level[there])
        middle = (np.searchsorted(order, level[there]) + np.searchsorted(order, level[there], side="right") - 1) / 2
        ranks[there] = middle / (there.sum() - 1)
    return ranks
