"""What scoring found as a table in a file, CSV or Parquet by suffix; a file is whole or not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet

from monitor.detectors.contract import IntVector
from monitor.errors import Outage
from monitor.evaluation.panels.panel import Panel
from monitor.evaluation.panels.scoring import Rows
from monitor.evaluation.panels.signals import SIGNALS, shown
from monitor.feeds.spreadsheet import harmless
from monitor.model import Vector

EPOCH = date(1970, 1, 1).toordinal()
TO_QUOTE = '[,"\r\n]'
"""What a cell of a CSV cannot hold without quotes."""


def rows_table(panel: Panel, rows: Rows, signals: IntVector) -> Any:
    """Lay out what was found, one row for each of the panel's, in its order."""
    first = panel.first
    days = np.array([panel.rhythm.start(first + place).toordinal() - EPOCH for place in range(panel.periods)])
    texts = panel.table.texts["series"]
    return pa.table(
        {
            "series": words(texts.codes, texts.values),
            "period": dates(days[panel.numbers - first]),
            **{name: numbers(getattr(rows, name)) for name in ("expected", "low", "high", "score")},
            "sudden": numbers(shown(rows.sudden)),
            "slow": numbers(shown(rows.slow)),
            "evidence": numbers(shown(rows.tail)),
            "signal": words(signals, SIGNALS),
            "latched": pa.array(rows.latched),
        }
    )


def words(codes: IntVector, values: Sequence[str]) -> Any:
    """Make a column of few distinct words."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(values, pa.string()))


def dates(days: IntVector) -> Any:
    """Make a column of dates from days since 1970."""
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def numbers(column: Vector) -> Any:
    """Make a column of numbers; what is not there, or not finite, is an empty cell."""
    return pa.array(column, mask=~np.isfinite(column))


def write(table: Any, path: Path) -> None:
    """Write a table beside its place and move it there.

    Raises
    ------
    Outage
        The folder cannot be written to, or is full.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(table, part, path.suffix.lower())
        part.replace(path)
    except OSError as error:
        raise Outage(f"{path}: cannot be written ({error.strerror or error}); choose another folder") from error
    finally:
        with suppress(OSError):  # it may never have been there
            part.unlink()


def _write(table: Any, path: Path, suffix: str) -> None:
    if suffix == ".csv":
        table = pa.table({name: _harmless(column) for name, column in _named(table)})
        quotes = "needed" if any(_needs_quotes(column) for column in table.columns) else "none"
        options = arrow_csv.WriteOptions(quoting_style=quotes, quoting_header="none")
        arrow_csv.write_csv(table, path, options)
    else:
        arrow_parquet.write_table(pa.table(dict(_plain(table))), path)


def _harmless(column: Any) -> Any:
    """Write words so that no spreadsheet runs them: a panel's series are named by somebody else."""
    if not pa.types.is_dictionary(column.type):
        return column
    (chunk,) = column.chunks
    values = pa.array([harmless(word) for word in chunk.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(chunk.indices, values)


def _needs_quotes(column: Any) -> bool:
    if not pa.types.is_dictionary(column.type):
        return False
    found = pyarrow.compute.match_substring_regex(column.chunk(0).dictionary, TO_QUOTE)
    return bool(pyarrow.compute.any(found).as_py())


def _plain(table: Any) -> Iterable[tuple[str, Any]]:
    """Give the columns with words as words: readers make categories of dictionaries."""
    for name, column in _named(table):
        yield name, column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _named(table: Any) -> Iterable[tuple[str, Any]]:
    return zip(table.column_names, table.columns, strict=True)
