"""Levels that people have accepted as the new normal: written with their act, and never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, func, select

from monitor.acceptance import Acceptances, Accepted
from monitor.store import tables


def write_accepted(connection: Connection, act: int, accepted: Iterable[Accepted]) -> None:
    """Write what an act, by its number, accepts."""
    rows = [
        {"act": act, "organisation": one.organisation, "indicator": one.indicator, "source": one.source}
        | {"start": one.start}
        for one in accepted
    ]
    if rows:
        connection.execute(tables.acceptances.insert(), rows)


def read_accepted(connection: Connection, acts: Iterable[int]) -> dict[int, tuple[Accepted, ...]]:
    """Give what each of these acts, by number, accepts; absent: nothing."""
    table = tables.acceptances
    query = select(table).where(table.c.act.in_(list(acts)))
    found: dict[int, list[Accepted]] = defaultdict(list)
    for row in connection.execute(query.order_by(table.c.act, table.c.organisation, table.c.indicator, table.c.source)):
        found[row.act].append(Accepted(row.organisation, row.indicator, row.source, row.start))
    return {act: tuple(some) for act, some in found.items()}


def read_acceptances(connection: Connection, *, before: int | None = None) -> Acceptances:
    """Give all that has been accepted; `before` a tick's sequence: what this tick could see."""
    table, acts = tables.acceptances, tables.acts
    query = select(table).join(acts, acts.c.id == table.c.act).order_by(table.c.act)
    query = query if before is None else query.where(acts.c.after_tick < before)
    levels: dict[tuple[str, str], dict[str, set[date]]] = defaultdict(lambda: defaultdict(set))
    last = 0
    for row in connection.execute(query):
        levels[row.indicator, row.source][row.organisation].add(row.start)
        last = row.act
    frozen = {pair: {code: frozenset(days) for code, days in some.items()} for pair, some in levels.items()}
    return Acceptances(last, frozen)


def last_accepting(connection: Connection) -> int:
    """Give the number of the last act that accepted something; 0: there is none."""
    return connection.scalar(select(func.max(tables.acceptances.c.act))) or 0
