"""From bytes to tables of text: separated text (`separated.py`), Excel workbooks, Parquet.

A workbook's date cells become ISO days and a file's first columns decide nothing here: which table it is,
and where its header stands, is for `publications.py`.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from monitor.calendars import stated_day
from monitor.errors import BadFile, BadRecord, Reason
from monitor.feeds.separated import SPLIT, Line, check_cells, is_damaged, separated

if TYPE_CHECKING:
    import pyarrow

OTHERS: dict[bytes, str] = {
    b"\xd0\xcf\x11\xe0": "an Excel workbook of before 2007; save it as .xlsx or CSV",
    b"%PDF": "a PDF; publish the data file that belongs to it",
    b"<!DO": "a web page; download the file that it links to",
    b"<htm": "a web page; download the file that it links to",
    b"\x1f\x8b": "packed with gzip; unpack it first",
}


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

    def __init__(
        self, number: int, cells: Sequence[str], columns: Mapping[str, int], absent: Collection[str] = ()
    ) -> None:
        for name in absent:
            self[name] = ""
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
    """A sheet whose header was found; columns by their plain names. `absent`: as `asking` says."""

    name: str
    header: Sequence[str]
    columns: Mapping[str, int]
    lines: Sequence[Line]
    absent: Sequence[str] = ()

    def asking(self, names: Collection[str]) -> Table:
        """Give this table with rows that hold "" for those of these columns that it has not: no row then misses one."""
        return replace(self, absent=[name for name in names if name not in self.columns])

    def row(self, line: Line) -> Row:
        """Read a line as a row of this table, or say that it is damaged."""
        cells = [cell.strip() for cell in line.cells or ()]
        width = len(self.header)
        if len(cells) != width and (len(cells) < width or any(cells[width:])):
            raise BadRecord(Reason.MALFORMED_ROW, "row")
        return Row(line.number, cells, self.columns, self.absent)

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


def grids(content: bytes) -> Sequence[Grid]:
    """Read a file's sheets; `BadFile` says what it is where it is no table."""
    if not content or content.isspace():
        raise BadFile("the file is empty; fetch it again")
    if content.startswith(b"PK\x03\x04"):
        return _workbook(content)
    if content.startswith(b"PAR1"):
        return _parquet(content)
    for start, what in OTHERS.items():
        if content[:64].lstrip()[: len(start)].lower() == start.lower():
            raise BadFile(f"this is {what}")
    return [Grid("", separated(content))]


MOST_UNPACKED = 200_000_000
"""Bytes that a workbook may unpack to; the largest official one has 5 million."""
_WITHOUT_VALUE = re.compile(rb"<c\b([^>]*)>\s*<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, SyntaxError, NotImplementedError, RuntimeError),
    *(KeyError, ValueError, OverflowError, IndexError, TypeError, AttributeError),
)
"""What openpyxl raises over a workbook with damaged bytes: its parts are read by several libraries."""


def _workbook(content: bytes) -> Sequence[Grid]:
    import openpyxl  # here, as pyarrow below: most files are text, and every task of Airflow imports this file anew
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        _check_size(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl: styles and extensions that it does not keep
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheets: list[Grid] = []
            for sheet in book.worksheets:
                sheets.append(_sheet(sheet, sum(len(line.cells or ()) for one in sheets for line in one.lines)))
            book.close()
    except (InvalidFileException, *DAMAGE) as error:
        raise BadFile("this is no complete .xlsx workbook: cut short, or another packed file; unpack it") from error
    return sheets


def _check_size(content: bytes) -> None:
    """Refuse what unpacks to more than it can be; zipfile unpacks no more of a part than its entry says."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
            raise BadFile(f"this workbook unpacks to more than {MOST_UNPACKED // 1_000_000:,} MB; {SPLIT}")
        for part in packed.infolist():
            if part.filename.startswith("xl/worksheets/") and is_uncalculated(packed.read(part)):
                raise BadFile("this workbook has formulas that were never calculated: open it in Excel and save it")


def is_uncalculated(sheet: bytes) -> bool:
    """Say whether a formula stands without its value, as programs write it that do not calculate: it would read as "".

    Where its value is a text, an empty one is one.
    """
    found = _WITHOUT_VALUE.finditer(sheet) if b"<f" in sheet else ()
    return any(b't="str"' not in cell[1] for cell in found)


def _sheet(sheet: Any, before: int) -> Grid:
    """Read one sheet, its rows as wide as the widest; what it says of its own size is not believed.

    `before`: cells of the sheets before it.
    """
    sheet.reset_dimensions()
    lines: list[list[str]] = []
    cells = width = 0
    for row in sheet.iter_rows(values_only=True):
        line = [_text(cell) for cell in row]
        while line and not line[-1]:
            line.pop()
        lines.append(line)
        width, cells = max(width, len(line)), cells + len(line)
        check_cells(before + max(cells, len(lines)))
    check_cells(before + width * sum(1 for line in lines if line))
    for line in lines:
        if line:
            line += [""] * (width - len(line))
    return Grid(sheet.title, [Line(number, line) for number, line in enumerate(lines, 1)])


def _parquet(content: bytes) -> Sequence[Grid]:
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        _check_parquet(file.metadata)
        _check_kinds(column.type for column in file.schema_arrow)
        words = [column.name for column in file.schema_arrow if _is_text(column.type)]
        # a word that the file holds once and repeats a million times stays one word
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content), read_dictionary=words)
        table = file.read()  # read_table takes no column name twice
        columns = [_cells(column) for column in table.columns]
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise BadFile("this is no complete Parquet file, or holds instants out of range; fetch it again") from error
    lines = [Line(1, list(table.column_names))]
    lines.extend(Line(number, cells) for number, cells in enumerate(zip(*columns, strict=True), 2))
    return [Grid("", lines)]


def _check_parquet(footer: Any) -> None:
    """Refuse by its footer what unpacks to more than a table of figures can be."""
    check_cells(footer.num_rows * max(footer.num_columns, 1))
    groups = (footer.row_group(number) for number in range(footer.num_row_groups))
    if sum(group.total_byte_size for group in groups) > MOST_UNPACKED:
        raise BadFile(f"this file unpacks to more than {MOST_UNPACKED // 1_000_000:,} MB; {SPLIT}")


def _check_kinds(kinds: Iterable[pyarrow.DataType]) -> None:
    """Refuse columns of no fixed width but texts: what the file holds once, reading could repeat a million times."""
    import pyarrow

    types = pyarrow.types
    asked = (types.is_null, types.is_boolean, types.is_integer, types.is_floating, types.is_decimal, types.is_temporal)
    for number, kind in enumerate(kinds, 1):
        held = kind.value_type if types.is_dictionary(kind) else kind
        if not (_is_text(held) or any(is_kind(held) for is_kind in asked)):
            raise BadFile(f"column {number} holds bytes or lists, and no figure is either; leave it out")


def _is_text(kind: pyarrow.DataType) -> bool:
    import pyarrow

    types = pyarrow.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _cells(column: Any) -> list[str]:
    """Write the cells of a column, each different word once."""
    import pyarrow

    if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":  # finer than a datetime holds
        column = column.cast(pyarrow.timestamp("us", column.type.tz), safe=False)
    if not pyarrow.types.is_dictionary(column.type):
        return [_text(cell) for cell in column.to_pylist()]
    cells: list[str] = []
    for chunk in column.chunks:
        words = [_text(word) for word in chunk.dictionary.to_pylist()]
        cells += ["" if place is None else words[place] for place in chunk.indices.to_pylist()]
    return cells


def _text(cell: object) -> str:
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
