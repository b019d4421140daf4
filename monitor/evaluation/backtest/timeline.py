"""From what a store holds to what was known on each day: the words of every day, feed by feed.

A figure was known on the day its source states, else on the earlier of its first landing and its due day
(design.md §2), so that ten years loaded in one afternoon are relived month by month. A figure that changed
after its period had closed comes as it was first, and again on the day of its revision.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from sqlalchemy import Engine

from monitor.calendars import Calendar, calendar, day_of, due
from monitor.coverage import ALL
from monitor.evaluation.backtest.closing import Place, closes
from monitor.heartbeat import HEARTBEAT
from monitor.kept import Cell, Sum
from monitor.model import Advance, Contribution, Feed, Message, Observation, Organisation, Succession
from monitor.periods import NOTHING
from monitor.store import history
from monitor.store.store import SqlStore

STATED, LANDED, DUE, REVISED = "stated", "landed", "due", "revised"
"""Why a figure counts as known on its day: its source said so, it had landed, it was due, or it came late or anew."""
Told = tuple[date, Message]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was known when.

    Parameters
    ----------
    organisations, successions
        The registry as it stands now: what it says is dated.
    days
        Messages by day and feed, in the order in which a worker takes them; days ascending.
    bases
        How many figures were known on their day for which reason.
    """

    contracts: Mapping[str, Feed]
    organisations: Sequence[Organisation]
    successions: Sequence[Succession]
    days: Mapping[date, Mapping[str, Sequence[Message]]]
    bases: Mapping[str, int]

    @property
    def first(self) -> date:
        """The day on which the first figure was known."""
        return min(self.days)

    @property
    def last(self) -> date:
        """The day on which the last figure was known."""
        return max(self.days)


class Version(NamedTuple):
    """What a cell held from a tick on (by sequence); 0: from its first close on."""

    since: int
    held: Sum


def timeline(engine: Engine) -> Timeline:
    """Read what a store's history says was known on each day; no days where nothing was published."""
    store = SqlStore(engine)
    contracts, (organisations, successions) = store.contracts(), store.organisations()
    landed = {one.sequence: day_of(one.tick.now) for one in history.ticks(engine)}
    advances = history.advances(engine)
    said: dict[date, dict[str, list[Message]]] = defaultdict(lambda: defaultdict(list))
    bases: Counter[str] = Counter()
    contracts = {key: feed for key, feed in contracts.items() if key != HEARTBEAT}
    for key, feed in sorted(contracts.items()):
        one = _Reading(feed, landed, closes(feed, advances))
        words = list(one.words(_versions(engine, key)))
        for day, message in (*words, *one.advances()):  # a day's words go ahead of what they complete
            said[day][key].append(message)
        bases += one.bases
    return Timeline(
        contracts, list(organisations.values()), successions, {day: dict(said[day]) for day in sorted(said)}, bases
    )


def _versions(engine: Engine, key: str) -> dict[Cell, list[Version]]:
    """Give what each cell of a feed held since which tick, oldest first."""
    earlier: dict[Cell, list[tuple[int, Sum]]] = defaultdict(list)
    for vintage in history.vintages(engine, key):
        earlier[vintage.cell].append((vintage.until, vintage.held))
    now = {cell: (sequence, held) for sequence, cell, held in history.held(engine, key)}
    versions = {cell: [Version(*found)] for cell, found in now.items() if cell not in earlier}
    for cell, past in earlier.items():
        ends = [until for until, _ in past]
        kept = [Version(since, held) for since, (_, held) in zip([0, *ends[:-1]], past, strict=True)]
        versions[cell] = [*kept, Version(ends[-1], now[cell][1] if cell in now else NOTHING)]
    return versions


