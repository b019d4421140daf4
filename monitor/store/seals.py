"""Which periods hold nothing but the sum of their events, and the words of events that are no longer needed.

A seal is set first, and whoever has read before it is made to read again: from then on no event changes such a period,
and its words can go one by one, whenever a crash comes. The sums, their vintages and all that was derived stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, Engine, case, func, select

from monitor import wire
from monitor.store import tables
from monitor.store.columns import micros
from monitor.store.engine import reading, writing
from monitor.store.expiry import PART
from monitor.store.names import Numbers
from monitor.store.rebuilds import check_whole, mark
from monitor.store.statements import chunks, put
from monitor.store.words import Parts

Seals = Mapping[tuple[str, str], date]
"""By (indicator, source): the day up to which periods are sealed."""
PAGE = 1_000  # words looked at in one read


def read_seals(connection: Connection, feed: str) -> dict[tuple[str, str], date]:
    """Give what is sealed of a feed."""
    table = tables.seals
    rows = connection.execute(select(table).where(table.c.feed == feed))
    return {(row.indicator, row.source): row.before for row in rows}


def due(engine: Engine, feed: str, settled_by: datetime) -> Seals:
    """Give the seals of a feed that would reach further than they do now.

    A period is sealed that some peer group settled by this instant and none later: what has settled late, since its
    history came late, keeps its events for as long as any other.
    """
    blocks, table = tables.blocks, tables.settlements
    is_old = table.c.at <= micros(settled_by)
    ends = func.max(case((is_old, table.c.end))), func.min(case((~is_old, table.c.start)))
    query = select(blocks.c.indicator, blocks.c.source, *ends).join(blocks).where(blocks.c.feed == feed)
    with reading(engine) as connection:
        check_whole(connection)
        held = read_seals(connection, feed)
        rows = connection.execute(query.group_by(blocks.c.indicator, blocks.c.source)).all()
    reached = {(row[0], row[1]): _first(row[2], row[3]) for row in rows if row[2] is not None}
    return {pair: before for pair, before in reached.items() if before > held.get(pair, date.min)}


def _first(old: int, young: int | None) -> date:
    return date.fromordinal(old if young is None else min(old, young))


def seal(engine: Engine, feed: str, seals: Seals) -> None:
    """Let no event change these periods any more, whoever is at work; `Outage` while a replay is under way."""
    rows = [
        {"feed": feed, "indicator": indicator, "source": source, "before": before}
        for (indicator, source), before in seals.items()
    ]
    with writing(engine) as connection:
        check_whole(connection)
        put(connection, tables.seals, rows)
        mark(connection, ended=True)


def expired(engine: Engine, feed: str, seals: Seals) -> Iterator[list[str]]:
    """Give, page by page, the subjects of events all of whose periods are sealed."""
    table, after = tables.words, ""
    latest = max(seals.values(), default=date.min).toordinal()
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
    pairs = [((keys[part[0]].indicator, keys[part[0]].source), date.fromordinal(part[2])) for part in parts]
    return all(end <= seals.get(pair, date.min) for pair, end in pairs)


def forget(engine: Engine, feed: str, subjects: Sequence[str]) -> None:
    """Drop the words of these events; what they said stays in the sums of their periods."""
    table = tables.words
    for some in chunks(subjects, PART):
        with writing(engine) as connection:
            whose = Numbers().names.find(connection, [feed])[feed]
            connection.execute(table.delete().where(table.c.feed == whose, table.c.subject.in_(some)))
