"""NHS Staff Survey, organisation results: one row, one organisation and year; each item has its own base.

An item counts as rate x base / 100 of its base. Rates are weighted by occupation, so the numerator is the
number of staff that the rate stands for, not a head count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from monitor.calendars import calendar
from monitor.errors import BadRecord, Reason
from monitor.feeds import cells
from monitor.feeds.figures import Context, Figure, Outcome, OutOfScope, Suppressed, read_figures
from monitor.feeds.statement import Statement
from monitor.feeds.table import Row, Table
from monitor.model import Contribution, PeerGroup, Period
from monitor.organisations import REGIONS

HEADER = ("ods_code", "year", "organisation_name", "benchmarking_group", "burned_out_base", "burned_out_rate")
SMALLEST_BASE = 11  # domain.md §5: groups below 10 are suppressed, 11 where unsure
FIELDWORK_MONTH = 11  # in the field until the end of November of its year

ITEMS = {
    "burnout_share": "burned_out",
    "stress_share": "stress",
    "manager_bullying_share": "emotional_manager",
    "colleague_discrimination_share": "discrimination_internal",
    "enough_staff_share": "enough_staff",
}
GROUPS = {
    "acute and acute & community trusts": PeerGroup.ACUTE,
    "acute specialist trusts": PeerGroup.ACUTE,
    "mental health & learning disability and mental health, learning disability & community trusts": (
        PeerGroup.MENTAL_HEALTH
    ),
    "community trusts": PeerGroup.COMMUNITY,
    "ambulance trusts": PeerGroup.AMBULANCE,
}
"""Benchmarking groups as published, in lower case; others are out of scope, or state no organisation."""


def read(table: Table, context: Context) -> Statement:
    """Read one table of this publication."""
    return read_figures(table, context, "ods_code", lambda row: _row(row, context)).statement()


def _row(row: Row, context: Context) -> Outcome:
    if reason := cells.kind_out_of_scope(row["benchmarking_group"]):
        return OutOfScope(row["ods_code"], reason)
    code = cells.organisation(row["ods_code"], "ODS code")
    period = _survey(row["year"], context)
    # Before 2022 this column names partnerships, which are no regions.
    region = row["region"] if row["region"] in REGIONS.values() else None
    group = GROUPS.get(row["benchmarking_group"].casefold())
    organisation = replace(context.by(code, row["organisation_name"]), peer_group=group, region=region)
    contributions = tuple(_contributions(row, context, code, period))
    if not contributions:
        return Suppressed(organisation, tuple(ITEMS), period)
    return Figure(organisation, "staff survey", period, contributions)


def _contributions(row: Row, context: Context, code: str, period: Period) -> Iterator[Contribution]:
    for indicator, item in ITEMS.items():
        base, rate = row[f"{item}_base"], row[f"{item}_rate"]
        if any(cells.is_hidden(text) or cells.is_absent(text) for text in (base, rate)):
            continue
        respondents = cells.whole(base, f"{item}_base")
        if respondents >= SMALLEST_BASE:
            share = cells.amount(rate, f"{item}_rate")
            yield context.contribution(code, indicator, period, share * respondents / 100, respondents)


def _survey(text: str, context: Context) -> Period:
    year = cells.whole(text, "Year")
    if not cells.FIRST_YEAR <= year < 2100:
        raise BadRecord(Reason.BAD_DATE, "Year")
    period = calendar("months:12").holding(date(year, FIELDWORK_MONTH, 1))
    context.is_past(period)
    return period
