"""The sheets of an Excel workbook: values as they were calculated last, days in ISO form."""

from __future__ import annotations

import io
import lzma
import re
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

from monitor.errors import BadFile
from monitor.feeds.separated import MOST_UNPACKED, SPLIT, Line, check_cells
from monitor.feeds.table import Grid, written

AT_ONCE = 1_000_000
LONGEST_CELL = 10_000
"""Bytes; Excel's longest formula has 8,192 characters."""
# nothing in it reaches over a "<", so that what begins like a cell a million times is looked through once
_WITHOUT_VALUE = re.compile(rb"<c\b([^<>]*)>\s*<f\b[^<>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
MOST_ROWS = 1_048_576
"""Of a sheet, in Excel; openpyxl gives a row that says it is the 900,000,000th after as many empty ones."""
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, SyntaxError, NotImplementedError, RuntimeError),
    *(KeyError, ValueError, OverflowError, IndexError, TypeError, AttributeError, lzma.LZMAError, OSError),
)
"""What openpyxl raises over a workbook with damaged bytes: its parts are read by several libraries."""


def workbook(content: bytes) -> Sequence[Grid]:
    """Read a workbook's sheets; `BadFile` says why where it is none that can be read."""
    import openpyxl  # here: most files are text, and every task of Airflow imports this file anew
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
            if part.filename.startswith("xl/worksheets/"):
                _check_calculated(packed, part)


def _check_calculated(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a sheet whose formulas have no values: what they would say is not in the file."""
    window = b""
    with packed.open(part) as sheet:
        while some := sheet.read(AT_ONCE):
            window = window[-LONGEST_CELL:] + some
            if is_uncalculated(window):
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
        line = [written(cell) for cell in row]
        while line and not line[-1]:
            line.pop()
        if len(lines) == MOST_ROWS:
            raise BadFile(f"a sheet of this workbook has rows beyond the {MOST_ROWS:,} that Excel knows; {SPLIT}")
        lines.append(line)
        width, cells = max(width, len(line)), cells + len(line)
        check_cells(before + max(cells, len(lines)))
    check_cells(before + width * sum(1 for line in lines if line))
    for line in lines:
        if line:
            line += [""] * (width - len(line))
    return Grid(sheet.title, [Line(number, line) for number, line in enumerate(lines, 1)])
