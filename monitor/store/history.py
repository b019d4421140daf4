"""What has happened, in the one order of all feeds' ticks: what a replay runs again.

What a closed cell held when a tick had ended is read by `SqlStore(engine, known_at=sequence)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, select

from monitor import wire
from monitor.acceptance import Acceptances
from monitor.kept import Cell, Sum
from monitor.model import Advance, Feed, Organisation, Succession, Tick
from monitor.store import tables
from monitor.store.acceptances import read_acceptances
from monitor.store.engine import reading
from monitor.store.registry import read_registry_then


@dataclass(frozen=True, slots=True)
class Ticked:
    """A tick that has been, without its messages, and its place in the order of all feeds' ticks."""

    sequence: int
    tick: Tick


@dataclass(frozen=True, slots=True)
class Vintage:
    """What a closed cell held until a tick changed it; a sum without words: it held nothing."""

    until: int
    cell: Cell
    held: Sum


def ticks(engine: Engine, feed: str | None = None) -> tuple[Ticked, ...]:
    """Give the ticks of a feed (None: of all) in the order in which they were claimed."""
    table = tables.ticks
    query = select(table).order_by(table.c.sequence)
    with reading(engine) as connection:
        rows = connection.execute(query if feed is None else query.where(table.c.feed == feed)).all()
    return tuple(Ticked(row.sequence, _tick(row)) for row in rows)


def last_turn(engine: Engine, feed: str) -> datetime | None:
    """Give the instant of a feed's last tick; None: it has had none."""
    table = tables.ticks
    query = select(table.c.now).where(table.c.feed == feed).order_by(table.c.number.desc()).limit(1)
    with reading(engine) as connection:
        return connection.scalar(query)


def _tick(row: Row[Any]) -> Tick:
    return Tick(
        row.feed,
        row.topic,
        row.number,
        row.next,
        row.now,
        (),
        settles=row.settles,
        registry=row.registry,
        threshold=row.threshold,
        settle_after=timedelta(seconds=row.settle_after),
        behind=row.behind,
    )


def advances(engine: Engine) -> dict[int, tuple[Advance, ...]]:
    """Give what each tick (by sequence) took in as completely published."""
    table = tables.advances
    found: dict[int, list[Advance]] = {}
    with reading(engine) as connection:
        for sequence, body in connection.execute(
            select(table.c.tick, table.c.body).order_by(table.c.tick, table.c.place)
        ):
            found.setdefault(sequence, []).append(wire.load(Advance, body))
    return {sequence: tuple(some) for sequence, some in found.items()}


def contracts(engine: Engine) -> dict[int, Feed]:
    """Give the contract that each tick (by sequence) took in, where it said something new."""
    table = tables.contracts
    with reading(engine) as connection:
        rows = connection.execute(select(table.c.tick, table.c.body).order_by(table.c.tick)).all()
    return {row[0]: wire.load(Feed, row[1]) for row in rows}


def heard(engine: Engine) -> dict[int, frozenset[tuple[str, str]]]:
    """Give the (indicator, source) pairs of which each tick (by sequence) brought the first word."""
    table = tables.heard
    found: dict[int, set[tuple[str, str]]] = {}
    with reading(engine) as connection:
        for row in connection.execute(select(table)):
            found.setdefault(row.tick, set()).add((row.indicator, row.source))
    return {sequence: frozenset(pairs) for sequence, pairs in found.items()}


def acceptances(engine: Engine, sequence: int) -> Acceptances:
    """Give what people had accepted before a tick, by its sequence."""
    with reading(engine) as connection:
        return read_acceptances(connection, before=sequence)


def registries(engine: Engine) -> dict[int, int]:
    """Give the version of the registry that each tick (by sequence) made by what it stated."""
    table = tables.registries
    with reading(engine) as connection:
        rows = connection.execute(select(table.c.after_tick, table.c.version, table.c.stated)).all()
    return {row.after_tick: row.version for row in rows if row.stated}


def registry(engine: Engine, version: int) -> tuple[tuple[Organisation, ...], tuple[Succession, ...]]:
    """Give the registry as it stood at this version."""
    with reading(engine) as connection:
        return read_registry_then(connection, version)


def held(engine: Engine, feed: str) -> tuple[tuple[int, Cell, Sum], ...]:
    """Give what every cell of a feed holds now, with the tick (by sequence) that wrote it last."""
    table, series = tables.period_sums, tables.series
    query = select(table, series.c.indicator, series.c.source, series.c.organisation).join(series)
    query = query.where(series.c.feed == feed).order_by(table.c.series, table.c.start)
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    return tuple((row.tick, _cell(row), _held(row)) for row in rows)


def unscored(engine: Engine, feed: str) -> dict[Cell, Sum]:
    """Give what closed cells of a feed held before its ticks since the last that was not behind, which scored them."""
    table = tables.ticks
    query = select(table.c.sequence).where(table.c.feed == feed, ~table.c.behind)
    with reading(engine) as connection:
        scored = connection.scalar(query.order_by(table.c.number.desc()).limit(1))
    # of a cell that has changed more than once since, the oldest holds
    return {vintage.cell: vintage.held for vintage in reversed(vintages(engine, feed, after=scored or 0))}


def vintages(engine: Engine, feed: str | None = None, *, after: int = 0) -> tuple[Vintage, ...]:
    """Give what closed cells of a feed (None: of all) held before they changed, in the order of the changes.

    `after`: of later ticks (by sequence) than this one.
    """
    table, series = tables.vintages, tables.series
    query = select(table, series.c.indicator, series.c.source, series.c.organisation).join(series)
    query = query.where(table.c.until_tick > after).order_by(table.c.until_tick, table.c.series, table.c.start)
    with reading(engine) as connection:
        rows = connection.execute(query if feed is None else query.where(series.c.feed == feed)).all()
    return tuple(Vintage(row.until_tick, _cell(row), _held(row)) for row in rows)


def _cell(row: Row[Any]) -> Cell:
    return Cell(row.indicator, row.source, row.organisation, date.fromordinal(row.start))


def _held(row: Row[Any]) -> Sum:
    return Sum(row.numerator, row.denominator, row.words, row.bare, row.known or 0)
