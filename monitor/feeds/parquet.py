"""The one table of a Parquet file, its columns checked by their kinds before they are read."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from monitor.errors import BadFile
from monitor.feeds.separated import MOST_UNPACKED, SPLIT, Line, check_cells
from monitor.feeds.table import Grid, written

if TYPE_CHECKING:
    import pyarrow


def parquet(content: bytes) -> Sequence[Grid]:
    """Read a Parquet file's table; `BadFile` says why where it is none that can be read."""
    import pyarrow  # here: most files are text, and every task of Airflow imports this file anew
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
        return [written(cell) for cell in column.to_pylist()]
    cells: list[str] = []
    for chunk in column.chunks:
        words = [written(word) for word in chunk.dictionary.to_pylist()]
        cells += ["" if place is None else words[place] for place in chunk.indices.to_pylist()]
    return cells
