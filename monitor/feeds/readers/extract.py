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

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from monitor.calendars import calendar
from monitor.errors import BadFile, BadRecord, Reason
from monitor.feeds import cells
from monitor.feeds.figures import Context, check_rate, contribution, natural_key
from monitor.feeds.statement import Cell, Draft, Ledger, Statement
from monitor.feeds.table import Table
from monitor.model import Contribution, Indicator, Kind, Period

WHOSE = "organisation"
NUMBERS = ("numerator", "denominator", "value", "respondents")
HEADERS = tuple(("organisation", "indicator", "start", figure) for figure in ("numerator", "value", "denominator"))
SCHEMA = 1
SCHEMAS = ("schema", "schema_version", "version")
"""Columns in which a system may state the schema of this layout that it writes; empty: the only one there is."""
COLUMNS = ("source", WHOSE, "indicator", "start", "end", "key", "revision", "published", *NUMBERS)
PICKED = (WHOSE, *(name for name in COLUMNS if name != WHOSE))
ONE_DAY = timedelta(days=1)
Promised = Callable[[str, str], tuple[Indicator, str]]
"""Gives an indicator and its calendar by source and key, as `Context.promised` does."""


class Given(NamedTuple):
    """The numbers of a row; None: nothing stands there."""

    numerator: float | None = None
    denominator: float | None = None
    value: float | None = None
    respondents: float | None = None


NOTHING = Given()


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
    ledger = Ledger(len(table.lines), unread=len(table.columns.keys() - {*COLUMNS, *SCHEMAS, ""}))
    events: dict[tuple[str, str], list[tuple[int, Part]]] = {}
    promised = lru_cache(maxsize=1_000)(context.promised)  # a file has few indicators and many rows
    picked = table.picking(PICKED)
    for line in table.lines:
        whose = None
        try:
            texts, damaged = picked(line)
            if damaged == WHOSE:
                raise BadRecord(Reason.MALFORMED_ROW, damaged)
            whose = cells.organisation(texts[0], WHOSE)
            if damaged is not None:  # its organisation is known: it counts among the rows that are withheld
                raise BadRecord(Reason.MALFORMED_ROW, damaged)
            part = _part(texts, whose, context, promised)
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


def _part(texts: Sequence[str], organisation: str, context: Context, promised: Promised) -> Part:
    _, source, name, start, end, key, revision, published, *numbers = texts
    source = source or context.source
    indicator, kept_in = promised(source, name)
    stated, period = _interval(start, end, kept_in, context.last_day, bool(key))
    is_hidden = not cells.HIDDEN.isdisjoint(numbers)
    figure = None if is_hidden else _contribution(numbers, organisation, indicator, period)
    if figure is not None and figure.denominator is None and stated != period:
        raise BadRecord(Reason.WRONG_PERIOD, indicator.key, f"{stated[0]} ({kept_in})")  # a day's rate adds to nothing
    numerator, denominator, value, _ = numbers
    return Part(
        source,
        organisation,
        indicator,
        stated,
        period,
        key,
        cells.whole(revision, "revision") if revision else 0,
        cells.past_day(published, "published", context.today) if published else None,
        figure,
        is_exposure=bool(denominator) and not (numerator or value),
        is_hidden=is_hidden,
    )


@lru_cache(maxsize=10_000)  # a file has few intervals and many rows
def _interval(begin: str, end: str, name: str, last_day: date, is_event: bool) -> tuple[Period, Period]:
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
    numbers: Sequence[str], organisation: str, indicator: Indicator, period: Period
) -> Contribution | None:
    is_count = indicator.kind is Kind.COUNT
    numerator_text, denominator_text, value_text, respondents_text = numbers
    given = Given(
        _number(numerator_text, "numerator", is_count) if numerator_text else None,
        _number(denominator_text, "denominator", False) if denominator_text else None,
        _number(value_text, "value", False) if value_text else None,
        _number(respondents_text, "respondents", False) if respondents_text else None,
    )
    if given == NOTHING:
        return None
    numerator, denominator = _parts(given, indicator)
    made = contribution(organisation, indicator, period, numerator, denominator)
    if given.value is not None and given.numerator is not None and denominator:
        check_rate(indicator, numerator, denominator, given.value)
    return made


@lru_cache(maxsize=20_000)  # small numbers come again and again
def _number(text: str, name: str, is_count: bool) -> float | None:
    """Read a number; None: nothing stands here."""
    if cells.is_absent(text):
        return None
    return cells.whole(text, name) if is_count else cells.amount(text, name)


def _parts(given: Given, indicator: Indicator) -> tuple[float, float | None]:
    """Make numerator and denominator of what is given; no denominator: a bare value."""
    numerator, denominator, value, respondents = given
    if numerator is not None and denominator is not None:
        if numerator > 0 == denominator:
            raise BadRecord(Reason.OUT_OF_RANGE, "denominator")  # nobody was there, and yet it happened
        return numerator, denominator
    if indicator.kind is Kind.COUNT:
        if numerator is None and denominator is None:
            raise BadRecord(Reason.MISSING_FIELD, "numerator")
        return numerator or 0.0, denominator or 0.0
    if value is not None:
        return (value, None) if respondents is None else (value * respondents / indicator.per, respondents)
    if denominator is not None:
        return 0.0, denominator
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
