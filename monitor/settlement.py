"""Which periods of which block settle now, and which cells people have seen (pure).

A block (an indicator from one source in one peer group) settles its periods oldest first: at the first
tick, `settle_after` after a period's first close, at which nine in ten of the awaited have closed it, or
once it is due. A period that nobody has closed, and none after it, waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from monitor.calendars import Calendar, calendar, day_of, due
from monitor.coverage import ALL, Ranges, closed, held, merged
from monitor.kept import Block, Cell, Coverage, Interval
from monitor.model import Feed, Indicator, PeerGroup, Source
from monitor.organisations import Registry

QUORUM = 0.9
"""Share of the awaited that must have closed a period before its peers' quantities are fixed (design.md §3)."""


@dataclass(frozen=True, slots=True)
class Roll:
    """Who of a block is awaited and what they have closed, as seen at one instant."""

    block: Block
    indicator: Indicator
    calendar: Calendar
    wait: timedelta
    lateness: timedelta
    closed: Mapping[str, Ranges]  # by organisation, in code order; everyone ever named
    begins: Mapping[str, int]  # number of the first period awaited
    ends: Mapping[str, int]  # number of the first period no longer awaited
    regions: Mapping[str, str] = field(default_factory=dict)  # of those who are in one

    @property
    def first(self) -> int | None:
        """Number of the first period that anyone has closed."""
        return min((ranges[0][0] for ranges in self.closed.values() if ranges), default=None)

    @property
    def front(self) -> int | None:
        """Number of the last period that anyone has closed."""
        return max((ranges[-1][1] for ranges in self.closed.values() if ranges), default=None)

    def awaited(self, number: int) -> tuple[str, ...]:
        """Name the organisations awaited for a period, in code order."""
        return tuple(
            code for code in self.closed if self.begins[code] <= number and number < self.ends.get(code, number + 1)
        )

    def has_closed(self, code: str, number: int) -> bool:
        """Say whether an organisation has closed a period."""
        return held(self.closed.get(code, ()), number)

    def last_due(self, today: date) -> int:
        """Give the number of the last period that is due."""
        return self.calendar.last_before(today - self.wait - self.lateness)

    def missing(self, number: int) -> list[str]:
        """Name who was awaited for a period and has not closed it, in code order."""
        open_ = {ranges for ranges in set(self.closed.values()) if not held(ranges, number)}  # most are closed alike
        return [code for code in self.awaited(number) if self.closed[code] in open_] if open_ else []

    def is_due(self, number: int, today: date) -> bool:
        """Say whether whoever has not closed this period is missing by now."""
        return today >= due(self.calendar.period(number), self.wait, self.lateness)

    def is_ready(self, number: int, now: datetime, *, settles_from: datetime | None) -> bool:
        """Say whether a period settles now; `settles_from` None: it has not rested long enough."""
        front = self.front
        if front is None or number > front:
            return False
        if self.is_due(number, day_of(now)):
            return True
        if settles_from is None or now < settles_from:
            return False
        awaited = len(self.awaited(number))
        return awaited - len(self.missing(number)) >= QUORUM * awaited > 0


def rolls(
    feed: Feed,
    coverage: Coverage,
    registry: Registry,
    present: Iterable[tuple[str, str]],
    today: date,
    settled: Mapping[Block, tuple[int, int]],
) -> list[Roll]:
    """Call the roll of every block of a feed.

    `present` names the (indicator, source) pairs that have any word; `settled` gives the first and last
    number that has settled of each block.
    """
    standing = _standing(registry, today)
    listed: list[Roll] = []
    shared: list[tuple[_Named, _Covered]] = []  # most indicators of a source are covered alike: worked out once
    for key, source_name in sorted(present):
        source, indicator = feed.sources.get(source_name), feed.indicator(key)
        if source is None or indicator is None or key not in source.calendars:
            continue
        named = coverage.get((source_name, key), {})
        periods = calendar(source.calendars[key])
        covered = next((found for before, found in shared if before == named), None)
        if covered is None:
            covered = _covered(named, standing)
            shared.append((named, covered))
        for group, spans in covered.items():
            block = Block(key, source_name, group)
            listed.append(_roll(block, indicator, source, periods, spans, standing, today, settled.get(block)))
    return listed


class _Standing(NamedTuple):
    """What the registry says of one organisation today."""

    group: PeerGroup | None  # None: compared with nobody
    line: tuple[str, ...]  # itself and those whose history is summed into its own
    heir: str | None
    start: date
    end: date | None
    region: str | None


_Named = Mapping[str, tuple[Interval, ...]]
"""What is covered, by organisation as named."""
_Covered = Mapping[PeerGroup, Mapping[str, tuple[Interval, ...]]]


def _standing(registry: Registry, today: date) -> dict[str, _Standing]:
    """Give, in code order, what holds of everyone: asked once for all blocks."""
    return {
        code: _Standing(
            stated.peer_group, registry.lineage(code, today), registry.successor(code, today), stated.start or date.min,
            registry.end(code), stated.region,
        )
        for code, stated in sorted(registry.organisations.items())
    }  # fmt: skip


