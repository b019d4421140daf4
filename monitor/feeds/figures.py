"""From a row's numbers to what it contributes: in the right calendar, in range, to a millionth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from monitor.calendars import calendar
from monitor.errors import BadRecord, Reason
from monitor.feeds.cells import LARGEST, capitals, looks_like_a_code
from monitor.feeds.statement import Cell, Draft, Ledger
from monitor.feeds.table import Row, Table
from monitor.millionths import LEAST, rounded
from monitor.model import Contribution, Feed, Indicator, Kind, Organisation, Period, Source

RATE_AGREES_TO = 0.006  # rates are published to two decimals; measured on 3,394 official rows


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader knows beside the table: the contract, whose figures these are, the day, and a stated date.

    `published` None: nobody stated on which day the source published the file.
    """

    feed: Feed
    source: str
    today: date
    published: date | None = None

    @property
    def last_day(self) -> date:
        """Give the last day that the file can tell of: nothing is published before it has happened."""
        return min(self.today, self.published or self.today)

    def promised(self, source: str, key: str) -> tuple[Indicator, str]:
        """Give an indicator and its calendar, or say that this source does not promise it."""
        terms: Source | None = self.feed.sources.get(source)
        indicator = self.feed.indicator(key)
        if terms is None:
            raise BadRecord(Reason.UNKNOWN_CODE, "source")
        if indicator is None or key not in terms.calendars:
            raise BadRecord(Reason.UNKNOWN_INDICATOR, "indicator", None if indicator is None else key)
        return indicator, terms.calendars[key]

    def contribution(
        self, organisation: str, key: str, period: Period, numerator: float, denominator: float | None = None
    ) -> Contribution:
        """Make a contribution of this source, checked against its contract."""
        indicator, name = self.promised(self.source, key)
        if not calendar(name).has(period):
            raise BadRecord(Reason.WRONG_PERIOD, key, f"{period[0]} ({name})")
        return contribution(organisation, indicator, period, numerator, denominator)

    def is_past(self, period: Period) -> None:
        """Raise where the last day of a figure's period had not come when the file was published."""
        last = period[1] - timedelta(days=1)
        if last > self.last_day:
            raise BadRecord(Reason.FUTURE_DATE, "period", last.isoformat())

    def by(self, code: str, name: str) -> Organisation:
        """Begin the fact that this feed names an organisation; its type and region are for the caller."""
        return Organisation(code, name, None, None, stated_by=self.feed.key)


def contribution(
    organisation: str, indicator: Indicator, period: Period, numerator: float, denominator: float | None
) -> Contribution:
    """Make a contribution, or say that its figure is absurd in its indicator's unit."""
    check_range(indicator, numerator, denominator)
    parts = None if denominator is None else rounded(denominator)
    return Contribution(organisation, indicator.key, period, rounded(numerator), parts)


def check_range(indicator: Indicator, numerator: float, denominator: float | None) -> None:
    """Raise `OUT_OF_RANGE` where a figure is negative or beyond what its indicator can be (a slip of unit).

    Both parts are at most `LARGEST`: no organisation has as many patient days or full-time days in a year.
    """
    if not 0 <= numerator <= LARGEST:
        raise BadRecord(Reason.OUT_OF_RANGE, indicator.key)
    if denominator and not LEAST <= denominator <= LARGEST:  # less would be kept as 0, and its figure without any
        raise BadRecord(Reason.OUT_OF_RANGE, indicator.key)
    if indicator.kind is Kind.COUNT and numerator > indicator.most:
        raise BadRecord(Reason.OUT_OF_RANGE, indicator.key)
    if denominator == 0 and indicator.kind is Kind.COUNT:
        return  # events without exposure: the sum of a period finds its own
    if denominator == 0:
        figure = indicator.low if numerator == 0 else float("inf")
    else:
        figure = numerator if denominator is None else indicator.per * numerator / denominator
    if not indicator.low <= figure <= indicator.high:
        raise BadRecord(Reason.OUT_OF_RANGE, indicator.key)


def check_rate(indicator: Indicator, numerator: float, denominator: float, stated: float) -> None:
    """Raise where a published rate disagrees with its own counts by more than its rounding."""
    if denominator <= 0 or abs(indicator.per * numerator / denominator - stated) > RATE_AGREES_TO:
        raise BadRecord(Reason.INCONSISTENT_RATE, indicator.key)


def natural_key(organisation: str, what: str, period: Period) -> str:
    """Name a figure: the same from whichever layout of its source it is read."""
    return f"{organisation}\x1f{what}\x1f{_written(period)}"


@lru_cache(maxsize=10_000)  # a file has few periods and many rows
def _written(period: Period) -> str:
    return f"{period[0]}\x1f{period[1]}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One row's figures of one organisation and period."""

    organisation: Organisation
    what: str  # names the row within its organisation and period
    period: Period
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A row whose publisher shows no figure; its period is complete all the same."""

    organisation: Organisation
    indicators: tuple[str, ...]
    period: Period


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """A row that is none of this service's business, with its reason."""

    organisation: str
    reason: str


Outcome = Figure | Suppressed | OutOfScope
"""What a row of figures comes to, if it is not put aside."""


def read_figures(table: Table, context: Context, column: str, read: Callable[[Row], Outcome]) -> Ledger:
    """Read a table of which each row is one organisation and period.

    Parameters
    ----------
    column
        Where the organisation's code stands: whose rows they were is kept for those put aside too.
    """
    ledger = Ledger(len(table.lines))
    for line in table.lines:
        whose = None
        try:
            row = table.row(line)
            code = capitals(row[column])
            whose = code if looks_like_a_code(code) else None
            take(ledger, context, line.number, read(row))
        except BadRecord as bad:
            ledger.put_aside(line.number, bad, whose)
        if whose:
            ledger.seen[whose] += 1
    return ledger


def take(ledger: Ledger, context: Context, row: int, outcome: Outcome) -> None:
    """Enter a row's outcome."""
    if isinstance(outcome, OutOfScope):
        ledger.leave_out(outcome.reason, outcome.organisation)
        return
    organisation, period = outcome.organisation, outcome.period
    if organisation.peer_group is not None:  # without one the registry must know it: the worker looks
        ledger.organisations[organisation.code] = organisation
    if isinstance(outcome, Suppressed):
        ledger.suppressed += 1
        spoken_of = outcome.indicators
    else:
        key = natural_key(organisation.code, outcome.what, period)
        ledger.figure(Draft(key, row, outcome.contributions))
        spoken_of = tuple(part.indicator for part in outcome.contributions)
    ledger.stated.update(Cell(context.source, organisation.code, key, period) for key in spoken_of)