@dataclass(slots=True)
class _Reading:
    """One feed on its way into days; words are read before advances, which need to know their days."""

    feed: Feed
    landed: Mapping[int, date]
    closes: Mapping[Place, int]
    bases: Counter[str] = field(default_factory=Counter)
    known: dict[Place, date] = field(default_factory=dict)  # of each cell's first figure
    together: dict[tuple[str, str, int, int], date] = field(default_factory=dict)  # last one stated of a close

    def words(self, versions: Mapping[Cell, Sequence[Version]]) -> Iterator[Told]:
        """Give the words of every cell with their days."""
        for cell, some in versions.items():
            source = self.feed.sources.get(cell.source)
            if source is not None and cell.indicator in source.calendars:
                yield from self._cell(cell, some)

    def _cell(self, cell: Cell, versions: Sequence[Version]) -> Iterator[Told]:
        periods = self._calendar(cell.source, cell.indicator)
        place = Place(cell.source, cell.indicator, cell.organisation, periods.number(cell.start))
        told = versions if versions[0].held.words else versions[1:]  # nobody had said anything: nothing to tell
        day, close = date.min, self._close(place)
        for revision, version in enumerate(told):
            if revision == 0 and (close is None or version.since <= close):
                day, why = self._first(place, version)
                self._remember(place, day, version)
            else:
                day, why = max(day, self._later(place, version)), REVISED
            self.bases[why] += 1
            yield day, self._word(cell, periods, day, revision, version.held)

    def _first(self, place: Place, version: Version) -> tuple[date, str]:
        """Give the day on which a cell's first figure was known, and why."""
        over, latest = self._over(place), self._due(place)
        if version.held.known is not None:
            return max(version.held.known, over), STATED
        landed = self.landed.get(version.since or self._close(place) or 0, date.max)
        return (max(landed, over), LANDED) if landed <= latest else (latest, DUE)

    def _later(self, place: Place, version: Version) -> date:
        """Give the day on which a revision was known."""
        return max(version.held.known or self.landed[version.since], self._over(place))

    def _remember(self, place: Place, day: date, version: Version) -> None:
        self.known[place] = day
        close = self._close(place)
        if version.held.known is not None and close is not None:
            key = place.source, place.indicator, place.number, close
            self.together[key] = max(day, self.together.get(key, day))

    def _word(self, cell: Cell, periods: Calendar, day: date, revision: int, held: Sum) -> Observation:
        subject = f"{cell.indicator}/{cell.source}/{cell.organisation}/{cell.start}"
        period = periods.holding(cell.start)
        part = Contribution(cell.organisation, cell.indicator, period, held.numerator, held.denominator)
        said = (part,) if held.words else ()
        return Observation(self.feed.key, cell.source, subject, (revision, noon(day)), day, said, "backtest")

    def advances(self) -> Iterator[Told]:
        """Give what completes each period on its day: that of its figure, else of those that closed with it."""
        named: dict[tuple[date, Place], set[str]] = defaultdict(set)
        for place, sequence in self.closes.items():
            named[self._complete(place, sequence), place._replace(organisation=ALL)].add(place.organisation)
        for (day, place), codes in named.items():
            start, _ = self._calendar(place.source, place.indicator).period(place.number)
            for whom in _whom(codes):
                word = Advance(
                    self.feed.key, place.source, start, self._over(place), whom, frozenset({place.indicator})
                )
                yield day, word

    def _complete(self, place: Place, sequence: int) -> date:
        if place in self.known:
            return self.known[place]
        stated = self.together.get((place.source, place.indicator, place.number, sequence))
        return stated or max(min(self.landed[sequence], self._due(place)), self._over(place))

    def _close(self, place: Place) -> int | None:
        return self.closes.get(place, self.closes.get(place._replace(organisation=ALL)))

    def _over(self, place: Place) -> date:
        """Give the first day on which a period can be complete."""
        end = self._calendar(place.source, place.indicator).period(place.number)[1]
        return end + self.feed.sources[place.source].wait(place.indicator)

    def _due(self, place: Place) -> date:
        source, period = self.feed.sources[place.source], self._calendar(place.source, place.indicator)
        return due(period.period(place.number), source.wait(place.indicator), source.lateness)

    def _calendar(self, source: str, indicator: str) -> Calendar:
        return calendar(self.feed.sources[source].calendars[indicator])


def _whom(codes: Iterable[str]) -> list[frozenset[str] | None]:
    """Give what advances name: all who are registered (None), and these codes."""
    some = frozenset(codes) - {ALL}
    return [*([None] if ALL in codes else []), *([some] if some else [])]


def noon(day: date) -> datetime:
    """Give the instant of a day at which history is relived."""
    return datetime.combine(day, time(12), UTC)
