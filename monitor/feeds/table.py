"""From bytes to tables of text: CSV of any delimiter and encoding, Excel workbooks, Parquet.

A workbook's date cells become ISO days and a file's first columns decide nothing here: which table it is,
and where its header stands, is for `publications.py`.
"""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

import openpyxl
import pyarrow
import pyarrow.parquet
from openpyxl.utils.exceptions import InvalidFileException

from monitor.errors import BadFile, BadRecord, Reason

DELIMITERS = ",;\t|"
SNIFFED_LINES = 20
LONGEST_LINE = 100_000  # characters; beyond it the csv module gives up on the whole file
LONGEST_RECORD_LINES = 20  # a quote open for longer was never closed

OTHERS: dict[bytes, str] = {
    b"\xd0\xcf\x11\xe0": "an Excel workbook of before 2007; save it as .xlsx or CSV",
    b"%PDF": "a PDF; publish the data file that belongs to it",
    b"<!DO": "a web page; download the file that it links to",
    b"<htm": "a web page; download the file that it links to",
    b"\x1f\x8b": "packed with gzip; unpack it first",
}


class Line(NamedTuple):
    """One row: where it stands in its file (from 1), and its cells; None: the row is damaged."""

    number: int
    cells: Sequence[str] | None


class Grid(NamedTuple):
    """A sheet as it stands, its header not yet found."""

    name: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, read by column name."""

    number: int
    cells: Sequence[str]
    columns: Mapping[str, int]

    def __getitem__(self, name: str) -> str:
        """Give the cell of a column; "" where the table has no such column."""
        place = self.columns.get(name)
        return "" if place is None else self.cells[place]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose header was found; columns by their plain names."""

    name: str
    header: Sequence[str]
    columns: Mapping[str, int]
    lines: Sequence[Line]

    def row(self, line: Line) -> Row:
        """Read a line as a row of this table, or say that it is damaged."""
        cells = [cell.strip() for cell in line.cells or ()]
        width = len(self.header)
        if len(cells) < width or any(cells[width:]):
            raise BadRecord(Reason.MALFORMED_ROW, "row")
        return Row(line.number, cells, self.columns)


@lru_cache(maxsize=2_000)
def plain(heading: str) -> str:
    """Write a column's heading plainly: small letters, one _ for anything between them.

    >>> plain(" Org" + chr(10) + "code "), plain("SA Rate (%)")
    ('org_code', 'sa_rate')
    """
    words = "".join(letter if letter.isalnum() else " " for letter in heading.casefold()).split()
    return "_".join(words)


def headed(grid: Grid, place: int) -> Table:
    """Make the table whose header stands at this place of the grid; blank lines after it are no rows."""
    header = grid.lines[place].cells or ()
    while header and not header[-1].strip():
        header = header[:-1]
    columns: dict[str, int] = {}
    for position, heading in enumerate(header):
        columns.setdefault(plain(heading), position)
    return Table(grid.name, header, columns, [line for line in grid.lines[place + 1 :] if not is_blank(line)])


def is_blank(line: Line) -> bool:
    """Say whether nothing stands in a line."""
    return line.cells is not None and not "".join(line.cells).strip()


def grids(content: bytes) -> Sequence[Grid]:
    """Read a file's sheets; `BadFile` says what it is where it is no table."""
    if not content.strip():
        raise BadFile("the file is empty; fetch it again")
    if content.startswith(b"PK\x03\x04"):
        return _workbook(content)
    if content.startswith(b"PAR1"):
        return _parquet(content)
    for start, what in OTHERS.items():
        if content[:64].lstrip()[: len(start)].lower() == start.lower():
            raise BadFile(f"this is {what}")
    return [_separated(_decoded(content))]


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text.partition("\n")[0]:
            return text
    raise BadFile("this is no text, no .xlsx workbook and no Parquet file")


def _separated(text: str) -> Grid:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    delimiter = _delimiter(lines)
    return Grid("", [_with_points(line) if delimiter == ";" else line for line in _records(lines, delimiter)])


