"""A panel that has been checked: series numbered from 0, periods in order, figures as detectors read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from monitor.detectors.contract import BoolVector, IntVector
from monitor.errors import BadRequest
from monitor.evaluation.panels.asked import Asked
from monitor.evaluation.panels.figures import check_numbers, figures
from monitor.evaluation.panels.rhythm import Rhythm, day_in, rhythm, starts
from monitor.evaluation.panels.table import Table, Texts
from monitor.model import Vector


@dataclass(frozen=True, slots=True)
class Panel:
    """Figures of one kind and cadence, an entry a row of the file, in its order, unless said otherwise.

    Parameters
    ----------
    table
        The file, for what is written as it was read.
    series, numbers
        Which series a row belongs to, and the number of its period.
    numerator, denominator
        As detectors read them: NaN = missing, NaN = none.
    order, bounds
        Rows by period and then series, and where each period from `first` on begins in `order`.
    groups, regions, organisations
        Of each series: peer group and region, numbered from 0 (-1: of none), and the organisation's name.
    carries
        Series (not rows) that carry their last exposure over periods without one.
    """

    table: Table
    rhythm: Rhythm
    series: IntVector
    numbers: IntVector
    numerator: Vector
    denominator: Vector
    order: IntVector
    bounds: IntVector
    groups: IntVector
    regions: IntVector | None
    organisations: tuple[str, ...]
    carries: BoolVector
    notes: tuple[str, ...]

    @property
    def first(self) -> int:
        """Number of the first period."""
        return int(self.numbers[self.order[0]])

    @property
    def periods(self) -> int:
        """Number of periods from the first to the last, those without a row included."""
        return len(self.bounds) - 1

    def steps(self) -> Iterator[tuple[int, IntVector]]:
        """Give each period's number and rows, oldest first; no rows where it is missing."""
        for place in range(self.periods):
            yield self.first + place, self.order[self.bounds[place] : self.bounds[place + 1]]


def checked(table: Table, asked: Asked) -> Panel:
    """Check a panel and number what it holds.

    Raises
    ------
    BadRequest
        A row cannot be what it says; the first such row is named, with the remedy.
    """
    if table.rows == 0:
        raise BadRequest(f"{table.path.name}: no rows under the header; there is nothing to score")
    blank = _first(np.array([not text.strip() for text in table.texts["series"].values])[table.texts["series"].codes])
    if blank is not None:
        raise table.refuse(blank, "series is empty; every row names the series that it belongs to")
    check_numbers(table, asked.kind)
    times, numbers = _periods(table, asked.cadence)
    series = table.texts["series"].codes
    order, bounds = _ordered(table, series, numbers)
    read = figures(table, asked.kind, series, order)
    heads = _heads(series)
    groups, regions, organisations = _standing(table, series, heads)
    return Panel(
        table, times, series, numbers, read.numerator, read.denominator, order, bounds, groups, regions,
        organisations, read.carries, read.notes,
    )  # fmt: skip


def _first(bad: np.ndarray) -> int | None:
    """Give the first row that is bad."""
    return int(np.argmax(bad)) if bad.any() else None


def _periods(table: Table, cadence: str) -> tuple[Rhythm, IntVector]:
    """Read the dates: each distinct one once."""
    texts = table.texts["period"]
    days = [day_in(text) for text in texts.values]
    if (row := _first(np.array([day is None for day in days])[texts.codes])) is not None:
        text = table.text("period", row)
        raise table.refuse(row, f"period {text!r} is no date of 1900 to 2199; write its first day as YYYY-MM-DD")
    known = [day for day in days if day is not None]
    first = known[texts.codes[0]]
    times = rhythm(cadence, first)
    numbers = [times.number(day) for day in known]
    if (row := _first(np.array([number is None for number in numbers])[texts.codes])) is not None:
        why = f"period {known[texts.codes[row]]} starts no {cadence} period: {starts(first, cadence)}"
        raise table.refuse(row, f"{why}; correct the date or --cadence")
    by_text = np.array([number for number in numbers if number is not None], dtype=np.int64)
    return times, by_text[texts.codes]


def _ordered(table: Table, series: IntVector, numbers: IntVector) -> tuple[IntVector, IntVector]:
    """Order the rows by period, then series; a second row of one series and period is refused."""
    width = int(series.max()) + 1
    first, last = int(numbers.min()), int(numbers.max())
    keys = (numbers - first) * width + series
    order = np.argsort(keys, kind="stable")
    again = order[1:][np.diff(keys[order]) == 0]
    if again.size:
        row = int(again.min())
        before = int(np.flatnonzero(keys[:row] == keys[row])[0])
        name, day = table.text("series", row), table.text("period", row)
        raise table.refuse(row, f"series {name} has {day} already ({table.where(before)}); keep one of the two rows")
    bounds = np.searchsorted(keys[order], np.arange(last - first + 2) * width)
    return order, bounds


def _heads(series: IntVector) -> IntVector:
    """Give the first row of each series."""
    heads = np.zeros(int(series.max()) + 1, dtype=np.int64)
    heads[series[::-1]] = np.arange(len(series))[::-1]  # the last one written stays
    return heads


def _standing(table: Table, series: IntVector, heads: IntVector) -> tuple[IntVector, IntVector | None, tuple[str, ...]]:
    """Give the peer groups and regions, numbered, and the organisations of the series."""
    indicator, group, region, organisation = (
        _trait(table, name, series, heads) for name in ("indicator", "peer_group", "region", "organisation")
    )
    own = table.texts["series"].values
    named = own if organisation is None else tuple(
        organisation.values[code].strip() or own[place] for place, code in enumerate(organisation.codes)
    )  # fmt: skip
    return _crossed(len(heads), indicator, group), None if region is None else _regions(region), named


def _regions(region: Texts) -> IntVector:
    named = np.array([bool(value.strip()) for value in region.values])
    regions: IntVector = np.where(named[region.codes], region.codes, -1)
    return regions


def _trait(table: Table, name: str, series: IntVector, heads: IntVector) -> Texts | None:
    """Give what a column says of each series; None: there is no such column. A series has one of each."""
    texts = table.texts.get(name)
    if texts is None:
        return None
    own = texts.codes[heads]
    if (row := _first(texts.codes != own[series])) is not None:
        head = int(heads[series[row]])
        whose, said, before = table.text("series", row), table.text(name, row), table.text(name, head)
        where = table.where(head)
        raise table.refuse(row, f"{name} {said!r}, but series {whose} has {before!r} ({where}); a series has one")
    return Texts(own, texts.values)


def _crossed(series: int, *traits: Texts | None) -> IntVector:
    """Give each combination that occurs a number from 0; without any such column all series are of one."""
    keys = np.zeros(series, dtype=np.int64)
    for trait in traits:
        if trait is not None:
            keys = keys * (len(trait.values) + 1) + trait.codes
    _, numbered = np.unique(keys, return_inverse=True)
    return numbered.astype(np.int64)
