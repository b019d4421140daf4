"""What the periods hold, one row a cell, and what they held before: read as cells or as arrays.

"As known" at a tick (its `sequence`) is what a closed cell held when that tick had ended: the oldest of the later
vintages, else the present value, where no later tick wrote it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, Table, and_, bindparam, select, true

from monitor.calendars import calendar as calendar_named
from monitor.kept import Cell, Figures, Sum
from monitor.store import tables
from monitor.store.lists import among
from monitor.store.names import Numbers, Series
from monitor.store.statements import add, fetch, fill

SumRows = list[tuple[Any, ...]]
"""Series, start, and what the cell holds, as a `Sum` lies."""
WORDS = 2 + Sum._fields.index("words")
_Place = tuple[int, int]  # series, start
_SUM = ("numerator", "denominator", "words", "bare", "known")  # `known` holds what `Sum.stated` does

_vintages = tables.vintages.c
_FIRST = (
    select(*(_vintages[name] for name in _SUM))
    .where(_vintages.series == bindparam("series"), _vintages.start == bindparam("start"))
    .where(_vintages.until_tick <= bindparam("through"))
    .order_by(_vintages.until_tick)
    .limit(1)
)


def read_sums(
    connection: Connection, numbers: Numbers, cells: Collection[Cell], *, known_at: int | None = None
) -> dict[Cell, Sum]:
    """Give what these cells hold, or held when tick `known_at` had ended; a cell without words is absent."""
    series = numbers.series.find(connection, {_key(cell) for cell in cells})
    numbered = ((series.get(_key(cell)), cell) for cell in cells)
    by_place = {(number, cell.start.toordinal()): cell for number, cell in numbered if number is not None}
    present, vintages = tables.period_sums, tables.vintages
    rows = _at(connection, present, by_place, true() if known_at is None else present.c.tick <= known_at)
    if known_at is not None:  # newest first: the oldest of the later ones comes last, and holds
        rows += _at(connection, vintages, by_place, vintages.c.until_tick > known_at, vintages.c.until_tick.desc())
    held = {(row[0], row[1]): _sum(*row[2:]) for row in rows}
    return {by_place[place]: found for place, found in held.items() if found.words}


def read_first(connection: Connection, numbers: Numbers, cell: Cell, *, through: int) -> Sum | None:
    """Give what a closed cell held before the first tick, up to `through`, that changed it; None: none did."""
    series = numbers.series.find(connection, {_key(cell)}).get(_key(cell), -1)
    asked = {"series": series, "start": cell.start.toordinal(), "through": through}
    row = connection.execute(_FIRST, asked).first()
    return None if row is None else _sum(*row)


def _at(connection: Connection, table: Table, places: Collection[_Place], condition: Any, *order: Any) -> list[Any]:
    query = select(table.c.series, table.c.start, *(table.c[name] for name in _SUM)).where(condition).order_by(*order)
    return [row for some in _lines(table, places) for row in fetch(connection, query.where(some))]


def _lines(table: Table, places: Collection[_Place]) -> Iterator[Any]:
    """Give conditions that together mean these places: per period or per series, whichever are fewer.

    `(series, start) IN (…)` would read a whole table: SQLite uses no index for lists of pairs.
    """
    axis = min((0, 1), key=lambda side: len({place[side] for place in places}))
    lines: dict[int, list[int]] = {}
    for place in places:
        lines.setdefault(place[axis], []).append(place[1 - axis])
    fixed, listed = (table.c.series, table.c.start) if axis == 0 else (table.c.start, table.c.series)
    for value, others in lines.items():
        yield and_(fixed == value, among(listed, others))


def _key(cell: Cell) -> Series:
    return cell[:3]


def _sum(numerator: float, denominator: float | None, words: int, bare: str | None, known: int | None) -> Sum:
    return Sum(numerator, denominator, words, bare, known or 0)


def write_sums(connection: Connection, rows: SumRows, *, sequence: int) -> None:
    """Put the sums of these rows in place of what their cells held; a cell without words is emptied."""
    fill(connection, tables.period_sums, [(*row, sequence) for row in rows if row[WORDS]])
    table = tables.period_sums
    for some in _lines(table, [row[:2] for row in rows if not row[WORDS]]):
        connection.execute(table.delete().where(some))


def write_vintages(
    connection: Connection, numbers: Numbers, feed: str, superseded: Mapping[Cell, Sum], *, sequence: int
) -> None:
    """Keep what closed cells held until this tick; a sum without words says that they held nothing."""
    rows = new_sum_rows(connection, numbers, feed, superseded)
    fill(connection, tables.vintages, [(*row[:2], sequence, *row[2:]) for row in rows])


def new_sum_rows(connection: Connection, numbers: Numbers, feed: str, sums: Mapping[Cell, Sum]) -> SumRows:
    """Do as `sum_rows`, with new numbers for the series that have none."""
    numbers.series.make(connection, feed, {_key(cell) for cell in sums})
    return sum_rows(numbers, sums)


def sum_rows(numbers: Numbers, sums: Mapping[Cell, Sum]) -> SumRows:
    """Write sums as rows of their table without the tick, of series that are remembered; `KeyError`: one is not."""
    series = numbers.series.known
    return [(series[cell[:3]], cell[3].toordinal(), *held) for cell, held in sums.items()]


def write_heard(connection: Connection, feed: str, pairs: Collection[tuple[str, str]], *, sequence: int) -> None:
    """Note which tick first brought a word of each (indicator, source)."""
    rows = [{"feed": feed, "indicator": one, "source": other, "tick": sequence} for one, other in sorted(pairs)]
    add(connection, tables.heard, rows)


def read_heard(connection: Connection, feed: str) -> frozenset[tuple[str, str]]:
    """Give the (indicator, source) pairs of this feed that any word has come of."""
    table = tables.heard
    rows = connection.execute(select(table.c.indicator, table.c.source).where(table.c.feed == feed))
    return frozenset((indicator, source) for indicator, source in rows)


def read_newest(connection: Connection, feed: str) -> date | None:
    """Give the start of the last period that holds anything of this feed; None: none does."""
    series, start = tables.series, tables.period_sums.c.start
    mine = tables.period_sums.c.series.in_(select(series.c.id).where(series.c.feed == feed))
    newest = connection.scalar(select(start).where(mine).order_by(start.desc()).limit(1))
    return None if newest is None else date.fromordinal(newest)


def read_figures(
    connection: Connection,
    numbers: Numbers,
    pair: tuple[str, str],
    calendar: str,
    first: int,
    last: int,
    *,
    of: Collection[str] | None = None,
    known_at: int | None = None,
) -> Figures:
    """Give the sums of one (indicator, source) over periods first..last as arrays, of all organisations or of some.

    `known_at`: as known at the end of this tick.
    """
    starts = [calendar_named(calendar).start(number).toordinal() for number in range(first, last + 1)]
    sums, vintages = tables.period_sums, tables.vintages
    asked = _asked(pair, starts, of)
    present = _within(sums, some=of is not None)
    if known_at is None:
        rows = _fetch(connection, present, asked)
    else:
        rows = _fetch(connection, present.where(sums.c.tick <= known_at), asked)
        later = _within(vintages, some=of is not None)
        later = later.where(vintages.c.until_tick > known_at).order_by(vintages.c.until_tick.desc())
        # the oldest of the later ones comes last, and holds
        rows = np.concatenate([rows, _fetch(connection, later, asked)])
    told, across = np.unique(rows[:, 0], return_inverse=True)
    listed = told.astype(int).tolist()
    keys = numbers.series.keys(connection, listed)
    return _figures(rows, [keys[number].organisation for number in listed], across, first, starts)


@lru_cache
def _within(table: Table, *, some: bool) -> Select[Any]:
    """Select the rows of an indicator's series in periods of these starts; `some`: of some organisations only.

    Written once: to write it for each indicator took half as long as to read its figures of a week.
    """
    series = tables.series
    which = select(series.c.id).where(
        series.c.indicator == bindparam("indicator"), series.c.source == bindparam("source")
    )
    if some:
        which = which.where(among(series.c.organisation, "organisations"))
    columns = (table.c.series, table.c.start, table.c.numerator, table.c.denominator, table.c.known, table.c.words)
    return select(*columns).where(table.c.series.in_(which), among(table.c.start, "starts"))


def _asked(pair: tuple[str, str], starts: Sequence[int], of: Collection[str] | None) -> dict[str, Any]:
    """Give what `_within` is asked for."""
    some = {} if of is None else {"organisations": of}
    return {"indicator": pair[0], "source": pair[1], "starts": starts, **some}


def _fetch(connection: Connection, query: Select[Any], asked: Mapping[str, Any]) -> np.ndarray:
    """Read rows of numbers into an array, NULL as NaN."""
    return np.array(fetch(connection, query, asked), dtype=np.float64).reshape(-1, 6)


def _figures(
    rows: np.ndarray, listed: Sequence[str], across: np.ndarray, first: int, starts: list[int]
) -> Figures:  # fmt: skip
    """Lay rows out as arrays, organisations in code order; of two rows for one cell the last holds.

    `across`: the place of each row's organisation in `listed`.
    """
    along = np.searchsorted(np.array(starts, dtype=np.float64), rows[:, 1])
    arrays = np.full((3, len(listed), len(starts)), np.nan)
    words = np.zeros((len(listed), len(starts)))
    words[across, along] = rows[:, 5]
    for array, column in zip(arrays, (2, 3, 4), strict=True):
        array[across, along] = rows[:, column]
    arrays[:, words == 0] = np.nan  # a vintage without words: nothing was known then
    arrays[2, words != 1] = np.nan  # several words have no date of their own
    known = np.nan_to_num(arrays[2], nan=0.0).astype(np.int64)
    spoke = np.flatnonzero(words.any(axis=1)).tolist()
    order = sorted(spoke, key=lambda place: listed[place])
    return Figures(tuple(listed[place] for place in order), first, arrays[0][order], arrays[1][order], known[order])