def _delimiter(lines: Sequence[str]) -> str:
    """Choose what parts most of the first lines into equally many cells."""
    return max(DELIMITERS, key=lambda mark: _regularity([line.count(mark) for line in lines[:SNIFFED_LINES]]))


def _regularity(counts: Sequence[int]) -> int:
    return max((count * times for count, times in Counter(counts).items()), default=0)


def _with_points(line: Line) -> Line:
    """Write decimal commas as points: they are why a spreadsheet parts cells with semicolons."""
    if line.cells is None:
        return line
    return Line(line.number, [_point(cell) for cell in line.cells])


def _point(cell: str) -> str:
    left, comma, right = cell.strip().partition(",")
    is_number = comma and cell.isascii() and left.lstrip("-").isdecimal() and right.isdecimal()
    return f"{left}.{right}" if is_number else cell


def _records(lines: Sequence[str], delimiter: str) -> Iterator[Line]:
    """Split lines into cells; a quote that is never closed damages its own line and no other."""
    place = 0
    while place < len(lines):
        start, place = place, _complete(lines, place)
        rows = csv.reader(lines[start:place], delimiter=delimiter)
        yield from (Line(start + number, cells) for number, cells in enumerate(rows, 1))
        if place < len(lines):
            cells, length = _spanning(lines, place, delimiter)
            yield Line(place + 1, cells)
            place += length


def _complete(lines: Sequence[str], place: int) -> int:
    """Give the place after a run of lines that are complete in themselves."""
    while place < len(lines) and _is_complete(lines[place]):
        place += 1
    return place


def _is_complete(line: str) -> bool:
    return line.count('"') % 2 == 0 and len(line) <= LONGEST_LINE and "\0" not in line


def _spanning(lines: Sequence[str], place: int, delimiter: str) -> tuple[Sequence[str] | None, int]:
    """Read a record that goes on over the end of its line; None: its quote is never closed, or it is no text."""
    quotes = 0
    if "\0" in lines[place]:
        return None, 1
    for end in range(place, min(place + LONGEST_RECORD_LINES, len(lines))):
        quotes += lines[end].count('"')
        if quotes % 2 == 0:
            return _joined([f"{line}\n" for line in lines[place : end + 1]], delimiter, end + 1 - place)
    return None, 1


def _joined(lines: Sequence[str], delimiter: str, length: int) -> tuple[Sequence[str] | None, int]:
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return None, 1
    return (rows[0], length) if len(rows) == 1 else (None, 1)


DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, InvalidFileException, EOFError, SyntaxError, NotImplementedError, RuntimeError),
    *(KeyError, ValueError, OverflowError, IndexError, TypeError, AttributeError),
)
"""What openpyxl raises over a workbook with damaged bytes: its parts are read by several libraries."""


def _workbook(content: bytes) -> Sequence[Grid]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl: styles and extensions that it does not keep
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheets = [Grid(sheet.title, list(_sheet(sheet.iter_rows(values_only=True)))) for sheet in book.worksheets]
            book.close()
    except DAMAGE as error:
        raise BadFile("this is no complete .xlsx workbook: cut short, or another packed file; unpack it") from error
    return sheets


def _sheet(rows: Iterator[tuple[object, ...]]) -> Iterator[Line]:
    for number, row in enumerate(rows, 1):
        yield Line(number, [_text(cell) for cell in row])


def _parquet(content: bytes) -> Sequence[Grid]:
    try:
        table = pyarrow.parquet.read_table(io.BytesIO(content))
        columns = [[_text(cell) for cell in column.to_pylist()] for column in table.columns]
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise BadFile("this is no complete Parquet file, or holds instants out of range; fetch it again") from error
    lines = [Line(1, list(table.column_names))]
    lines.extend(Line(number, cells) for number, cells in enumerate(zip(*columns, strict=True), 2))
    return [Grid("", lines)]


def _text(cell: object) -> str:
    """Write a typed cell as a CSV would: days in ISO form, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
