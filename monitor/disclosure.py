"""What may leave the service: small numbers, rounding, calendars (domain.md §5); every way out passes here.

Messages, charts and reports accept only the types of this file, so what it holds back cannot be drawn
by mistake. Counts of people from 1 to 7 become "*", other counts the nearest 5; shares come from rounded
counts and need both their parts to be 0 or at least 8. Expected ranges get the same rounding, and no
score leaves: either would let a reader work a count out. What lies between two shown periods is never
the difference of two shown totals, at one date or at several (`coarsening`). Of a case there leave words,
families and what each signal is about (`case_row`): no score, and no name of a pattern, which is an
allegation about people (domain.md §4).

A figure labelled official is only freed of rules about its *base* (bare rates, staff time, respondents):
some sources with that label send single events, so counts of people stay rounded there too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import floor, log10, sqrt

from monitor.casefile import Act, Case, CaseKind, Exhibit, Pack, Point, Signal
from monitor.cases import families_agreeing, furthest
from monitor.caveats import caveats, leans, often, peers_moved, shock
from monitor.coarsening import SMALLEST_SHOWN, coarsened
from monitor.model import Family, Indicator, Kind, Period, Reading, SmallNumbers
from monitor.renewal import awaits_answer
from monitor.rounding import decimals, down, is_small, limit_of, nearest, places_of, up, written

LARGEST_HIDDEN = SMALLEST_SHOWN - 1
MOST_MORE = 2
"""Digits beyond the usual ones that a window may be written with, so that what differs reads differently."""
HIDDEN, NOTHING = "*", "–"


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure as people may see it, in the indicator's unit.

    `value` is None where nothing may or can be drawn as a point; `band` is then the range that a hidden
    count lies in, None where not even that may be shown.
    """

    text: str
    value: float | None = None
    band: tuple[float, float] | None = None

    @property
    def is_hidden(self) -> bool:
        """Say whether there is a figure that may not be shown."""
        return self.text == HIDDEN


@dataclass(frozen=True, slots=True)
class DisclosedPoint:
    """One period as it may be shown; no expectation beside a hidden figure."""

    period: Period
    shown: Shown
    expected: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Window:
    """Seen and expected since the onset, on average over the periods shown; texts without unit."""

    periods: int
    hidden: int
    seen: str
    expected: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class DisclosedExhibit:
    """One series as it may be shown; `calendar` names its periods, the signal's or longer ones."""

    indicator: Indicator
    source: str
    family: Family
    reading: Reading
    rises: bool
    since: date
    period: Period
    known: date
    points: tuple[DisclosedPoint, ...]
    calendar: str
    unit: str
    window: Window | None
    peers: int
    peers_moved: str
    shock: str | None
    often: str
    against: tuple[str, ...]
    latched_since: date | None = None
    leans: bool = False


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A case's evidence as it may leave; made only by `disclose`."""

    case: str
    organisation: str
    name: str
    known_at: datetime
    tick: str
    models: tuple[str, ...]
    state: str
    exhibits: tuple[DisclosedExhibit, ...]


def disclose(pack: Pack, indicators: Mapping[str, Indicator]) -> Disclosed:
    """Take from the frozen evidence what may leave."""
    exhibits = tuple(_exhibit(exhibit, indicators[exhibit.signal.indicator]) for exhibit in pack.exhibits)
    return Disclosed(
        pack.case, pack.organisation, pack.name, pack.known_at, pack.tick, pack.models, pack.state, exhibits
    )


def case_row(case: Case, name: str, acts: Sequence[Act]) -> dict[str, object]:
    """Give one line about a case, as lists and files show it; `name`: of whom it is about."""
    done = furthest(acts)
    return {
        "case": case.id,
        "organisation": case.organisation,
        "name": name,
        "kind": case.kind.value,
        "opened": case.opened.isoformat(),
        "closed": case.closed.isoformat() if case.closed else None,
        "outcome": case.outcome and case.outcome.value,
        "state": str(case.outcome or done or "open"),
        "asked": case.asked.isoformat() if case.asked and awaits_answer(case, acts) else None,
        "how_sure": chance(case.p) if case.kind is CaseKind.CONCERN else None,
        "agreeing": [family.value for family in families_agreeing(case)],
        "because": case.because,
        "signals": [_signal_row(signal) for signal in case.signals],
    }


def _signal_row(signal: Signal) -> dict[str, object]:
    return {
        "indicator": signal.indicator,
        "source": signal.source,
        "family": signal.family.value,
        "reading": signal.reading.value,
        "since": f"{signal.since:%Y-%m}",  # the start of a change is never known to the day
        "known": signal.known.isoformat(),
    }


def chance(p: float) -> str:
    """Say how often chance alone does this, rounded so that it claims no more than the model can know.

    >>> chance(0.00034)
    'By chance alone, about one organisation in 3,000 would look like this in a month.'
    """
    if p <= 1e-6:
        return "By chance alone, fewer than one organisation in a million would look like this in a month."
    others = 1 / p
    step = 10 ** floor(log10(others))
    one_in = max(round(others / step) * step, 1)
    return f"By chance alone, about one organisation in {one_in:,.0f} would look like this in a month."


def shown(point: Point, indicator: Indicator, source: str, more: int = 0) -> Shown:
    """Say how one figure may be shown.

    >>> from monitor.catalogue import INDICATORS
    >>> week = (date(2026, 3, 2), date(2026, 3, 9))
    >>> small = Point(week, 3, 1200, 2.5, None, None, None, None)
    >>> shown(small, INDICATORS["low_harm_reports"], "local").text
    '*'
    """
    if point.numerator is None or point.denominator == 0:
        return Shown(NOTHING)
    if point.denominator is None and indicator.kind is not Kind.COUNT:
        # a bare value: nobody knows how many people stand behind it
        return _figure(point.numerator, indicator, None) if source == "official" else Shown(HIDDEN)
    return _counted(point.numerator, point.denominator, indicator, source, more)


