"""What a comma says in the numbers of a file that parts its cells otherwise: decided once for each file (pure).

Spreadsheets part cells with semicolons where the comma is the decimal mark; British systems do so as well, and there
it parts thousands. 1,234 could be either, and reading it wrongly is an error by a factor of a thousand: so it is read
only in a file whose other numbers show which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

UNCLEAR = "\ue000"
"""Ends a number that could be either; of private use, so that no file has it there."""

_DECIMAL = re.compile(
    r"[+-]?(?:\d+,(?:\d{1,2}|\d{4,})|\d{4,},\d+|0\d*,\d+|\d{1,3}(?:\.\d{3})+,\d+)", re.ASCII
)  # not three digits after the comma, or before it what no thousands begin with, or points part the thousands
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})", re.ASCII)
_POINT = re.compile(r"[+-]?\d*\.(?:\d{1,2}|\d{4,})", re.ASCII)
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_EITHER_POINT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)


class Commas(NamedTuple):
    """What the numbers of a file show: commas before decimals, commas between thousands, points before decimals."""

    decimals: bool
    thousands: bool
    points: bool

    @property
    def are_decimal(self) -> bool:
        """Say whether each comma is a decimal mark: some show it, and none shows the opposite."""
        return self.decimals and not (self.thousands or self.points)

    def plain(self, cell: str) -> str:
        """Write a number with a point before its decimals; one that could be two gets the mark `UNCLEAR`.

        >>> Commas(decimals=True, thousands=False, points=False).plain("1,234")
        '1.234'
        """
        if "," not in cell and not (self.decimals and "." in cell):
            return cell
        text = cell.strip()
        if _DECIMAL.fullmatch(text):
            return text.replace(".", "").replace(",", ".")
        if _EITHER.fullmatch(text):
            if self.are_decimal:
                return text.replace(",", ".")
            return cell if self.thousands and not self.decimals else text + UNCLEAR
        return text + UNCLEAR if self.decimals and _EITHER_POINT.fullmatch(text) else cell


def commas(cells: Iterable[str]) -> Commas:
    """Look at all numbers of a file."""
    decimals = thousands = points = False
    for cell in cells:
        if "," in cell:
            decimals = decimals or _DECIMAL.fullmatch(cell.strip()) is not None
            thousands = thousands or _THOUSANDS.fullmatch(cell.strip()) is not None
        elif not points and "." in cell:
            points = _POINT.fullmatch(cell.strip()) is not None
    return Commas(decimals, thousands, points)
