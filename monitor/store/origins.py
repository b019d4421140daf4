"""Where the words of a period come from: run, file and row, as they travelled with each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, Engine, or_, select

from monitor.kept import Cell
from monitor.store import tables
from monitor.store.engine import reading
from monitor.store.statements import chunks

AT_ONCE = 25  # cells asked for in one pass over a feed's words


class Origin(NamedTuple):
    """One word's place: the run that published it, the first digits of its file's checksum, and its row.

    `row` None: of events. Of a cell's events one place stands for all, whose rows, or files, would tell how many there
    are.
    """

    run: str
    file: str
    row: int | None


def origins(engine: Engine, cells: Collection[Cell]) -> Mapping[Cell, tuple[Origin, ...]]:
    """Give where the words that a cell holds come from, each place once; those that have been sealed are gone.

    A pass over the feed's words, so for people who look at a case, not for the worker.
    """
    found: defaultdict[Cell, set[Origin]] = defaultdict(set)
    with reading(engine) as connection:
        for some in chunks(sorted(cells), AT_ONCE):
            feeds, marks = _marks(connection, some)
            for origin, contributions in _words(connection, feeds, marks) if marks else ():
                for mark, cell in marks.items():
                    if mark in contributions:
                        found[cell].add(origin)
    return {cell: _shown(places) for cell, places in found.items()}


def _shown(places: Collection[Origin]) -> tuple[Origin, ...]:
    """Keep the last place of events, and all others, in one order."""
    ordered = sorted(places, key=str)
    events = [place for place in ordered if place.row is None]
    return tuple([*events[-1:], *(place for place in ordered if place.row is not None)])


def _marks(connection: Connection, cells: Collection[Cell]) -> tuple[frozenset[str], dict[str, Cell]]:
    """Give how a contribution to each cell begins as it is written, and the feeds that these cells are of."""
    series = tables.series
    keys = [
        (series.c.indicator == cell.indicator)
        & (series.c.source == cell.source)
        & (series.c.organisation == cell.organisation)
        for cell in cells
    ]
    rows = connection.execute(select(series).where(or_(*keys))).all()
    numbers = {(row.indicator, row.source, row.organisation): row.id for row in rows}
    marks = {f"[{numbers[cell[:3]]},{cell.start.toordinal()},": cell for cell in cells if cell[:3] in numbers}
    return frozenset(row.feed for row in rows), marks


def _words(connection: Connection, feeds: Collection[str], marks: Collection[str]) -> Iterator[tuple[Origin, str]]:
    table, names = tables.words, tables.names
    mine = select(names.c.id).where(names.c.text.in_(feeds))
    begins = or_(*(table.c.contributions.contains(mark) for mark in marks))
    query = select(names.c.text, table.c.row, table.c.contributions, table.c.until)
    query = query.join(names, names.c.id == table.c.origin).where(table.c.feed.in_(mine), begins)
    for place, row, contributions, until in connection.execute(query):
        run, _, file = place.rstrip("/").partition("/")
        yield Origin(run, file, int(row) if until is None and row.isdecimal() else None), contributions