def _counted(numerator: float, denominator: float | None, indicator: Indicator, source: str, more: int) -> Shown:
    if is_small(numerator, denominator, indicator, source):
        return Shown(HIDDEN, band=_band(denominator, indicator))
    if indicator.small_numbers is SmallNumbers.FTE_DAYS or indicator.kind is Kind.SCORE:
        return _figure(indicator.per * numerator / (denominator or 1), indicator, denominator, more)
    if denominator is None:
        return _figure(nearest(numerator), indicator, None)
    of = denominator if indicator.kind is Kind.COUNT else nearest(denominator)
    return _figure(indicator.per * nearest(numerator) / of, indicator, denominator, more)


def _band(denominator: float | None, indicator: Indicator) -> tuple[float, float] | None:
    """Where a hidden count lies; a hidden share could lie anywhere."""
    if indicator.kind is not Kind.COUNT:
        return None
    most = LARGEST_HIDDEN * (indicator.per / denominator if denominator else 1)
    return 0.0, round(most, places_of(most))


def _figure(value: float, indicator: Indicator, denominator: float | None, more: int = 0) -> Shown:
    places = decimals(value, indicator, denominator, more)
    return Shown(f"{value:,.{places}f}", round(value, places))


def _exhibit(exhibit: Exhibit, indicator: Indicator) -> DisclosedExhibit:
    signal = exhibit.signal
    summed, calendar = coarsened(exhibit.points, indicator, exhibit.calendar)
    points = tuple(_point(point, indicator, signal.source) for point in summed)
    window = _clear_window(summed, points, indicator, signal)
    return DisclosedExhibit(
        indicator, signal.source, signal.family, signal.reading, signal.rises, signal.since, signal.period,
        signal.known, points, calendar, _unit(summed, indicator), window, exhibit.peers,
        peers_moved(exhibit, worse=indicator.worse), shock(exhibit), often(signal),
        caveats(exhibit, _revised(exhibit, summed, indicator)), signal.latched_since if signal.latched else None,
        leans(signal),
    )  # fmt: skip


def _unit(points: Sequence[Point], indicator: Indicator) -> str:
    """Name what figures are in: a count that never has exposure is a plain one, whatever it would be a rate of."""
    is_plain = indicator.kind is Kind.COUNT and not any(point.denominator for point in points)
    return indicator.numerator if is_plain else indicator.unit


def _revised(exhibit: Exhibit, summed: Sequence[Point], indicator: Indicator) -> float | None:
    """Give by what share the newest figure moved since first known; None: it did not, or either was never shown."""
    if exhibit.first is None or not summed or summed[-1].period != exhibit.signal.period:
        return None
    numerator, denominator = exhibit.first
    before = replace(summed[-1], numerator=numerator, denominator=denominator or summed[-1].denominator)
    then, now = (shown(point, indicator, exhibit.signal.source).value for point in (before, summed[-1]))
    return None if then is None or now is None or then == 0 else now / then - 1


def _point(point: Point, indicator: Indicator, source: str, more: int = 0) -> DisclosedPoint:
    figure = shown(point, indicator, source, more)
    if figure.is_hidden:
        return DisclosedPoint(point.period, figure, None, None, None)
    expected = limit_of(point.expected, indicator, point.denominator, nearest, more)
    low = limit_of(point.low, indicator, point.denominator, down, more)
    high = limit_of(point.high, indicator, point.denominator, up, more)
    return DisclosedPoint(point.period, figure, expected, low, high)


def _clear_window(
    points: Sequence[Point], told: Sequence[DisclosedPoint], indicator: Indicator, signal: Signal
) -> Window | None:  # fmt: skip
    """Give the window with one more digit until what was seen differs from the nearer limit, if any digit does it."""
    after = [point for point in points if point.period[1] > signal.since]
    first = _window([point for point in told if point.period[1] > signal.since], indicator, after, 0)
    tries = (
        _window([_point(point, indicator, signal.source, more) for point in after], indicator, after, more)
        for more in range(1, MOST_MORE + 1)
    )
    if first is None or first.seen not in (first.low, first.high):
        return first
    return next((window for window in tries if window and window.seen not in (window.low, window.high)), first)


def _window(after: Sequence[DisclosedPoint], indicator: Indicator, points: Sequence[Point], more: int) -> Window | None:
    """Average what is shown since the onset: nothing that the shown periods do not already tell."""
    hidden = sum(point.shown.is_hidden for point in after)
    whole = [_whole(point) for point in after]
    rows = [row for row in whole if row is not None]
    if not rows:
        return None
    seen, expected = (sum(row[place] for row in rows) / len(rows) for place in (0, 1))
    # one-step prediction errors are independent while nothing has changed, so variances add up
    below, above = (sqrt(sum((row[place] - row[1]) ** 2 for row in rows)) / len(rows) for place in (2, 3))
    base = min((point.denominator for point in points if point.denominator), default=None)
    texts = (
        f"{value:,.{written(value, indicator, base) + more}f}"
        for value in (seen, expected, max(expected - below, 0.0), expected + above)
    )
    return Window(len(rows), hidden, *texts)


def _whole(point: DisclosedPoint) -> tuple[float, float, float, float] | None:
    if point.shown.value is None or point.expected is None or point.low is None or point.high is None:
        return None
    return point.shown.value, point.expected, point.low, point.high
