"""Which publication a file is, by its headers: those that feeds read, and those that are refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from monitor.errors import BadFile, BadRequest
from monitor.feeds.figures import Context
from monitor.feeds.grids import grids
from monitor.feeds.readers import (
    extract,
    feedback,
    incidents,
    ko41a,
    pulse,
    sickness_csv,
    sickness_workbook,
    staff_survey,
)
from monitor.feeds.separated import is_open_ended
from monitor.feeds.statement import Statement
from monitor.feeds.table import Correction, Grid, Table, headed, plain
from monitor.model import Feed

OFFICIAL = "official"
HEADER_LINES = 30  # titles and notes stand above a header, never more of them than this

Headers = tuple[tuple[str, ...], ...]
"""Columns by their plain names; a table with all of any one of these is the publication."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication that a reader takes: its headers (any of them), and where it belongs.

    `feed` None: any feed's. `source`: whose figures these are, unless the person says otherwise.
    `may_be_empty`: a file without rows says that nothing happened, and not that it was cut off.
    """

    name: str
    headers: Headers
    feed: str | None
    source: str
    read: Callable[[Table, Context], Statement]
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """A publication that no feed takes: its headers, what it is, and what to publish instead."""

    headers: Headers
    name: str
    instead: str


READERS: Mapping[str, Publication] = {
    "sickness_csv": Publication(
        "NHS sickness absence rates by organisation (CSV)",
        (sickness_csv.CURRENT, sickness_csv.BACK_SERIES),
        "staff_sickness",
        "official",
        sickness_csv.read,
    ),
    "sickness_workbook": Publication(
        "NHS sickness absence rates, official workbook (Table 4)",
        (sickness_workbook.HEADER,),
        "staff_sickness",
        "official",
        sickness_workbook.read,
    ),
    "ko41a": Publication(
        "written complaints KO41a, organisation level", (ko41a.HEADER,), "complaints", "official", ko41a.read
    ),
    "staff_survey": Publication(
        "NHS Staff Survey, organisation results", (staff_survey.HEADER,), "survey_pulses", "official", staff_survey.read
    ),
    "pulse": Publication("a pulse survey (NQPS layout)", (pulse.HEADER,), "survey_pulses", "local", pulse.read),
    "feedback": Publication(
        "patient feedback comments", (feedback.HEADER,), "patient_feedback", "local", feedback.read, True
    ),
    "incidents": Publication(
        "an incident extract", (incidents.HEADER,), "incident_reports", "local", incidents.read, True
    ),
    "extract": Publication("a plain extract", extract.HEADERS, None, "local", extract.read, True),
}

OTHERS: tuple[Other, ...] = (
    Other(
        (("organisation_code", "site_code", "complaints_total_new"),),
        "written complaints KO41a, site level",
        "sites would count twice; publish the organisation level",
    ),
    Other(
        (("org_code", "month", "sickness_absence_rate_percent"), ("month", "group", "sickness_absence_rate_percent")),
        "a table made from the sickness workbook, not a publication",
        "publish the workbook itself, or write its rows as a plain extract",
    ),
    Other(
        (("code", "year_index", "shmi_index"), ("code", "year_index", "shmi_before")),
        "staff survey results joined to mortality (SHMI)",
        "derived figures that no feed takes; publish the staff survey's organisation results",
    ),
    Other(
        (("organisationcode", "canonicalorganisationname"),),
        "a registry of organisations",
        "load it with `monitor organisations load`",
    ),
    Other(
        (("organisation", "from", "through"),),
        "a coverage file",
        "it is read with the event file beside it, or named after --covers",
    ),
    Other(
        (("date", "staff_group", "reason", "fte_days_lost"), ("date", "reason", "fte_days_lost_reason")),
        "NHS sickness absence by reason",
        "a reference, and its organisation rows repeat their days on every reason; publish the rates by organisation",
    ),
    Other(
        (("org_code", "staff_group", "fte_days_lost"), ("org_code", "benchmark_group"), ("org_code", "cluster_group")),
        "the benchmarking file of NHS sickness absence",
        "its rows are parts of the rates by organisation; publish those",
    ),
)
"""Tried before the readers: each is a reader's publication with something more."""


OPENINGS: Mapping[bytes, str] = {
    b"Taxonomy document for AdverseEvent": "the LFPSE taxonomy, a reference; publish an incident extract",
    b"Code system document for AdverseEvent": "the LFPSE code systems, a reference; publish an incident extract",
}
"""References without a table, by their first words."""


