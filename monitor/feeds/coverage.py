"""What a file completes: files of figures the organisations in them, event files what is said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from monitor.calendars import calendar
from monitor.coverage import merged
from monitor.errors import BadFile, BadRecord, BadRequest
from monitor.feeds import cells
from monitor.feeds.grids import grids
from monitor.feeds.separated import Line
from monitor.feeds.statement import Statement
from monitor.feeds.table import Table, headed
from monitor.model import Advance, Feed, Period

ALL = "all"
UNREGISTERED = "a code that is not registered"
"""Stands for three letters that nobody registered: they could be somebody's name."""
Repeat = Callable[[str], str | None]
"""Gives a code that may be repeated; None: it may not."""
ONE_DAY = timedelta(days=1)
COLUMNS = ("organisation", "from", "through")
EMPTY_PERIODS = 4
"""Periods without any event of anybody that a file may have where nobody states its first day: a month of weeks.

More lets a mistyped day pass more often, and it says zero for every organisation from that day on; fewer asks more
people for `--from`.
"""


@dataclass(frozen=True, slots=True)
class Covers:
    """What a person or a sidecar says that an event file covers: "all", a coverage file's bytes, or nothing.

    `since` and `through` are the first and the last day that "all" covers; without `since` the period of the first
    event begins it.
    """

    what: str | bytes | None = None
    through: date | None = None
    since: date | None = None


class Completes(NamedTuple):
    """What a file completes: by its figures, by what is said of its events, and who is left awaited all the same."""

    of_figures: tuple[Advance, ...]
    declared: tuple[Advance, ...]
    withheld: tuple[str, ...]


def advances(feed: Feed, source: str, statement: Statement, covers: Covers, today: date) -> Completes:
    """Give the advances of a file, and the organisations withheld: too many of their rows were put aside."""
    withheld = frozenset(_withheld(statement, feed.sources[source].tolerance))
    declared = (
        replace(one, indicators=_promised(feed, source, statement.indicators))
        for one in _declared(feed, source, statement, covers, withheld, today)
    )
    return Completes(tuple(_of_figures(feed, statement, withheld)), tuple(declared), tuple(sorted(withheld)))


def named(withheld: Iterable[str], repeat: Repeat) -> tuple[str, ...]:
    """Name who is withheld, as far as they may be named."""
    return tuple(sorted({ALL if code == ALL else repeat(code) or UNREGISTERED for code in withheld}))


def _promised(feed: Feed, source: str, told: frozenset[str] | None) -> frozenset[str] | None:
    return None if told is None or told == frozenset(feed.sources[source].calendars) else told


def _withheld(statement: Statement, tolerance: float) -> Iterator[str]:
    asides: defaultdict[str, int] = defaultdict(int)
    for aside in statement.asides:
        if aside.organisation is not None:
            asides[aside.organisation] += 1
    for organisation, lost in asides.items():
        if lost > tolerance * max(statement.seen.get(organisation, 0), 1):
            yield organisation
    if statement.has_events and any(aside.organisation is None for aside in statement.asides):
        yield ALL  # a file cut short, or a row that could be anybody's: silence would read as nothing reported


def _of_figures(feed: Feed, statement: Statement, withheld: frozenset[str]) -> Iterator[Advance]:
    """Group what was stated: one advance for all organisations that have the same interval and indicators."""
    periods: defaultdict[tuple[str, str, str], set[Period]] = defaultdict(set)
    for source, organisation, indicator, period in statement.stated:
        if organisation not in withheld:
            periods[source, organisation, indicator].add(period)
    indicators: defaultdict[tuple[str, str, Period], set[str]] = defaultdict(set)
    for (source, organisation, indicator), stated in periods.items():
        wait = feed.sources[source].wait(indicator)
        for start, end in merged(stated):  # whoever publishes a figure has waited until it can grow no more
            indicators[source, organisation, (start, end + wait)].add(indicator)
    organisations: defaultdict[tuple[str, Period, frozenset[str]], set[str]] = defaultdict(set)
    for (source, organisation, interval), keys in indicators.items():
        organisations[source, interval, frozenset(keys)].add(organisation)
    for (source, (start, end), together), named in sorted(organisations.items(), key=lambda one: one[0][:2]):
        every = together == feed.sources[source].calendars.keys()
        yield Advance(feed.key, source, start, end, frozenset(named), None if every else together)


