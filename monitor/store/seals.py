"""Which periods hold nothing but the sum of their events, and the words of events that are no longer needed.

A seal is set first, and whoever has read before it is made to read again: from then on no event changes such a period,
and its words can go one by one, whenever a crash comes. The sums, their vintages and all that was derived stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, Engine, case, select

from monitor import wire
from monitor.kept import Interval
from monitor.periods import is_within
from monitor.store import tables
from monitor.store.columns import micros
from monitor.store.engine import reading, writing
from monitor.store.expiry import PART
from monitor.store.lists import among
from monitor.store.names import Numbers
from monitor.store.rebuilds import check_whole, mark
from monitor.store.statements import add, chunks, insert
from monitor.store.words import Parts

Seals = Mapping[tuple[str, str], Interval]
"""By (indicator, source): the days between which periods are sealed."""
OPEN: Interval = (date.max, date.min)
PAGE = 1_000  # words looked at in one read


def read_seals(connection: Connection, feed: str) -> dict[tuple[str, str], Interval]:
    """Give what is sealed of a feed."""
    table = tables.seals
    rows = connection.execute(select(table).where(table.c.feed == feed))
    return {(row.indicator, row.source): (row.since, row.before) for row in rows}


def due(engine: Engine, feed: str, settled_by: datetime) -> Seals:
    """Give the seals of a feed that would reach further than they do now.

    A period is sealed that some peer group settled by this instant and none later: what has settled late, since its
    history came late, keeps its events for as long as any other. What lies before all that has settled is open.
    """
    by_pair: dict[tuple[str, str], list[tuple[int, int, bool]]] = {}
    blocks, table = tables.blocks, tables.settlements
    query = select(blocks.c.indicator, blocks.c.source, table.c.start, table.c.end, table.c.at <= micros(settled_by))
    with reading(engine) as connection:
        check_whole(connection)
        held = read_seals(connection, feed)
        for indicator, source, start, end, is_old in connection.execute(query.join(table).where(blocks.c.feed == feed)):
            by_pair.setdefault((indicator, source), []).append((start, end, bool(is_old)))
    reached = {pair: further(held.get(pair), _sealable(periods)) for pair, periods in by_pair.items()}
    return {pair: days for pair, days in reached.items() if days is not None and days != held.get(pair)}


def _sealable(settled: Sequence[tuple[int, int, bool]]) -> Interval | None:
    """Give the days of what settled long ago, until the first of them that also settled lately."""
    old = [(start, end) for start, end, is_old in settled if is_old]
    if not old:
        return None
    first = min(start for start, _ in old)
    young = [start for start, _, is_old in settled if not is_old and start >= first]
    until = min([max(end for _, end in old), *young])
    return (date.fromordinal(first), date.fromordinal(until)) if first < until else None


def further(held: Interval | None, new: Interval | None) -> Interval | None:
    """Give what is sealed together with what newly can be, where they meet; nothing that is sealed opens again.

    >>> further((date(2020, 1, 1), date(2021, 1, 1)), (date(2019, 1, 1), date(2022, 1, 1)))
    (datetime.date(2019, 1, 1), datetime.date(2022, 1, 1))
    >>> further((date(2020, 1, 1), date(2021, 1, 1)), (date(2018, 1, 1), date(2019, 1, 1)))
    (datetime.date(2020, 1, 1), datetime.date(2021, 1, 1))
    """
    if held is None or new is None:
        return held or new
    meet = new[0] <= held[1] and held[0] <= new[1]
    return (min(held[0], new[0]), max(held[1], new[1])) if meet else held


def seal(engine: Engine, feed: str, seals: Seals) -> None:
    """Let no event change these periods any more, whoever is at work; `Outage` while a replay is under way."""
    rows = [
        {"feed": feed, "indicator": indicator, "source": source, "since": since, "before": before}
        for (indicator, source), (since, before) in seals.items()
    ]
    table = tables.seals
    with writing(engine) as connection:
        check_whole(connection)
        new = insert(connection, table)
        # another run may have reached further meanwhile: what is sealed stays so
        reach = {
            "since": case((table.c.since < new.excluded.since, table.c.since), else_=new.excluded.since),
            "before": case((table.c.before > new.excluded.before, table.c.before), else_=new.excluded.before),
        }
        keys = [column.name for column in table.primary_key]
        connection.execute(new.on_conflict_do_update(index_elements=keys, set_=reach), rows)
        mark(connection, ended=True)


def expired(engine: Engine, feed: str, seals: Seals) -> Iterator[list[str]]:
    """Give, page by page, the subjects of events all of whose periods are sealed."""
    table, after = tables.words, ""
    latest = max((before for _, before in seals.values()), default=date.min).toordinal()
    while True:
        with reading(engine) as connection:
            numbers = Numbers()
            whose = numbers.names.find(connection, [feed]).get(feed)
            query = select(table.c.subject, table.c.contributions).where(table.c.feed == whose, table.c.subject > after)
            query = query.where(table.c.until.between(1, latest)).order_by(table.c.subject).limit(PAGE)
            rows = connection.execute(query).all()
            gone = [row.subject for row in rows if _is_sealed(connection, numbers, row.contributions, seals)]
        if not rows:
            return
        yield gone
        after = rows[-1].subject


def _is_sealed(connection: Connection, numbers: Numbers, contributions: str, seals: Seals) -> bool:
    parts: Parts = wire.load(Parts, contributions)
    keys = numbers.series.keys(connection, {part[0] for part in parts})
    days = [seals.get((keys[part[0]].indicator, keys[part[0]].source), OPEN) for part in parts]
    periods = [(date.fromordinal(part[1]), date.fromordinal(part[2])) for part in parts]
    return all(map(is_within, periods, days))


def read_forgotten(connection: Connection, numbers: Numbers, feed: str, subjects: Collection[str]) -> frozenset[str]:
    """Give those of these subjects whose words have been dropped."""
    table, whose = tables.forgotten, numbers.names.find(connection, [feed]).get(feed)
    query = select(table.c.subject).where(table.c.feed == whose, among(table.c.subject, subjects))
    return frozenset(connection.scalars(query))


def forget(engine: Engine, feed: str, subjects: Sequence[str]) -> None:
    """Drop the words of these events, and keep that they spoke; what they said stays in the sums of their periods."""
    table = tables.words
    for some in chunks(subjects, PART):
        with writing(engine) as connection:
            whose = Numbers().names.find(connection, [feed])[feed]
            add(connection, tables.forgotten, [{"feed": whose, "subject": subject} for subject in some])
            connection.execute(table.delete().where(table.c.feed == whose, among(table.c.subject, some)))
