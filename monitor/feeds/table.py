"""Tables of text, wherever they come from (`grids.py`): a sheet, its header, its rows, and what people correct in them.

A file's first columns decide nothing here: which table it is, and where its header stands, is for `publications.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from monitor.calendars import stated_day
from monitor.errors import BadFile, BadRecord, Reason
from monitor.feeds.separated import Line, is_damaged


class Grid(NamedTuple):
    """A sheet as it stands, its header not yet found."""

    name: str
    lines: Sequence[Line]


class Correction(NamedTuple):
    """What a person says stands in one cell of a file, instead of what does; the file's bytes stay as they landed."""

    row: int
    column: str
    value: str


class Row(dict[str, str]):
    """One row of a table, its cells by column name: a dictionary, since each of millions of cells is asked for.

    A column that the table has not reads "", a cell that is damaged `BadRecord`.
    """

    __slots__ = ("cells", "columns", "number")

    def __init__(self, number: int, cells: Sequence[str], columns: Mapping[str, int]) -> None:
        is_sound = "".join(cells).isascii()
        for name, place in columns.items():  # one by one: a dictionary first, and a copy of it, takes twice as long
            if is_sound or not is_damaged(cells[place]):
                self[name] = cells[place]
        self.number, self.cells, self.columns = number, cells, columns

    def __missing__(self, name: str) -> str:
        if name in self.columns:
            raise BadRecord(Reason.MALFORMED_ROW, name)
        return ""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose header was found; columns by their plain names."""

    name: str
    header: Sequence[str]
    columns: Mapping[str, int]
    lines: Sequence[Line]

    def row(self, line: Line) -> Row:
        """Read a line as a row of this table, or say that it is damaged."""
        return Row(line.number, self._cells(line), self.columns)

    def picking(self, names: Sequence[str]) -> Callable[[Line], tuple[tuple[str, ...], str | None]]:
        """Give what reads a line's cells of these columns, two at least, in this order: half of what a row costs.

        A column that the table has not reads "". Beside the cells it names the first column whose cell is damaged; a
        line that is damaged as a whole is `BadRecord`.
        """
        width = len(self.header)
        pick = itemgetter(*(self.columns.get(name, width) for name in names))

        def picked(line: Line) -> tuple[tuple[str, ...], str | None]:
            texts = pick((*self._cells(line), ""))
            if "".join(texts).isascii():
                return texts, None
            return texts, next((name for name, text in zip(names, texts, strict=True) if is_damaged(text)), None)

        return picked

    def _cells(self, line: Line) -> list[str]:
        """Give a cell for each column, or say that the line is damaged."""
        cells, width = [cell.strip() for cell in line.cells or ()], len(self.header)
        if len(cells) != width and (len(cells) < width or any(cells[width:])):
            raise BadRecord(Reason.MALFORMED_ROW, "row")
        return cells if len(cells) == width else cells[:width]

    def corrected(self, corrections: Sequence[Correction]) -> Table:
        """Lay what people have corrected over the cells of the file; the last word on a cell holds."""
        if not corrections:
            return self
        stated = {
            (each.row, self.columns[each.column]): each.value for each in corrections if each.column in self.columns
        }
        return replace(self, lines=[_corrected(line, stated) for line in self.lines])


def _corrected(line: Line, stated: Mapping[tuple[int, int], str]) -> Line:
    cells = line.cells
    if cells is None or not any((line.number, place) in stated for place in range(len(cells))):
        return line
    return Line(line.number, [stated.get((line.number, place), cell) for place, cell in enumerate(cells)])


@lru_cache(maxsize=2_000)
def plain(heading: str) -> str:
    """Write a column's heading plainly: small letters, one _ for anything between them.

    >>> plain(" Org" + chr(10) + "code "), plain("SA Rate (%)")
    ('org_code', 'sa_rate')
    """
    words = "".join(letter if letter.isalnum() else " " for letter in heading.casefold()).split()
    return "_".join(words)


def headed(grid: Grid, place: int, asked: Collection[str] = ()) -> Table:
    """Make the table whose header stands at this place of the grid; blank lines after it are no rows.

    `BadFile` where a column stands there twice: which of the two holds is not for us to guess.

    Parameters
    ----------
    asked
        The columns that its reader asks for, by their plain names: no other heading is repeated, since it may hold
        a person's name where the header is missing or the table lies on its side.
    """
    header = grid.lines[place].cells or ()
    while header and not header[-1].strip():
        header = header[:-1]
    columns: dict[str, int] = {}
    for position, heading in enumerate(header):
        name = plain(heading)
        first = columns.setdefault(name, position)
        if name and first != position:
            which = f"the column {name}" if name in asked else "a column"
            raise BadFile(f"{which} stands twice, as {first + 1} and {position + 1}; remove the wrong one")
    return Table(grid.name, header, columns, [line for line in grid.lines[place + 1 :] if not is_blank(line)])


def is_blank(line: Line) -> bool:
    """Say whether nothing stands in a line."""
    return line.cells is not None and not "".join(line.cells).strip()


def written(cell: object) -> str:
    """Write a typed cell as a CSV would: days in ISO form, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return stated_day(cell).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
