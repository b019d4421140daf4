"""Who is measured, as a recorded act, and what has been declared complete for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, case, func, select

from monitor import wire
from monitor.kept import Coverage, Interval
from monitor.model import Organisation, PeerGroup, Succession
from monitor.organisations import with_facts
from monitor.store import tables
from monitor.store.engine import writing
from monitor.store.statements import Row, add, insert, put

_Intervals = Mapping[str, tuple[Interval, ...]]
_coverage = tables.coverage.c
_COVERAGE = (
    select(_coverage.source, _coverage.indicator, _coverage.body)
    .where(_coverage.feed == bindparam("feed"))
    .order_by(_coverage.source, _coverage.indicator)
)
_VERSION = select(func.coalesce(func.max(tables.registries.c.version), 0))


def load_organisations(
    engine: Engine, organisations: Sequence[Organisation], successions: Sequence[Succession], *, by: str, at: datetime
) -> None:
    """Take organisations and successions into the registry: a recorded act of whoever loads them.

    What the registry says replaces what feeds have stated; what a new load does not say stays, as it stands
    at the instant of writing. A code is the name of whom nobody has named.
    """
    chains = [
        {"predecessor": each.predecessor, "successor": each.successor, "legal_date": each.legal_date}
        for each in successions
    ]
    ticks = tables.ticks
    with writing(engine) as connection:
        rows = _laid_over(read_registry(connection)[0], organisations)
        put(connection, tables.organisations, rows)
        add(connection, tables.successions, chains)
        after_tick = connection.scalar(select(func.coalesce(func.max(ticks.c.sequence), 0))) or 0
        act = {
            "by": by,
            "at": at,
            "after_tick": after_tick,
            "organisations": len(rows),
            "successions": len(chains),
        }
        connection.execute(tables.registry_loads.insert(), act)
        _keep_version(connection, after_tick, stated=False)


def _laid_over(known: Mapping[str, Organisation], stated: Sequence[Organisation]) -> list[Row]:
    """Give one row for each code: what is stated now, in its order, over what is known."""
    facts = dict[str, Organisation]()
    for each in stated:
        facts[each.code] = with_facts(facts.get(each.code) or known.get(each.code), each)
    return [_row(replace(each, name=each.name or each.code, stated_by=None)) for each in facts.values()]


def _row(organisation: Organisation) -> dict[str, object]:
    return {
        "code": organisation.code,
        "name": organisation.name,
        "peer_group": None if organisation.peer_group is None else organisation.peer_group.value,
        "region": organisation.region,
        "start": organisation.start,
        "end": organisation.end,
        "stated_by": organisation.stated_by,
    }


_WHO, _WHAT = ("name", "start", "end", "stated_by"), ("peer_group", "region")


def write_provisional(connection: Connection, organisations: Sequence[Organisation], *, sequence: int) -> None:
    """Take in organisations as feeds state them; of whom the registry knows, they fill only what is missing."""
    if organisations:
        table = tables.organisations
        statement = insert(connection, table)
        new, registered = statement.excluded, table.c.stated_by.is_(None)
        stated = {name: case((registered, table.c[name]), else_=new[name]) for name in _WHO}
        filled = {name: case((registered, func.coalesce(table.c[name], new[name])), else_=new[name]) for name in _WHAT}
        statement = statement.on_conflict_do_update(index_elements=["code"], set_=stated | filled)
        connection.execute(statement, [_row(each) for each in organisations])
        _keep_version(connection, sequence, stated=True)


_Registry = tuple[tuple[Organisation, ...], tuple[Succession, ...]]


def _keep_version(connection: Connection, after_tick: int, *, stated: bool) -> None:
    """Keep the registry as it stands now, for whoever asks later what was known."""
    organisations, successions = read_registry(connection)
    body = wire.dump((tuple(organisations.values()), successions))
    connection.execute(tables.registries.insert(), {"after_tick": after_tick, "stated": stated, "body": body})


def read_version(connection: Connection) -> int:
    """Give the registry's version; 0: nothing is registered."""
    return connection.scalar(_VERSION) or 0


def read_registry_then(connection: Connection, version: int) -> _Registry:
    """Give the registry as it stood at this version."""
    body = connection.scalar(select(tables.registries.c.body).where(tables.registries.c.version == version))
    found: _Registry = ((), ()) if body is None else wire.load(_Registry, body)
    return found


def read_registry(connection: Connection) -> tuple[dict[str, Organisation], tuple[Succession, ...]]:
    """Give organisations by code, and successions by date."""
    table, chain = tables.organisations, tables.successions
    organisations = {
        row.code: Organisation(
            row.code,
            row.name,
            None if row.peer_group is None else PeerGroup(row.peer_group),
            row.region,
            row.start,
            row.end,
            row.stated_by,
        )
        for row in connection.execute(select(table).order_by(table.c.code))
    }
    rows = connection.execute(select(chain).order_by(chain.c.legal_date, chain.c.predecessor, chain.c.successor))
    return organisations, tuple(Succession(row.predecessor, row.successor, row.legal_date) for row in rows)


def read_coverage(connection: Connection, feed: str) -> Coverage:
    """Give what has been declared complete."""
    rows = connection.execute(_COVERAGE, {"feed": feed}).all()
    read = {body: wire.load(_Intervals, body) for body in {row.body for row in rows}}  # most indicators have the same
    return {(row.source, row.indicator): read[row.body] for row in rows}


def write_coverage(connection: Connection, feed: str, coverage: Mapping[tuple[str, str], _Intervals]) -> None:
    """Put these in place of what was declared complete."""
    rows = [
        {"feed": feed, "source": source, "indicator": indicator, "body": wire.dump(intervals)}
        for (source, indicator), intervals in coverage.items()
    ]
    put(connection, tables.coverage, rows)
