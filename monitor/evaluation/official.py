"""The nation's official publications and pulse waves, as rows of the files that they come in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from monitor.calendars import calendar
from monitor.evaluation import layouts
from monitor.evaluation.arrivals import Slot, arrives, slot
from monitor.evaluation.bystanders import bystander_rows, hidden_months
from monitor.evaluation.figures import Series
from monitor.evaluation.nation import Nation
from monitor.model import Organisation, Period

Row = tuple[Slot, Period, str]
"""Which file, about what, and its text."""
FINANCIAL_YEAR = "months:4"
RECOUNTED = 6
"""Organisations that recount a month of sickness, which is then published again."""
RECOUNT_DAYS = 60


def official_rows(nation: Nation) -> Iterator[Row]:
    """Give every row of the monthly sickness CSV, KO41a, the staff survey and the pulse, in order of time."""
    organisations = {organisation.code: organisation for organisation in nation.trusts.organisations}
    for rows in (_sickness(nation, organisations), _complaints(nation, organisations), _survey(nation, organisations)):
        yield from rows
    yield from _pulse(nation)


def _sickness(nation: Nation, organisations: dict[str, Organisation]) -> Iterator[Row]:
    series = nation.series["sickness_rate"]
    rng = np.random.default_rng([nation.seed, 2])
    recounted = set(rng.permutation(len(series.organisations))[:RECOUNTED].tolist())
    again = _recounted_period(nation, series)
    hidden = hidden_months(nation)
    for column, period in enumerate(series.periods):
        day = arrives("staff_sickness", "sickness", period)
        into = slot("staff_sickness", "official", "sickness", day, live_from=nation.live_from)
        for text in bystander_rows(nation, period):
            yield into, period, text
        for row, code in _reporting(series, column):
            if mark := hidden.get((code, period)):
                yield into, period, layouts.hidden_sickness_row(organisations[code], period, mark)
                continue
            lost, available = series.numerator[row, column], series.denominator[row, column]
            yield into, period, layouts.sickness_row(organisations[code], period, lost, available)
            if period == again:
                factor = 1.02 if row in recounted else 1.0
                yield _again(into), period, layouts.sickness_row(organisations[code], period, lost * factor, available)


def _recounted_period(nation: Nation, series: Series) -> Period:
    live = [period for period in series.periods if arrives("staff_sickness", "sickness", period) >= nation.live_from]
    return live[min(3, len(live) - 1)]


def _again(first: Slot) -> Slot:
    day = first.arrives + timedelta(days=RECOUNT_DAYS)
    return Slot(first.feed, first.source, f"{day}_sickness_revised", day, day, "revised")


def _reporting(series: Series, column: int) -> Iterator[tuple[int, str]]:
    for row in np.flatnonzero(np.isfinite(series.numerator[:, column])).tolist():
        yield row, series.organisations[row]


def _complaints(nation: Nation, organisations: dict[str, Organisation]) -> Iterator[Row]:
    """Sum the months of each financial year; a merged year is its successor's."""
    new, conduct = nation.series["new_complaints"], nation.series["conduct_complaints_share"]
    named = calendar(FINANCIAL_YEAR)
    for year in range(named.first_within(nation.begin), named.last_before(nation.live_until) + 1):
        period = named.period(year)
        columns = [place for place, month in enumerate(new.periods) if period[0] <= month[0] < period[1]]
        sums: dict[str, np.ndarray] = {}
        for row, code in enumerate(new.organisations):
            parts = (new.numerator, conduct.denominator, conduct.numerator)
            figures = np.array([np.nansum(part[row, columns]) for part in parts])
            heir = nation.trusts.reporter(code, period[1] - timedelta(days=1))
            if np.isfinite(new.numerator[row, columns]).any():
                sums[heir] = sums.get(heir, np.zeros(3)) + figures
        for code, figures in sums.items():
            text = layouts.complaints_row(organisations[code], period, *(round(float(part)) for part in figures))
            yield _yearly("complaints", "ko41a", period, nation), period, text


def _yearly(feed: str, layout: str, period: Period, nation: Nation) -> Slot:
    """Name a yearly publication; each is a file of its own, the old ones too."""
    day, year = arrives(feed, layout, period), f"{period[0].year}-{period[1].year % 100:02d}"
    if day < nation.live_from:
        return Slot(feed, "official", f"history_{layout}_{year}", nation.live_from, day, "history")
    return Slot(feed, "official", f"{day}_{layout}_{year}", day, day, "period")


def _survey(nation: Nation, organisations: dict[str, Organisation]) -> Iterator[Row]:
    items = [nation.series[key] for key in layouts.SURVEY_ITEMS]
    for column, period in enumerate(items[0].periods):
        for row, code in _reporting(items[0], column):
            answers = {item.indicator: (item.numerator[row, column], item.denominator[row, column]) for item in items}
            text = layouts.survey_row(organisations[code], period, answers)
            yield _yearly("survey_pulses", "survey", period, nation), period, text


def _pulse(nation: Nation) -> Iterator[Row]:
    rate = nation.series["pulse_response_rate"]
    scores = [series for key, series in nation.series.items() if key.endswith("_score")]
    for column, period in enumerate(rate.periods):
        day = arrives("survey_pulses", "pulse", period)
        into = slot("survey_pulses", "local", "pulse", day, live_from=nation.live_from)
        for row, code in _reporting(rate, column):
            if code == nation.silent and day >= nation.silent_from:
                continue
            answers, eligible = rate.numerator[row, column], rate.denominator[row, column]
            if answers:
                means = {item.indicator: item.numerator[row, column] / answers for item in scores}
                yield into, period, layouts.pulse_row(code, period, answers, eligible, means)
