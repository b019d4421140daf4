"""NHS sickness absence rates by organisation, monthly CSV: three generations of headers (domain.md §1.1).

The triple (lost, available, rate) is blank where few people work; the rate must agree with its counts.
Numerator and denominator are FTE days.
"""

from __future__ import annotations

from dataclasses import replace

from monitor.calendars import calendar
from monitor.errors import BadRecord, Reason
from monitor.feeds import cells
from monitor.feeds.figures import Context, Figure, Outcome, OutOfScope, Suppressed, check_rate, read_figures
from monitor.feeds.statement import Statement
from monitor.feeds.table import Row, Table
from monitor.model import Organisation, Period

INDICATOR = "sickness_rate"
CURRENT = ("date", "org_code", "org_name", "org_type", "fte_days_lost", "fte_days_available")
"""From April 2022, first without and then with the columns of integrated care systems."""
BACK_SERIES = ("date", "org_code", "org_name", "org_type", "fte_days_sick", "fte_days_available")
"""April 2009 to March 2022, months as 2014-NOV."""
AGGREGATES = ("all", "england", "national")


def read(table: Table, context: Context) -> Statement:
    """Read one table of this publication."""
    return read_figures(table, context, "org_code", lambda row: _row(row, context)).statement()


def _row(row: Row, context: Context) -> Outcome:
    if row["org_code"].casefold().startswith(AGGREGATES):
        return OutOfScope(row["org_code"][:20], "aggregate")
    if reason := cells.kind_out_of_scope(row["org_type"]):
        return OutOfScope(row["org_code"], reason)
    code = cells.organisation(row["org_code"], "ORG_CODE")
    period = calendar("monthly").holding(cells.day(row["date"], "DATE"))
    context.is_past(period)
    group, region = cells.peer_group(row["org_type"]), row["nhse_region_name"] or None
    organisation = replace(context.by(code, row["org_name"]), peer_group=group, region=region)
    return _figure(row, context, organisation, period)


def _figure(row: Row, context: Context, organisation: Organisation, period: Period) -> Outcome:
    lost, available, rate = _triple(row)
    if all(cells.is_absent(text) or cells.is_hidden(text) for text in (lost, available, rate)):
        return Suppressed(organisation, (INDICATOR,), period)
    numerator, denominator = cells.amount(lost, "FTE_DAYS_LOST"), cells.amount(available, "FTE_DAYS_AVAILABLE")
    if denominator == 0:
        raise BadRecord(Reason.OUT_OF_RANGE, "FTE_DAYS_AVAILABLE")
    made = context.contribution(organisation.code, INDICATOR, period, numerator, denominator)
    if rate:
        indicator, _ = context.promised(context.source, INDICATOR)
        check_rate(indicator, numerator, denominator, cells.number(rate, "SICKNESS_ABSENCE_RATE_PERCENT"))
    return Figure(organisation, INDICATOR, period, (made,))


def _triple(row: Row) -> tuple[str, str, str]:
    if "fte_days_sick" in row.columns:
        return row["fte_days_sick"], row["fte_days_available"], row["sa_rate"]
    return row["fte_days_lost"], row["fte_days_available"], row["sickness_absence_rate_percent"]
