"""NHS sickness absence rates, Table 4 of the official workbook: organisations down, months across.

Rates only, so each cell is a bare value in percent. A cell of "." was not applicable or too few people; a
rate of exactly zero means that nothing was recorded, never a month without sickness (676 cells in the
edition of March 2022, published in July 2022). No types: who is watched is for the registry to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.calendars import calendar
from monitor.errors import BadRecord, Reason
from monitor.feeds import cells
from monitor.feeds.figures import Context, natural_key
from monitor.feeds.separated import Line
from monitor.feeds.statement import Cell, Draft, Ledger, Statement
from monitor.feeds.table import Table
from monitor.model import Period

INDICATOR = "sickness_rate"
HEADER = ("nhse_region_name", "nhse_code", "organisation_name", "org_code")
TOTALS = "all organisations"


@dataclass(frozen=True, slots=True)
class Month:
    """One column of rates; `bad` where its heading is no month that has passed."""

    place: int
    period: Period | None
    bad: BadRecord | None
    is_empty: bool


def read(table: Table, context: Context) -> Statement:
    """Read Table 4; its rows end where the notes begin: lines with nothing but a sentence."""
    lines = list(_before_the_notes(table.lines))
    months = [_month(place, table, lines, context) for place in range(len(HEADER), len(table.header))]
    ledger = Ledger(len(lines) * len(months))
    for line in lines:
        _row(ledger, table, line, months, context)
    return ledger.statement()


def _before_the_notes(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        if line.cells is not None and not any(cell.strip() for cell in line.cells[1:]):
            return
        yield line


def _month(place: int, table: Table, lines: Sequence[Line], context: Context) -> Month:
    is_empty = not any(line.cells and line.cells[place].strip() for line in lines)
    try:
        period = calendar("monthly").holding(cells.day(" ".join(table.header[place].split()), "month"))
        context.is_past(period)
    except BadRecord as bad:
        return Month(place, None, bad, is_empty)
    return Month(place, period, None, is_empty)


def _row(ledger: Ledger, table: Table, line: Line, months: Sequence[Month], context: Context) -> None:
    try:
        row = table.row(line)
        code, name = cells.capitals(row["org_code"]), row["organisation_name"].casefold()
    except BadRecord as bad:
        for _ in months:
            ledger.put_aside(line.number, bad, None)
        return
    if name == TOTALS:
        ledger.leave_out("aggregate", code, len(months))
        return
    for month in months:
        _cell(ledger, line.number, code, month, row.cells[month.place].strip(), context)
    ledger.seen[code] += len(months)


def _cell(ledger: Ledger, row: int, code: str, month: Month, text: str, context: Context) -> None:
    if month.is_empty:
        ledger.leave_out("empty column", code)
        return
    if cells.is_hidden(text) or cells.is_absent(text):
        ledger.suppressed += 1
        return
    try:
        rate = cells.amount(text, INDICATOR)
        if rate == 0:
            ledger.leave_out("zero rate: nothing recorded", code)
            return
        _figure(ledger, row, cells.organisation(code, "org_code"), month, rate, context)
    except BadRecord as bad:
        ledger.put_aside(row, bad, code if cells.looks_like_a_code(code) else None)


def _figure(ledger: Ledger, row: int, code: str, month: Month, rate: float, context: Context) -> None:
    if month.period is None:
        raise month.bad or BadRecord(Reason.BAD_DATE, "month")
    made = context.contribution(code, INDICATOR, month.period, rate)
    ledger.figure(Draft(natural_key(code, INDICATOR, month.period), row, (made,)))
    ledger.stated.add(Cell(context.source, code, INDICATOR, month.period))
