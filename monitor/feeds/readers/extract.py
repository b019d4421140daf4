"""The plain extract of a local system, CSV or Parquet: one row, one figure or one part of an event.

Columns: `source,organisation,indicator,start,end,key,revision,published,numerator,denominator,value,respondents`,
empty where they do not apply; only organisation, indicator, start and a number must be there.

- Without `key` a row is a figure of [start, end) (an `end` that is a period's last day is understood): a whole
  period, or one day's sum of it. Its organisation is complete for that period, except where the row only
  brings exposure (a denominator and no numerator), which is a subject of its own.
- With `key` a row belongs to an event on the day `start`; the rows of a key and its highest revision are one
  observation, and without any number they withdraw it. Events do not say what they cover.
- A column `schema` says 1, or nothing; other columns are not read, and counted.
- `value` is in the indicator's unit; with `respondents` it becomes a sum over them, alone it is a bare value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from monitor.calendars import calendar
from monitor.errors import BadFile, BadRecord, Reason
from monitor.feeds import cells
from monitor.feeds.figures import Context, check_rate, contribution, natural_key
from monitor.feeds.statement import Cell, Draft, Ledger, Statement
from monitor.feeds.table import Row, Table
from monitor.model import Contribution, Indicator, Kind, Period

NUMBERS = ("numerator", "denominator", "value", "respondents")
HEADERS = tuple(("organisation", "indicator", "start", figure) for figure in ("numerator", "value", "denominator"))
SCHEMA = 1
SCHEMAS = ("schema", "schema_version", "version")
"""Columns in which a system may state the schema of this layout that it writes; empty: the only one there is."""
COLUMNS = ("source", "organisation", "indicator", "start", "end", "key", "revision", "published", *NUMBERS)
ONE_DAY = timedelta(days=1)
Promised = Callable[[str, str], tuple[Indicator, str]]
"""Gives an indicator and its calendar by source and key, as `Context.promised` does."""


class Part(NamedTuple):
    """One row of an extract: who, what and when; `figure` None: nothing is shown, or an event is withdrawn."""

    source: str
    organisation: str
    indicator: Indicator
    stated: Period
    period: Period
    key: str
    revision: int
    published: date | None
    figure: Contribution | None
    is_exposure: bool
    is_hidden: bool


def read(table: Table, context: Context) -> Statement:
    """Read one extract; `BadFile` where it is of a schema from the future."""
    _check_schema(table)
    table = table.asking(COLUMNS)
    ledger = Ledger(len(table.lines), unread=len(table.columns.keys() - {*COLUMNS, *SCHEMAS, ""}))
    events: dict[tuple[str, str], list[tuple[int, Part]]] = {}
    promised = lru_cache(maxsize=1_000)(context.promised)  # a file has few indicators and many rows
    for line in table.lines:
        whose = None
        try:
            row = table.row(line)
            whose = cells.organisation(row["organisation"], "organisation")
            part = _part(row, whose, context, promised)
            if part.key and part.is_hidden:
                ledger.suppressed += 1
            elif part.key:
                events.setdefault((part.source, part.key), []).append((line.number, part))
            else:
                _figure(ledger, line.number, part)
        except BadRecord as bad:
            ledger.put_aside(line.number, bad, whose)
        if whose:
            ledger.seen[whose] += 1
    for parts in events.values():
        _event(ledger, parts)
    ledger.has_events = bool(events)
    return ledger.statement()


def _check_schema(table: Table) -> None:
    for column in SCHEMAS:
        for text in sorted(_stated(table, column) - {"", f"{SCHEMA}", f"{SCHEMA}.0"}):
            what = f" {text}" if text.isdecimal() else ""  # anything else could be a name
            raise BadFile(f"{column}{what}; this version reads {SCHEMA}: upgrade it, or export schema {SCHEMA}")


def _stated(table: Table, column: str) -> set[str]:
    place = table.columns.get(column)
    if place is None:
        return set()
    return {line.cells[place].strip() for line in table.lines if line.cells is not None and place < len(line.cells)}


def _part(row: Row, organisation: str, context: Context, promised: Promised) -> Part:
    source = row["source"] or context.source
    indicator, name = promised(source, row["indicator"])
    key = row["key"]
    stated, period = _interval(row["start"], row["end"], name, context.last_day, is_event=bool(key))
    texts = {name: text for name in NUMBERS if (text := row[name])}
    is_hidden = not cells.HIDDEN.isdisjoint(texts.values())
    figure = None if is_hidden else _contribution(texts, organisation, indicator, period)
    if figure is not None and figure.denominator is None and stated != period:
        raise BadRecord(Reason.WRONG_PERIOD, indicator.key, f"{stated[0]} ({name})")  # a day's rate adds up to nothing
    return Part(
        source,
        organisation,
        indicator,
        stated,
        period,
        key,
        cells.whole(row["revision"], "revision") if row["revision"] else 0,
        cells.past_day(row["published"], "published", context.today) if row["published"] else None,
        figure,
        is_exposure="denominator" in texts and "numerator" not in texts and "value" not in texts,
        is_hidden=is_hidden,
    )


@lru_cache(maxsize=10_000)  # a file has few intervals and many rows
def _interval(begin: str, end: str, name: str, last_day: date, *, is_event: bool) -> tuple[Period, Period]:
    """Give the days that a row states and the period of this calendar that they belong to; both have come."""
    start = cells.past_day(begin, "start", last_day)
    stated, period = _stated_days(start, end, name, is_event=is_event)
    if not is_event and stated[1] - ONE_DAY > last_day:
        raise BadRecord(Reason.FUTURE_DATE, "end", (stated[1] - ONE_DAY).isoformat())
    return stated, period


def _stated_days(start: date, end: str, name: str, *, is_event: bool) -> tuple[Period, Period]:
    period = calendar(name).holding(start)
    if is_event:
        return (start, start + ONE_DAY), period
    stated = cells.day(end, "end") if end else period[1]
    for last in (stated, stated + ONE_DAY):  # half-open as everything here, or with its last day
        if (start, last) == period or last == start + ONE_DAY:
            return (start, last), period
    raise BadRecord(Reason.WRONG_PERIOD, "end", f"{start} ({name})")


def _contribution(
    texts: Mapping[str, str], organisation: str, indicator: Indicator, period: Period
) -> Contribution | None:
    is_count = indicator.kind is Kind.COUNT
    read = {name: _number(text, name, is_count=is_count and name == "numerator") for name, text in texts.items()}
    given = {name: number for name, number in read.items() if number is not None}
    if not given:
        return None
    numerator, denominator = _parts(given, indicator)
    made = contribution(organisation, indicator, period, numerator, denominator)
    if "value" in given and "numerator" in given and denominator:
        check_rate(indicator, numerator, denominator, given["value"])
    return made


@lru_cache(maxsize=20_000)  # small numbers come again and again
def _number(text: str, name: str, *, is_count: bool) -> float | None:
    """Read a number; None: nothing stands here."""
    if cells.is_absent(text):
        return None
    return cells.whole(text, name) if is_count else cells.amount(text, name)


def _parts(given: Mapping[str, float], indicator: Indicator) -> tuple[float, float | None]:
    """Make numerator and denominator of what is given; no denominator: a bare value."""
    if "numerator" in given and "denominator" in given:
        if given["numerator"] > 0 == given["denominator"]:
            raise BadRecord(Reason.OUT_OF_RANGE, "denominator")  # nobody was there, and yet it happened
        return given["numerator"], given["denominator"]
    if indicator.kind is Kind.COUNT:
        if "numerator" not in given and "denominator" not in given:
            raise BadRecord(Reason.MISSING_FIELD, "numerator")
        return given.get("numerator", 0.0), given.get("denominator", 0.0)
    if "value" in given and "respondents" in given:
        return given["value"] * given["respondents"] / indicator.per, given["respondents"]
    if "value" in given:
        return given["value"], None
    if "denominator" in given:
        return 0.0, given["denominator"]
    raise BadRecord(Reason.MISSING_FIELD, "denominator")


def _figure(ledger: Ledger, row: int, part: Part) -> None:
    # A hidden count is not complete: complete without a figure would read as none at all.
    if not part.is_exposure and (part.figure is not None or part.indicator.kind is not Kind.COUNT):
        ledger.stated.add(Cell(part.source, part.organisation, part.indicator.key, part.period))
    if part.figure is None:
        ledger.suppressed += 1
        return
    what = f"{part.indicator.key} exposure" if part.is_exposure else part.indicator.key
    key = natural_key(part.organisation, what, part.stated)
    ledger.figure(Draft(key, row, (part.figure,), part.revision, part.published, part.source))


def _event(ledger: Ledger, parts: list[tuple[int, Part]]) -> None:
    """Join the rows of one key: those of its highest revision are its word, the others are history."""
    revision = max(part.revision for _, part in parts)
    word = [(number, part) for number, part in parts if part.revision == revision]
    joined: dict[tuple[str, str, Period], Contribution] = {}
    lost = 0
    for number, part in word:
        cell = (part.organisation, part.indicator.key, part.period)
        if part.figure is not None and joined.setdefault(cell, part.figure) != part.figure:
            ledger.put_aside(number, BadRecord(Reason.DUPLICATE_ROW, "key"), part.organisation)
            lost += 1
    (first, leading), *further = word
    published = max((part.published for _, part in word if part.published), default=None)
    draft = Draft(f"event\x1f{leading.key}", first, tuple(joined.values()), revision, published, leading.source)
    draft = draft._replace(others=tuple(number for number, _ in further))
    ledger.event(draft, min(part.stated[0] for _, part in word), rows=len(parts) - lost)
