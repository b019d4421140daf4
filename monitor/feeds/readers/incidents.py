"""Incident extract: several rows a reference (its patients, its revisions); one reference, one observation.

The highest revision holds, the worst harm over its patients counts, and a revision marked deleted withdraws.
SubmissionDate is the reference's first submission, on every row. Volume, delay and the shares of reports go
by the day first reported, harm by the day of the event (domain.md §3, "Reporting delay").

Codes (domain.md §1.3): CL001 1 incident, 2 risk, 3 outcome, 4 good care. OT001 physical harm 1 fatal …
5 none; OT002 psychological harm 1 severe … 4 none, one step up to stand beside it. An incident that states
no harm harmed nobody: the form asks for harm only where a patient was involved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.calendars import calendar
from monitor.errors import BadRecord, Reason
from monitor.feeds import cells
from monitor.feeds.figures import Context, contribution
from monitor.feeds.statement import Draft, Ledger, Statement
from monitor.feeds.table import Row, Table
from monitor.model import Contribution

HEADER = ("reference", "revision", "t005", "submissiondate", "occurredorganisationcode", "cl001")
INCIDENT = "1"
EVENT_TYPES = frozenset({"1", "2", "3", "4"})
PHYSICAL = frozenset({"1", "2", "3", "4", "5"})
PSYCHOLOGICAL = frozenset({"1", "2", "3", "4"})
NO_HARM = 5
MODERATE = 3  # and worse: 2 severe, 1 fatal
ALWAYS = {"low_harm_reports", "harm_share", "report_delay"}
OPTIONAL = {"isanonymous": "anonymous_share", "risktheme": "staffing_risk_share"}
STAFFING = "1"  # RiskTheme: staffing and workload


@dataclass(frozen=True, slots=True)
class Report:
    """What one row says; `is_anonymous` and `is_on_staffing` None: the extract has no such column."""

    row: int
    reference: str
    revision: int
    is_deleted: bool
    organisation: str
    happened: date
    reported: date
    is_incident: bool
    harm: int
    is_anonymous: bool | None
    is_on_staffing: bool | None


def read(table: Table, context: Context) -> Statement:
    """Read one extract."""
    ledger = Ledger(len(table.lines), has_events=True, indicators=_told(table, context))
    references: dict[str, list[Report]] = {}
    for line in table.lines:
        whose = None
        try:
            row = table.row(line)
            whose = cells.organisation(row["occurredorganisationcode"], "OccurredOrganisationCode")
            report = _report(row, whose, context)
            references.setdefault(report.reference, []).append(report)
        except BadRecord as bad:
            ledger.put_aside(line.number, bad, whose)
        if whose:
            ledger.seen[whose] += 1
    for reports in references.values():
        _reference(ledger, reports, context)
    return ledger.statement()


def _told(table: Table, context: Context) -> frozenset[str]:
    optional = {indicator for column, indicator in OPTIONAL.items() if column in table.columns}
    return frozenset((optional | ALWAYS) & context.feed.sources[context.source].calendars.keys())


def _report(row: Row, organisation: str, context: Context) -> Report:
    reference = row["reference"]
    if not reference:
        raise BadRecord(Reason.MISSING_FIELD, "Reference")
    happened = cells.past_day(row["t005"], "T005", context.last_day)
    reported = cells.past_day(row["submissiondate"], "SubmissionDate", context.last_day)
    if happened > reported:
        raise BadRecord(Reason.BAD_DATE, "T005", happened.isoformat())
    return Report(
        row.number,
        reference,
        cells.whole(row["revision"], "Revision"),
        cells.flag(row["deleted"], "Deleted"),
        organisation,
        happened,
        reported,
        cells.code(row["cl001"], "CL001", EVENT_TYPES) == INCIDENT,
        min(_harm(row["ot001"], "OT001", PHYSICAL, 0), _harm(row["ot002"], "OT002", PSYCHOLOGICAL, 1)),
        cells.flag(row["isanonymous"], "IsAnonymous") if "isanonymous" in row.columns else None,
        row["risktheme"].removesuffix(".0") == STAFFING if "risktheme" in row.columns else None,
    )


def _harm(text: str, field: str, known: frozenset[str], steps: int) -> int:
    return int(cells.code(text, field, known)) + steps if text else NO_HARM


def _reference(ledger: Ledger, reports: Sequence[Report], context: Context) -> None:
    """Enter a reference: the rows of its highest revision are its patients, the others are history."""
    revision = max(report.revision for report in reports)
    patients = [report for report in reports if report.revision == revision]
    first = patients[0]
    others = [report for report in patients if not _is_same_event(report, first)]
    for report in others:
        ledger.put_aside(report.row, BadRecord(Reason.DUPLICATE_ROW, "Reference"), report.organisation)
    agreeing = [report for report in patients if _is_same_event(report, first)]
    is_deleted = any(report.is_deleted for report in agreeing)
    contributions = () if is_deleted else tuple(_contributions(agreeing, context))
    rows = tuple(report.row for report in agreeing[1:])
    draft = Draft(f"reference\x1f{first.reference}", first.row, contributions, revision, others=rows)
    ledger.event(draft, first.reported, rows=len(reports) - len(others))


def _is_same_event(one: Report, other: Report) -> bool:
    return (one.organisation, one.happened, one.reported) == (other.organisation, other.happened, other.reported)


def _contributions(patients: Sequence[Report], context: Context) -> Iterator[Contribution]:
    first = patients[0]
    if first.is_incident:
        is_harmful = min(patient.harm for patient in patients) <= MODERATE
        if not is_harmful:
            yield from _count(context, first.organisation, "low_harm_reports", first.reported, 1, 0)
        yield from _count(context, first.organisation, "harm_share", first.happened, is_harmful, 1)
        yield from _delay(context, first)
    if first.is_anonymous is not None:
        yield from _count(context, first.organisation, "anonymous_share", first.reported, first.is_anonymous, 1)
    if first.is_on_staffing is not None:
        on_staffing = any(patient.is_on_staffing for patient in patients)
        yield from _count(context, first.organisation, "staffing_risk_share", first.reported, on_staffing, 1)


def _delay(context: Context, report: Report) -> Iterator[Contribution]:
    """Count the days to the report; beyond the indicator's range it is history told, not a slow report."""
    indicator = context.feed.indicator("report_delay")
    days = (report.reported - report.happened).days
    if indicator is not None and days <= indicator.high:
        yield from _count(context, report.organisation, "report_delay", report.reported, days, 1)


def _count(
    context: Context, organisation: str, key: str, day: date, numerator: float, denominator: float
) -> Iterator[Contribution]:
    """Contribute to the period that holds this day, where this source promises the indicator."""
    if key in context.feed.sources[context.source].calendars:
        indicator, name = context.promised(context.source, key)
        period = calendar(name).holding(day)
        yield contribution(organisation, indicator, period, float(numerator), float(denominator))