def read(
    feed: Feed,
    content: bytes,
    *,
    source: str | None,
    today: date,
    published: date | None = None,
    corrections: Sequence[Correction] = (),
) -> tuple[str, Statement]:
    """Read a file as this feed's: its source, and what it states. `published` None: nobody stated that day.

    `corrections`: cells that people have corrected since it landed.

    `BadFile` says what the file is where it is something else, and what is known here; `BadRequest` which sources
    there are.
    """
    check_source(feed, source)
    for opening, what in OPENINGS.items():
        if content.startswith(opening):
            raise BadFile(f"this is {what}")
    table, publication = recognised(feed, grids(content))
    whose = source or (publication.source if publication.source in feed.sources else next(iter(feed.sources)))
    if not table.lines and not publication.may_be_empty:
        raise BadFile(f"this is {publication.name}, cut off after its header; fetch it again")
    statement = publication.read(table.corrected(corrections), Context(feed, whose, today, published))
    return whose, replace(statement, remarks=tuple(_remarks(publication, statement, whose, content)))


def _remarks(publication: Publication, statement: Statement, source: str, content: bytes) -> Iterator[str]:
    if is_open_ended(content):
        yield "its last line has no line end: if it was cut off there, its last figure is too short; fetch it again"
    if statement.unread:  # not named: a column's name could be a person's
        many = "1 column was" if statement.unread == 1 else f"{statement.unread:,} columns were"
        yield f"{many} not read: {publication.name} has no other than {','.join(extract.COLUMNS)}"
    if publication.source == OFFICIAL != source:
        yield f"this is {publication.name}, read as {source}: its figures are other series than the official ones"


def check_source(feed: Feed, source: str | None) -> None:
    """Raise `BadRequest` where a person names a source that this feed has not; None: left to the file."""
    if source is not None and source not in feed.sources:
        raise BadRequest(f"{feed.key} has no source {source!r}; its sources are {', '.join(feed.sources)}")


def recognised(feed: Feed, sheets: Sequence[Grid]) -> tuple[Table, Publication]:
    """Find the table that one of the feed's readers takes."""
    heads = [head for sheet in sheets for head in _possible(sheet)]
    for head in heads:
        other = next((other for other in OTHERS if _has_any(head, other.headers)), None)
        if other is not None:
            raise BadFile(f"this is {other.name}: {other.instead}")
    found = [(key, head) for key, reader in READERS.items() for head in heads if _has_any(head, reader.headers)]
    for key, head in found:
        if key in feed.readers:
            asked = {column for header in READERS[key].headers for column in header}
            return headed(head.sheet, head.place, asked), READERS[key]
    raise BadFile(_refusal(feed, [key for key, _ in found], heads))


class Head(NamedTuple):
    """A line that could be a header: the plain names that stand in it."""

    sheet: Grid
    place: int
    columns: frozenset[str]


def _possible(sheet: Grid) -> Iterator[Head]:
    for place, line in enumerate(sheet.lines[:HEADER_LINES]):
        if line.cells is not None:
            columns = frozenset(plain(cell) for cell in line.cells) - {""}
            if len(columns) > 1:
                yield Head(sheet, place, columns)


def _has_any(head: Head, headers: Headers) -> bool:
    return any(head.columns.issuperset(header) for header in headers)


def _refusal(feed: Feed, found: Sequence[str], heads: Sequence[Head]) -> str:
    if found:
        publication = READERS[found[0]]
        if publication.feed is None:
            return f"this is {publication.name}, and {feed.key} does not name its reader {found[0]!r}"
        return f"this is {publication.name}; publish it as {publication.feed}, not as {feed.key}"
    near = _nearest(feed, heads)
    if near is not None:
        name, missing = near
        return f"this looks like {name} without the columns {', '.join(missing)}; fetch it again, or correct its header"
    known = "; ".join(f"{READERS[key].name}: {', '.join(READERS[key].headers[0])}" for key in feed.readers)
    return f"no header in this file is one that {feed.key} reads. It reads {known}"


def _nearest(feed: Feed, heads: Sequence[Head]) -> tuple[str, list[str]] | None:
    """Find the publication of this feed of whose columns more than half are there."""
    for key in feed.readers:
        for header in READERS[key].headers:
            for head in heads:
                missing = [column for column in header if column not in head.columns]
                if len(missing) * 2 < len(header):
                    return READERS[key].name, missing
    return None
