"""National Quarterly Pulse Survey layout: one row, one organisation and wave; scores 0-10, unweighted.

Three waves a year: Q1 in April, Q2 in July, Q4 in January; there is none in Q3. A wave is written as its
month (2025-04), a day of it, or the financial year's quarter: 2025-Q4 is January 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from monitor.calendars import calendar
from monitor.errors import BadRecord, Reason
from monitor.feeds import cells
from monitor.feeds.figures import Context, Figure, Outcome, Suppressed, read_figures
from monitor.feeds.statement import Statement
from monitor.feeds.table import Row, Table
from monitor.model import Contribution, Period

HEADER = ("period", "org_code", "responses", "eligible")
SCORES = {
    "engagement_score": "engagement",
    "motivation_score": "motivation",
    "involvement_score": "involvement",
    "advocacy_score": "advocacy",
}
RESPONSE_RATE = "pulse_response_rate"
WAVES = {1: 4, 2: 7, 4: 1}  # quarter of the financial year → month in the field
_QUARTER = re.compile(r"(\d{4})(?:[-/]\d{2})?[- ]?Q([1-4])", re.IGNORECASE)


def read(table: Table, context: Context) -> Statement:
    """Read one table of this layout."""
    return read_figures(table, context, "org_code", lambda row: _row(row, context)).statement()


def _row(row: Row, context: Context) -> Outcome:
    code = cells.organisation(row["org_code"], "org_code")
    field_month = _wave(row["period"])
    if field_month > context.last_day:
        raise BadRecord(Reason.FUTURE_DATE, "period", field_month.isoformat())
    period = calendar("months:2,5,8").holding(field_month)
    organisation = context.by(code, "")
    if any(cells.is_hidden(text) or cells.is_absent(text) for text in (row["responses"], row["eligible"])):
        return Suppressed(organisation, (*SCORES, RESPONSE_RATE), period)
    return Figure(organisation, "pulse", period, tuple(_contributions(row, context, code, period)))


def _contributions(row: Row, context: Context, code: str, period: Period) -> Iterator[Contribution]:
    responses, eligible = cells.whole(row["responses"], "responses"), cells.whole(row["eligible"], "eligible")
    if eligible:
        yield context.contribution(code, RESPONSE_RATE, period, responses, eligible)
    for indicator, column in SCORES.items():
        text = row[column]
        if responses and not cells.is_hidden(text) and not cells.is_absent(text):
            score = cells.amount(text, column)
            yield context.contribution(code, indicator, period, score * responses, responses)


def _wave(text: str) -> date:
    """Read a wave as the first day of its month in the field."""
    if found := _QUARTER.fullmatch(text):
        year, quarter = int(found[1]), int(found[2])
        if quarter not in WAVES:
            raise BadRecord(Reason.WRONG_PERIOD, "period", f"{year}-Q{quarter}")
        return date(year + (quarter == 4), WAVES[quarter], 1)
    day = cells.day(text, "period")
    if day.month not in WAVES.values():
        raise BadRecord(Reason.WRONG_PERIOD, "period", day.isoformat())
    return day.replace(day=1)
