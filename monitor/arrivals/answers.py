"""The answer of a database as the bytes of a plain extract: the same rows in any order are the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from monitor.calendars import stated_day


def written(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    r"""Write rows under their columns as CSV, in the order of their text.

    >>> written(["organisation", "value"], [("RB1", 2.5), ("RA1", None)])
    b'organisation,value\nRA1,\nRB1,2.5\n'
    """
    lines = sorted(_line([_text(cell) for cell in row]) for row in rows)
    return "".join([_line([column.lower() for column in columns]), *lines]).encode()


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return stated_day(cell).isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
