"""The columns of a panel's file, CSV or Parquet, and where a row stands in it for messages."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet

from monitor.detectors.contract import IntVector
from monitor.errors import BadFile, BadRequest
from monitor.evaluation.panels.asked import check_suffix
from monitor.model import Vector

NEEDED = ("series", "period", "numerator")
TEXTS = ("series", "peer_group", "region", "organisation", "indicator", "period")
NUMBERS = ("numerator", "denominator")
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
"""How files write that a number is not there."""
DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of words: `values` at `codes`, one code per row; an empty cell is ""."""

    codes: IntVector
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A panel as its file holds it, in its order; `where` says in words where a row stands.

    `numbers` hold NaN where a cell is empty. `denominator` and the optional words are there only where
    the file has such a column.
    """

    path: Path
    texts: Mapping[str, Texts]
    numbers: Mapping[str, Vector]
    where: Callable[[int], str]

    @property
    def rows(self) -> int:
        """Number of rows under the header."""
        return len(self.numbers["numerator"])

    def text(self, name: str, row: int) -> str:
        """Give a word as the file writes it."""
        texts = self.texts[name]
        return texts.values[int(texts.codes[row])]

    def refuse(self, row: int, why: str) -> BadRequest:
        """Give the error that names the file and the row."""
        return BadRequest(f"{self.path.name} {self.where(row)}: {why}")


def read(path: Path) -> Table:
    """Read a panel's columns.

    Raises
    ------
    BadRequest
        A column is not there, or a cell is no number: the line and the remedy are named.
    BadFile
        The file is no text, or no Parquet file.
    """
    check_suffix(path)
    return _csv(path) if path.suffix.lower() == ".csv" else _parquet(path)


def _csv(path: Path) -> Table:
    header, delimiter = _header(path)
    kept = _kept(path, header)
    words = pa.dictionary(pa.int32(), pa.string())
    types = {name: pa.float64() if name in NUMBERS else words for name in kept}
    try:
        table = arrow_csv.read_csv(
            path,
            read_options=arrow_csv.ReadOptions(column_names=header, skip_rows=1),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types, include_columns=kept, null_values=MISSING, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise _fault(path, header, delimiter, kept) from error
    return _table(path, table, lambda row: f"line {_line(path, delimiter, row)}")


def _header(path: Path) -> tuple[list[str], str]:
    """Read the names of the columns and what parts them."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline(100_000)
    except UnicodeDecodeError as error:
        raise BadFile(f"{path.name}: no UTF-8 text; save it as CSV (UTF-8) or Parquet") from error
    delimiter = max(DELIMITERS, key=first.count)
    names = next(csv.reader([first], delimiter=delimiter), [])
    return [name.strip().lower() for name in names], delimiter


def _kept(path: Path, header: Sequence[str]) -> list[str]:
    """Name the columns that are read; others stay unread."""
    lost = [name for name in NEEDED if name not in header]
    if lost:
        optional = ", ".join(name for name in (*TEXTS, *NUMBERS) if name not in NEEDED)
        raise BadRequest(f"{path.name}: no column {lost[0]}; a panel has {', '.join(NEEDED)}, and may have {optional}")
    kept = [name for name in (*TEXTS, *NUMBERS) if name in header]
    twice = [name for name in kept if header.count(name) > 1]
    if twice:
        raise BadRequest(f"{path.name}: two columns {twice[0]}; rename one of them")
    return kept


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record under the header with the line on which it ends; empty lines are none."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        next(reader, None)
        yield from ((reader.line_num, cells) for cells in reader if cells)


def _line(path: Path, delimiter: str, row: int) -> int:
    return next(line for number, (line, _) in enumerate(_records(path, delimiter)) if number == row)


def _fault(path: Path, header: Sequence[str], delimiter: str, kept: Sequence[str]) -> BadFile | BadRequest:
    """Find the first record that could not be read, and say why."""
    places = [(name, header.index(name)) for name in NUMBERS if name in kept]
    try:
        for line, cells in _records(path, delimiter):
            if why := _why_not(cells, len(header), places):
                return BadRequest(f"{path.name} line {line}: {why}")
    except (UnicodeDecodeError, csv.Error):
        return BadFile(f"{path.name}: no UTF-8 text; save it as CSV (UTF-8) or Parquet")
    return BadFile(f"{path.name}: cannot be read as CSV; save it anew as CSV (UTF-8) or Parquet")


def _why_not(cells: Sequence[str], width: int, places: Sequence[tuple[str, int]]) -> str | None:
    if len(cells) != width:
        return f"{len(cells)} cells where the header has {width}; mend the row (separators, quotes)"
    for name, place in places:
        text = cells[place].strip()
        if text not in MISSING and not _is_number(text):
            return f"{name} {text!r} is no number; write it as 1234.5, and leave the cell empty where there is none"
    return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _parquet(path: Path) -> Table:
    try:
        file = arrow_parquet.ParquetFile(path)
        table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise BadFile(f"{path.name}: no complete Parquet file; fetch or write it again") from error
    table = table.rename_columns([name.strip().lower() for name in table.column_names])
    kept = _kept(path, table.column_names)
    columns = {name: _cast(path, name, table.column(name)) for name in kept}
    return _table(path, pa.table(columns), lambda row: f"row {row + 1}")


def _cast(path: Path, name: str, column: Any) -> Any:
    """Give a typed column as a CSV would be read."""
    try:
        if name in NUMBERS:
            return column.cast(pa.float64())
        if name == "period" and pa.types.is_timestamp(column.type):
            column = column.cast(pa.date32())
        return column.cast(pa.string()).fill_null("").dictionary_encode()
    except pa.ArrowException as error:
        what = "numbers" if name in NUMBERS else "dates" if name == "period" else "words"
        raise BadRequest(f"{path.name}: column {name} holds {column.type}; write it as {what}") from error


def _table(path: Path, table: Any, where: Callable[[int], str]) -> Table:
    names = table.column_names
    return Table(
        path,
        {name: _texts(table.column(name)) for name in TEXTS if name in names},
        {name: _numbers(table.column(name)) for name in NUMBERS if name in names},
        where,
    )


def _texts(column: Any) -> Texts:
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # of no rows
        return Texts(np.zeros(0, np.int64), ())
    values = tuple("" if text is None else text for text in whole.dictionary.to_pylist())
    return Texts(whole.indices.to_numpy(zero_copy_only=False).astype(np.int64), values)


def _numbers(column: Any) -> Vector:
    numbers: Vector = column.to_numpy().astype(np.float64)
    return numbers
