"""Which series the nation has: every feed's indicators drawn in turn, and incidents as single events at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from monitor.calendars import calendar
from monitor.evaluation import measures
from monitor.evaluation.circumstances import Circumstance, Kind
from monitor.evaluation.figures import (
    PULSE_CALENDAR,
    SURVEY_CALENDAR,
    Series,
    World,
    counts,
    exposure,
    log_rates,
    luck,
    reported,
    score_means,
    shares,
)
from monitor.evaluation.incidents import Incidents, incidents
from monitor.evaluation.measures import answered, unsettled
from monitor.model import Period

EVENT_MONTHS = 3
"""The last months of incidents come as single events from those whose system exports them."""
EVENT_SHARE, MOST_EVENT_ORGANISATIONS = 0.45, 100
LATER_START_YEARS = 1
"""Local incident and feedback systems reach back a year less than payroll does, in a nation of four years or more."""
OPTIONAL = frozenset({"report_delay", "anonymous_share", "staff_manner_negative_share"})
"""Only every second unit's system can say these; all of those in which they are planted can."""
ALREADY_IN = 0.74
"""Share of a month's incidents reported by its end at a mean delay of 8 days: 1 - 8/30 (1 - e^(-30/8))."""
UPLOADED_EVERY_WEEKS, AT_ONCE = 4, 0.15
"""Batch uploaders: so many weeks in one lump, and the share that comes in its own week all the same."""
ALWAYS_SENT = frozenset({"sickness_rate", "stress_sickness_rate", "new_complaints", "conduct_complaints_share"})
"""What comes from those who send two feeds."""
WEEKS_A_MONTH = 365.25 / 7 / 12


def draw(world: World, *, quiet: frozenset[str], befell: Sequence[Circumstance]) -> tuple[dict[str, Series], Incidents]:
    """Draw all series and the single incidents; who is `quiet`, merges or sends two feeds exports no incidents."""
    few = frozenset(one.organisation for one in befell if one.kind is Kind.TWO_FEEDS)
    lumps = [world.trusts.units.index(one.organisation) for one in befell if one.kind is Kind.BATCHES]
    local = _years_on(world.begin, LATER_START_YEARS) if world.stop.year - world.begin.year >= 4 else world.begin
    reports, events = _incident_reports(world, local, _senders(world, quiet | few), lumps)
    every = [
        *reports,
        *_sickness(world),
        *_complaints(world),
        *_pulses(world),
        *_survey(world),
        *_feedback(world, local),
    ]
    return {series.indicator: _without(series, few) for series in every}, events


def _without(series: Series, few: frozenset[str]) -> Series:
    """Take out what those who send two feeds do not send."""
    if series.indicator in ALWAYS_SENT or not few:
        return series
    silent = np.isin(series.organisations, sorted(few))[:, None]
    above, below = (np.where(silent, np.nan, part) for part in (series.numerator, series.denominator))
    return replace(series, numerator=above, denominator=below)


def _years_on(day: date, years: int) -> date:
    return day.replace(year=day.year + years)


def _senders(world: World, quiet: frozenset[str]) -> list[int]:
    able = [row for row, code in enumerate(world.trusts.units) if code not in quiet | world.trusts.merged()]
    wanted = min(MOST_EVENT_ORGANISATIONS, int(EVENT_SHARE * world.units))
    return sorted(world.rng.permutation(able)[:wanted].tolist())


def _incident_reports(
    world: World, since: date, senders: list[int], lumps: list[int]
) -> tuple[list[Series], Incidents]:
    """Draw weekly reports and monthly shares as figures, and for the senders' last months as events instead."""
    weeks, months = world.periods("weekly", since), world.periods("monthly", since)
    weekly = np.exp(log_rates(world, measures.REPORTS, weeks)) * world.trusts.sizes[:, None]
    rate = unsettled(weekly, luck(world, measures.REPORTS, weeks), measures.DISPERSION["low_harm_reports"])
    rate[lumps] = lumped(rate[lumps])
    harm, staffing, anonymous = (np.exp(log_rates(world, share, months)) for share in measures.INCIDENT_SHARES)
    delay = np.exp(log_rates(world, measures.DELAY, months))
    first = months[-EVENT_MONTHS][0]
    events = _events(world, senders, first, weeks, months, rate, harm, staffing, anonymous, delay)
    before = np.ones_like(rate)
    before[senders] = [np.clip((first - start).days / 7, 0, 1) for start, _ in weeks]
    reports = _weekly(world, weeks, world.rng.poisson(rate * before))
    trials = _monthly_reports(world, weekly, harm, weeks, months)
    as_figures = np.ones(trials.shape, dtype=bool)
    as_figures[senders, -EVENT_MONTHS:] = False
    figures = _parts_of_reports(world, months, trials, as_figures, staffing, anonymous, delay)
    reported_later = trials.copy()
    reported_later[senders, -EVENT_MONTHS - 1] = np.round(trials[senders, -EVENT_MONTHS - 1] * ALREADY_IN)
    harmful = measures.chosen(world.rng, reported_later, harm)
    return [reports, *figures, _figures(world, "harm_share", months, harmful, reported_later, as_figures)], events


def lumped(weekly: np.ndarray) -> np.ndarray:
    """Move most of each week's reports into the last week of its four, shape (units, weeks)."""
    moved = weekly.copy()
    for last in range(UPLOADED_EVERY_WEEKS - 1, weekly.shape[1], UPLOADED_EVERY_WEEKS):
        before = slice(last - UPLOADED_EVERY_WEEKS + 1, last)
        moved[:, before] *= AT_ONCE
        moved[:, last] += (1 - AT_ONCE) * weekly[:, before].sum(axis=1)
    return moved


