"""Written complaints, KO41a, organisation level: one row, one organisation and financial year (domain.md §1.2).

A complaint may have several subjects, so shares are of subjects, never of complaints. The site level is
another file, with the same figures again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from monitor.errors import BadRecord, Reason
from monitor.feeds import cells
from monitor.feeds.figures import Context, Figure, Outcome, OutOfScope, read_figures
from monitor.feeds.statement import Statement
from monitor.feeds.table import Row, Table
from monitor.model import Contribution, Period

HEADER = (
    *("year", "organisation_code", "organisation_type", "complaints_total_new", "complaints_total_resolved"),
    *("complaints_total_carried_forward", "subject_area_values_and_behaviours", "subject_area_communications"),
    *("subject_area_privacy_dignity_and_wellbeing", "subject_area_total"),
)
CONDUCT = (
    "subject_area_values_and_behaviours",
    "subject_area_communications",
    "subject_area_privacy_dignity_and_wellbeing",
)
_YEAR = re.compile(r"(\d{4})[-/](\d{2})(?:\d{2})?")


def read(table: Table, context: Context) -> Statement:
    """Read one table of this publication."""
    return read_figures(table, context, "organisation_code", lambda row: _row(row, context)).statement()


def _row(row: Row, context: Context) -> Outcome:
    if reason := cells.kind_out_of_scope(row["organisation_type"]):
        return OutOfScope(row["organisation_code"], reason)
    code = cells.organisation(row["organisation_code"], "Organisation_Code")
    period = _financial_year(row["year"])
    context.is_past(period)
    group, region = cells.peer_group(row["organisation_type"]), row["nhs_england_region_name"] or None
    organisation = replace(context.by(code, row["organisation_name"]), peer_group=group, region=region)
    return Figure(organisation, "ko41a", period, tuple(_contributions(row, context, code, period)))


def _contributions(row: Row, context: Context, code: str, period: Period) -> Iterator[Contribution]:
    yield context.contribution(code, "new_complaints", period, _count(row, "complaints_total_new"), 0)
    subjects = _count(row, "subject_area_total")
    if subjects:
        conduct = sum(_count(row, column) for column in CONDUCT)
        yield context.contribution(code, "conduct_complaints_share", period, conduct, subjects)
    resolved = _count(row, "complaints_total_resolved")
    if resolved:
        carried = _count(row, "complaints_total_carried_forward")
        yield context.contribution(code, "complaints_backlog", period, carried, resolved)


def _count(row: Row, column: str) -> int:
    return cells.whole(row[column], column)


def _financial_year(text: str) -> Period:
    """Read 2024-25 as April 2024 to March 2025."""
    found = _YEAR.fullmatch(text)
    if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
        raise BadRecord(Reason.BAD_DATE, "Year")
    return date(int(found[1]), 4, 1), date(int(found[1]) + 1, 4, 1)