def _roll(
    block: Block,
    indicator: Indicator,
    source: Source,
    periods: Calendar,
    spans: Mapping[str, tuple[Interval, ...]],
    standing: Mapping[str, _Standing],
    today: date,
    settled: tuple[int, int] | None,
) -> Roll:
    wait, lateness = source.wait(indicator.key), source.lateness
    ranges = {  # most are covered alike: each span is worked out once
        span: closed(span, periods, wait=wait, lateness=lateness, today=today, settled=settled)
        for span in set(spans.values())
    }
    begins = {span: periods.first_within(span[0][0]) for span in ranges}
    return Roll(
        block,
        indicator,
        periods,
        wait,
        lateness,
        {code: ranges[span] for code, span in spans.items()},
        {code: begins[span] for code, span in spans.items()},
        {code: periods.number(end) for code in spans if (end := standing[code].end)},
        {code: region for code in spans if (region := standing[code].region)},
    )


def _covered(named: _Named, standing: Mapping[str, _Standing]) -> _Covered:
    """Give who is covered at all, with what is covered of them, by peer group and in code order."""
    named_now = {*named, *(standing[code].heir for code in named if code in standing)}
    groups: dict[PeerGroup, dict[str, tuple[Interval, ...]]] = {}
    worked_out: dict[tuple[date, tuple[Interval, ...]], tuple[Interval, ...]] = {}  # most are covered alike
    for code, one in standing.items():
        if one.group is None or not (ALL in named or code in named_now):
            continue
        own = tuple(interval for member in one.line for interval in named.get(member, ()))
        if (one.start, own) not in worked_out:
            worked_out[one.start, own] = _intervals(one, own, named.get(ALL, ()))
        if spans := worked_out[one.start, own]:
            groups.setdefault(one.group, {})[code] = spans
    return groups


def _intervals(one: _Standing, own: Sequence[Interval], of_all: Sequence[Interval]) -> tuple[Interval, ...]:
    """Join what covers an organisation and its predecessors by name with what covers all, while it existed."""
    return merged([*own, *((max(one.start, since), until) for since, until in of_all)])


def holders(roll: Roll, cells: Iterable[Cell], lineage: Mapping[str, tuple[str, ...]]) -> list[tuple[Cell, str, int]]:
    """Give whose series read a cell in a period that they have closed, and its number; cells of other blocks: none."""
    mine = [cell for cell in cells if cell[:2] == roll.block[:2]]
    readers: dict[str, list[str]] = defaultdict(list)
    for code in roll.closed if mine else ():
        for member in lineage.get(code, (code,)):
            readers[member].append(code)
    found = [(cell, code, roll.calendar.number(cell.start)) for cell in mine for code in readers[cell.organisation]]
    return [(cell, code, number) for cell, code, number in found if roll.has_closed(code, number)]


def were_seen(before: Iterable[Roll], cells: Collection[Cell], lineage: Mapping[str, tuple[str, ...]]) -> set[Cell]:
    """Name the cells that people saw: those that somebody's series reads and had closed by these rolls.

    A source that is not live yet is on no roll: nobody saw what its first load held on the way.
    """
    return {cell for roll in before for cell, _, _ in holders(roll, cells, lineage)}


def first_closes(
    listed: Iterable[Roll],
    settled: Mapping[Block, tuple[int, int]],
    closes: Mapping[tuple[Block, int], datetime],
    now: datetime,
) -> dict[tuple[Block, int], datetime]:
    """Give the periods that someone has closed for the first time, with the instant.

    A number that nobody has closed has none, whatever lies beyond it: whoever fills that hole starts its rest.
    """
    new = {}
    for roll in listed:
        last = settled[roll.block][1] if roll.block in settled else None
        for number in _closed_by_anyone(roll, last):
            if (roll.block, number) not in closes:
                new[roll.block, number] = now
    return new


def _closed_by_anyone(roll: Roll, after: int | None) -> list[int]:
    """Give the numbers after this one (None: all) that someone has closed, ascending."""
    ranges = {span for spans in set(roll.closed.values()) for span in spans}
    numbers = {
        number
        for first, last in ranges
        for number in range(first if after is None else max(first, after + 1), last + 1)
    }
    return sorted(numbers)


def ready(
    roll: Roll,
    begin: int,
    closes: Mapping[tuple[Block, int], datetime],
    now: datetime,
    settle_after: timedelta,
) -> list[int]:
    """Give the numbers of the periods from `begin` on that settle now, oldest first."""
    numbers = []
    number = begin
    while roll.is_ready(number, now, settles_from=_settles_from(closes.get((roll.block, number)), settle_after)):
        numbers.append(number)
        number += 1
    return numbers


def _settles_from(first_close: datetime | None, settle_after: timedelta) -> datetime | None:
    return None if first_close is None else first_close + settle_after