def _parts_of_reports(
    world: World,
    months: Sequence[Period],
    trials: np.ndarray,
    as_figures: np.ndarray,
    staffing: np.ndarray,
    anonymous: np.ndarray,
    delay: np.ndarray,
) -> Iterator[Series]:
    """Give what is said of a month's reports, by the day of the report."""
    for key, share in (("staffing_risk_share", staffing), ("anonymous_share", anonymous)):
        yield _figures(world, key, months, measures.chosen(world.rng, trials, share), trials, as_figures)
    yield _figures(world, "report_delay", months, np.round(trials * delay), trials, as_figures)


def _events(
    world: World,
    senders: list[int],
    first: date,
    weeks: Sequence[Period],
    months: Sequence[Period],
    rate: np.ndarray,
    *shares_and_delay: np.ndarray,
) -> Incidents:
    last = weeks[-1][1]
    days = [first + timedelta(days=place) for place in range((last - first).days)]
    week = [calendar("weekly").number(day) - calendar("weekly").number(weeks[0][0]) for day in days]
    month = [calendar("monthly").number(day) - calendar("monthly").number(months[0][0]) for day in days]
    month = [min(place, len(months) - 1) for place in month]
    at_month = [part[np.ix_(senders, month)] for part in shares_and_delay]
    harm, staffing, anonymous, delay = at_month
    return incidents(
        world.rng,
        tuple(world.trusts.units[row] for row in senders),
        np.array([day.toordinal() for day in days]),
        reports=rate[np.ix_(senders, week)] / 7 / (1 - harm),  # the rate is that of no and low harm
        harm=harm,
        staffing=staffing,
        anonymous=anonymous,
        delay=delay,
    )


def _weekly(world: World, weeks: Sequence[Period], reports: np.ndarray) -> Series:
    bed_days = exposure(world, measures.WEEKLY_BED_DAYS, weeks)
    return reported(world, "low_harm_reports", "weekly", weeks, reports, bed_days)


def _monthly_reports(
    world: World, weekly: np.ndarray, harm: np.ndarray, weeks: Sequence[Period], months: Sequence[Period]
) -> np.ndarray:
    """Draw each month's reports of any harm, from the mean week that begins in it."""
    place = np.array(
        [calendar("monthly").number(start) - calendar("monthly").number(months[0][0]) for start, _ in weeks]
    )
    means = np.stack([weekly[:, place == month].mean(axis=1) for month in range(len(months))], axis=1)
    return np.asarray(world.rng.poisson(means * WEEKS_A_MONTH / (1 - harm)), dtype=float)


def _figures(
    world: World, key: str, months: Sequence[Period], some: np.ndarray, trials: np.ndarray, sent: np.ndarray
) -> Series:
    """Report a monthly part of all, none of none included, from those whose system can say it."""
    able = np.ones(world.units, dtype=bool)
    if key in OPTIONAL:
        able = np.arange(world.units) % 2 == 0
        able[[row for row, _ in world.moved(key)]] = True
    known = able[:, None] & sent
    above, below = np.where(known, some, np.nan), np.where(known, trials, np.nan)
    return reported(world, key, "monthly", months, above, below)


def _sickness(world: World) -> Iterator[Series]:
    months = world.periods("monthly", world.begin)
    available = exposure(world, measures.MONTHLY_FTE_DAYS, months)
    for measure in (measures.SICKNESS, measures.STRESS):
        lost = np.round(available * np.exp(log_rates(world, measure, months)), 1)
        yield reported(world, measure.key, "monthly", months, lost, available)


def _complaints(world: World) -> Iterator[Series]:
    months = world.periods("monthly", world.begin)
    new, _ = counts(world, measures.COMPLAINTS, months)
    staff = exposure(world, measures.MONTHLY_FTE_DAYS, months)
    yield reported(world, "new_complaints", "monthly", months, new, staff)
    subjects = new + world.rng.binomial(new.astype(int), measures.SUBJECTS_PER_COMPLAINT - 1)
    conduct = shares(world, measures.CONDUCT, months, subjects)
    yield reported(world, "conduct_complaints_share", "monthly", months, conduct, subjects)


def _pulses(world: World) -> Iterator[Series]:
    waves = world.periods(PULSE_CALENDAR, world.begin)
    eligible = exposure(world, measures.ELIGIBLE, waves)
    answers = shares(world, measures.RESPONSE, waves, eligible)
    yield reported(world, "pulse_response_rate", PULSE_CALENDAR, waves, answers, eligible)
    for measure in measures.SCORES:
        scores = answered(world.rng, answers, score_means(world, measure, waves))
        yield reported(world, measure.key, PULSE_CALENDAR, waves, scores * answers, answers)


def _survey(world: World) -> Iterator[Series]:
    autumns = world.periods(SURVEY_CALENDAR, world.begin)
    answers = np.round(exposure(world, measures.ELIGIBLE * measures.SURVEY_TAKE_UP, autumns))
    for measure in measures.SURVEY_SHARES:
        yield reported(world, measure.key, SURVEY_CALENDAR, autumns, shares(world, measure, autumns, answers), answers)


def _feedback(world: World, since: date) -> Iterator[Series]:
    months = world.periods("monthly", since)
    responses = exposure(world, measures.MONTHLY_RESPONSES, months)
    always = np.ones(responses.shape, dtype=bool)
    for measure in measures.FEEDBACK_SHARES:
        yield _figures(world, measure.key, months, shares(world, measure, months, responses), responses, always)
