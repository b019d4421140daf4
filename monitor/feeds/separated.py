"""From bytes to lines of cells: text of any delimiter and encoding.

What is damaged stays where it stands: a byte that is no character damages its own cell, a quote that is never
closed its own line.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import NamedTuple

from monitor.errors import BadFile
from monitor.feeds.commas import commas

DELIMITERS = ",;\t|"
SNIFFED_LINES = 20
LONGEST_LINE = 100_000  # characters; beyond it the csv module gives up on the whole file
LONGEST_RECORD_LINES = 20  # a quote open for longer was never closed
LONGEST_RAW_LINE = 1_000_000
"""Bytes; a longer line is no row of anything, and is not even looked at: copies of it would fill the memory."""
MOST_LINES = 5_000_000
"""Twice what all of England reports in a year (domain.md §1.3)."""
MOST_CELLS = 20_000_000
"""Cells of a file, of a workbook the empty ones in its rows too: a million rows of the widest extract."""
MOST_UNPACKED = 200_000_000
"""Bytes that a workbook may unpack to; the largest official one has 5 million."""
SPLIT = "keep the table alone, and split it by month or by organisation"
TOO_LONG = "x" * (LONGEST_LINE + 1)
"""Stands for such a line: still too long, so damaged, and without a quote that could take in the next one."""
NO_TABLE = "this is no text, no .xlsx workbook and no Parquet file"
KEPT = "surrogateescape"  # a byte that is no character becomes one of `_UNDECODED`
_UNDECODED = re.compile("[\udc80-\udcff]")
_LONG = re.compile(rf"(^|[\r\n])[^\r\n]{{{LONGEST_RAW_LINE},}}")
_LONG_BYTES = re.compile(_LONG.pattern.encode())
_UTF16 = codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE


class Line(NamedTuple):
    """One row: where it stands in its file (from 1), and its cells; None: the row is damaged."""

    number: int
    cells: Sequence[str] | None


def separated(content: bytes) -> Sequence[Line]:
    """Split a text into lines of cells; `BadFile` where it is no text."""
    _check_lines(max(content.count(b"\n"), content.count(b"\r")))  # before a copy of it is made
    text = _decoded(_shortened(content)).replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    _check_lines(text.count("\n"))
    lines = text.split("\n")
    delimiter = _delimiter(lines)
    if _is_simple(text, lines, delimiter):
        found = list(map(Line, count(1), csv.reader(lines, delimiter=delimiter)))
    else:
        found = list(_counted(_records(lines, delimiter)))
    return _with_points(found) if delimiter == ";" else found


def _check_lines(number: int) -> None:
    if number > MOST_LINES:
        raise BadFile(f"the file has more than {MOST_LINES:,} lines; split it, by month or by organisation")


def check_cells(number: int) -> None:
    """Raise `BadFile` where a file has more cells than a table of figures can have."""
    if number > MOST_CELLS:
        raise BadFile(f"this file spreads over more than {MOST_CELLS:,} cells; {SPLIT}")


def _counted(lines: Iterable[Line]) -> Iterator[Line]:
    cells = 0
    for line in lines:
        cells += len(line.cells or ())
        check_cells(cells)
        yield line


def _is_simple(text: str, lines: Sequence[str], delimiter: str) -> bool:
    """Say whether each line is a record of its own, as in most files, and all are few enough.

    Asked of the whole text at once, since each line is one of millions.
    """
    return (
        '"' not in text
        and "\0" not in text
        and max(map(len, lines)) <= LONGEST_LINE
        and text.count(delimiter) + len(lines) <= MOST_CELLS
    )


def _shortened(content: bytes) -> bytes:
    """Put something short, and as damaged, in the place of lines that are longer than any row."""
    if content.startswith(_UTF16):  # its line ends are two bytes: it is shortened once it is text
        return content
    if _has_short_lines(content):
        return content
    return _LONG_BYTES.sub(lambda found: found[1] + TOO_LONG.encode(), content)


def _has_short_lines(content: bytes) -> bool:
    """Say whether no line is too long, looking at one line end in reach of each, and not at every byte."""
    place = 0
    while len(content) - place >= LONGEST_RAW_LINE:
        reach = place + LONGEST_RAW_LINE
        place = 1 + max(content.rfind(b"\n", place, reach), content.rfind(b"\r", place, reach))
        if not place:
            return False
    return True


def is_open_ended(content: bytes) -> bool:
    """Say whether lines end and the last one does not: nothing else shows that a file was cut within a number."""
    is_text = b"\0" not in content and not content.startswith((b"PK", b"PAR1"))
    return is_text and (b"\n" in content or b"\r" in content) and not content.endswith((b"\n", b"\r"))


def is_damaged(text: str) -> bool:
    """Say whether bytes stand here that are no characters."""
    return not text.isascii() and _UNDECODED.search(text) is not None


def _decoded(content: bytes) -> str:
    """Read bytes as text; those that are no character of it stay, as lone surrogates, in the cell they stand in."""
    try:
        text = _text(content)
    except UnicodeDecodeError as error:
        raise BadFile(NO_TABLE) from error
    if "\0" in (text if is_damaged(text) else text.partition("\n")[0]):
        raise BadFile(NO_TABLE)
    return text


def _text(content: bytes) -> str:
    """Read as a mark at the start says, else as UTF-8; else each line as UTF-8 or, where it is none, as Windows writes.

    Files joined from several systems mix the two, and one stray byte must not spoil every other name.
    """
    if content.startswith(_UTF16):
        return _LONG.sub(lambda found: found[1] + TOO_LONG, content.decode("utf-16", errors=KEPT))
    if content.startswith(codecs.BOM_UTF8):
        return content.decode("utf-8-sig", errors=KEPT)
    try:
        return content.decode()
    except UnicodeDecodeError:
        return "".join(_line(line) for line in content.splitlines(keepends=True))


def _line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors=KEPT)


def _delimiter(lines: Sequence[str]) -> str:
    """Choose what parts most of the first lines into equally many cells."""
    return max(DELIMITERS, key=lambda mark: _regularity([line.count(mark) for line in lines[:SNIFFED_LINES]]))


def _regularity(counts: Sequence[int]) -> int:
    return max((count * times for count, times in Counter(counts).items()), default=0)


def _with_points(lines: Sequence[Line]) -> Sequence[Line]:
    """Write decimal commas as points: they are why a spreadsheet parts cells with semicolons."""
    shown = commas(cell for line in lines for cell in line.cells or ())
    return [line if line.cells is None else Line(line.number, list(map(shown.plain, line.cells))) for line in lines]


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