def _declared(
    feed: Feed, source: str, statement: Statement, covers: Covers, withheld: frozenset[str], today: date
) -> Iterator[Advance]:
    if covers.since is not None and covers.what != ALL:
        raise BadRequest("--from needs --covers all: a coverage file states its own days")
    if covers.what is None:
        if covers.through is not None:
            raise BadRequest("--through needs --covers: all, or a coverage file")
        return
    if covers.through is not None and covers.through > today:
        raise BadRequest(f"--through {covers.through} is in the future; a file covers days that have passed")
    if isinstance(covers.what, bytes):
        if ALL in withheld:
            return
        yield from _listed(feed, source, covers.what, withheld, today)
        return
    if covers.what != ALL:
        raise BadRequest(f"--covers {covers.what!r}: use all, or the path of a coverage file ({','.join(COLUMNS)})")
    if covers.through is None:
        raise BadRequest("--covers all needs --through DATE, the last day that the file covers")
    if covers.since is not None and covers.since > covers.through:
        raise BadRequest(f"--from {covers.since} is after --through {covers.through}; correct the days")
    if statement.first_day is not None and covers.through < statement.first_day:
        told = f"the first event, on {statement.first_day}"
        raise BadRequest(f"--through {covers.through} is before {told}; state the last day that the file covers")
    if ALL in withheld:
        return
    # "All" cannot leave anybody out: where some are withheld, it is true at least of the others in the file.
    named = frozenset(statement.seen) - withheld if withheld else None
    if named is None or named:
        start = covers.since or _start(feed, source, statement, covers.through)
        yield Advance(feed.key, source, start, covers.through + ONE_DAY, named)


def _start(feed: Feed, source: str, statement: Statement, through: date) -> date:
    """Begin with the period of the first event: the shortest that the source has."""
    shortest = max(map(calendar, feed.sources[source].calendars.values()), key=lambda one: one.per_year)
    days = sorted(day for day in statement.days if day <= through)
    for day, following in pairwise([*days, through]):
        empty = shortest.number(following) - shortest.number(day) - 1
        if empty > EMPTY_PERIODS:
            raise BadRequest(
                f"row {statement.days[day]} tells of {day}, and no row of the {empty} periods ({shortest.name}) after "
                "it: correct the day, or state the first day that the file covers with --from DATE"
            )
    return shortest.holding(days[0] if days else through)[0]


def _listed(feed: Feed, source: str, content: bytes, withheld: frozenset[str], today: date) -> Iterator[Advance]:
    named: defaultdict[Period, set[str]] = defaultdict(set)
    for organisation, interval in coverage(content, today):
        if organisation not in withheld:
            named[interval].add(organisation)
    for (start, end), organisations in sorted(named.items()):
        yield Advance(feed.key, source, start, end, frozenset(organisations))


def coverage(content: bytes, today: date) -> Sequence[tuple[str, Period]]:
    """Read a coverage file (`organisation,from,through`); any damage refuses it, since silence would read as zero."""
    table = _table(content)
    return [_interval(table, line, today) for line in table.lines]


def _interval(table: Table, line: Line, today: date) -> tuple[str, Period]:
    try:
        row = table.row(line)
        first = cells.past_day(row["from"], "from", today)
        last = cells.past_day(row["through"], "through", today)
        organisation = cells.organisation(row["organisation"], "organisation")
    except BadRecord as bad:
        raise BadFile(f"coverage file, line {line.number}: {bad.field}: {bad.reason.value}") from bad
    if first > last:
        raise BadFile(f"coverage file, line {line.number}: from {first} is after through {last}; correct the days")
    return organisation, (first, last + ONE_DAY)


def _table(content: bytes) -> Table:
    try:
        (grid, *_) = grids(content)
        table = headed(grid, 0, COLUMNS) if grid.lines else None
    except BadFile as bad:
        raise BadFile(f"coverage file: {bad}") from bad
    if table is None or not all(column in table.columns for column in COLUMNS):
        raise BadFile(f"the coverage file lacks its header {','.join(COLUMNS)}")
    return table
