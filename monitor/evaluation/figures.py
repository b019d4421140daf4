"""From chance, weather and what is planted to the figures of every indicator, per unit and then per reporter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from monitor.calendars import calendar
from monitor.evaluation import measures, weather
from monitor.evaluation.deterioration import Deterioration, log_shift, reached, score_shift
from monitor.evaluation.measures import Measure, chosen, mixed
from monitor.evaluation.trusts import Trusts
from monitor.model import Period

SHOCK_LENGTH = timedelta(days=183)
LOADING_SPREAD = 0.25
"""Sd of the log of how hard the shock hits an organisation (detection.md §3)."""
WINTER_SPREAD = 0.25
"""Sd of a winter's strength around 1."""
LASTING_SHARE, LASTING_MEMORY = (0.6, 0.85), (0.7, 0.92)
"""Of half of the series: the part of the variance that lasts, and its autocorrelation from month to month (§6)."""
DAYS_A_MONTH = 365.25 / 12
SURVEY_CALENDAR, PULSE_CALENDAR = "months:12", "months:2,5,8"
Shift = Callable[[Deterioration, str], float]
"""How far a planted change moves an indicator in the end."""


@dataclass(frozen=True, slots=True)
class Series:
    """One indicator of everyone who reports it; arrays of shape (organisations, periods), NaN = no figure."""

    indicator: str
    calendar: str
    organisations: tuple[str, ...]
    periods: tuple[Period, ...]
    numerator: np.ndarray
    denominator: np.ndarray


@dataclass(frozen=True, slots=True)
class World:
    """What all draws share. `luck`: innovations of shape (families, units, months), `loading`: one per unit.

    `early` says of each unit whether its region meets the shock before the others.
    """

    rng: np.random.Generator
    trusts: Trusts
    changes: tuple[Deterioration, ...]
    begin: date
    stop: date
    shock_from: date
    early: np.ndarray
    luck: np.ndarray
    loading: np.ndarray
    winters: np.ndarray

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.trusts.units)

    def periods(self, name: str, since: date) -> tuple[Period, ...]:
        """Give the periods of a calendar that lie wholly between a day and the end."""
        named = calendar(name)
        numbers = range(named.first_within(since), named.last_before(self.stop) + 1)
        return tuple(named.period(number) for number in numbers)

    def moved(self, indicator: str) -> list[tuple[int, Deterioration]]:
        """Give the planted changes of an indicator with the row of their unit."""
        return [
            (self.trusts.units.index(change.organisation), change)
            for change in self.changes
            if change.direction(indicator)
        ]


def world(
    rng: np.random.Generator, made: Trusts, changes: Sequence[Deterioration],
    *, begin: date, stop: date, shock: date, early_region: str,
) -> World:  # fmt: skip
    """Draw what everything shares."""
    units, months = len(made.units), calendar("monthly").number(stop) - calendar("monthly").number(begin)
    luck = weather.correlated(rng, (units, months), families=4)
    loading = np.exp(LOADING_SPREAD * rng.standard_normal(units))
    winters = 1 + WINTER_SPREAD * rng.standard_normal(months // 12 + 2)
    early = np.array([one.region == early_region for one in made.organisations[:units]])
    return World(rng, made, tuple(changes), begin, stop, shock, early, luck, loading, winters)


def luck(world: World, measure: Measure, periods: Sequence[Period]) -> np.ndarray:
    """Draw standard normal innovations of one indicator, partly its family's, shape (units, periods)."""
    months = calendar("monthly")
    last = [months.number(end - timedelta(days=1)) - months.number(world.begin) for _, end in periods]
    is_weekly = (periods[0][1] - periods[0][0]).days == 7
    # the family's luck is monthly: a large share of it would give weeks a memory that they do not have
    share = weather.FAMILY_CORRELATION if is_weekly else measures.WITHIN_FAMILY
    own = weather.heavy(world.rng, (world.units, len(periods)))
    family = measure.worse * world.luck[measure.family][:, last]
    white = np.sqrt(share) * family + np.sqrt(1 - share) * own
    return white if measure.memory else _half_lasting(world.rng, white, periods)


def _half_lasting(rng: np.random.Generator, white: np.ndarray, periods: Sequence[Period]) -> np.ndarray:
    """Make most of the variance of every second series last from period to period (detection.md §6)."""
    units = len(white)
    part = np.where(np.arange(units) % 2 == rng.integers(2), rng.uniform(*LASTING_SHARE, units), 0.0)[:, None]
    months = (periods[0][1] - periods[0][0]).days / DAYS_A_MONTH
    memory = rng.uniform(*LASTING_MEMORY, units) ** months
    lasting = weather.remembered(white * np.sqrt(1 - memory[:, None] ** 2), memory)
    fresh = weather.heavy(rng, white.shape)
    return np.asarray(np.where(part > 0, np.sqrt(part) * lasting + np.sqrt(1 - part) * fresh, white))


def log_rates(world: World, measure: Measure, periods: Sequence[Period]) -> np.ndarray:
    """Give the logs of an indicator's true rates, shape (units, periods)."""
    level = np.log(measure.level) + measure.spread * world.rng.standard_normal((world.units, 1))
    noise = measure.noise * luck(world, measure, periods) * _spread(world, periods)
    rates = level + weather.remembered(noise, measure.memory)
    return _moved(world, measure, periods, rates, log_shift)


def score_means(world: World, measure: Measure, periods: Sequence[Period]) -> np.ndarray:
    """Give an indicator's true mean scores, shape (units, periods)."""
    level = measure.level + measure.spread * world.rng.standard_normal((world.units, 1))
    noise = measure.noise * luck(world, measure, periods) * _spread(world, periods)
    return _moved(world, measure, periods, level + noise, score_shift)


def _spread(world: World, periods: Sequence[Period]) -> np.ndarray:
    return np.asarray(1 + (weather.SPREAD - 1) * _bump(world, periods))


def _bump(world: World, periods: Sequence[Period]) -> np.ndarray:
    """Give how far the shock has risen for each unit, shape (units, periods)."""
    middles = [start + (end - start) / 2 for start, end in periods]
    late, early = (
        weather.shock(middles, world.shock_from - before, SHOCK_LENGTH) for before in (timedelta(0), weather.EARLIER)
    )
    return np.where(world.early[:, None], early, late)


def _moved(world: World, measure: Measure, periods: Sequence[Period], rates: np.ndarray, shift: Shift) -> np.ndarray:
    middles = [start + (end - start) / 2 for start, end in periods]
    rates = rates + measure.winter * weather.winter(middles, world.winters)
    rates += measure.shock * world.loading[:, None] * _bump(world, periods)
    starts, ends = (np.array([period[side].toordinal() for period in periods]) for side in (0, 1))
    for row, change in world.moved(measure.key):
        rates[row] += shift(change, measure.key) * reached(change, starts, ends)
    return rates


def counts(world: World, measure: Measure, periods: Sequence[Period]) -> tuple[np.ndarray, np.ndarray]:
    """Draw an over-dispersed count and give the means that it was drawn around."""
    means = np.exp(log_rates(world, measure, periods)) * world.trusts.sizes[:, None]
    deviates = luck(world, measure, periods)
    return mixed(world.rng, means, deviates, measures.DISPERSION[measure.key]), means


def shares(world: World, measure: Measure, periods: Sequence[Period], trials: np.ndarray) -> np.ndarray:
    """Draw how many of all were such."""
    return chosen(world.rng, trials, np.exp(log_rates(world, measure, periods)))


def exposure(world: World, each: float, periods: Sequence[Period]) -> np.ndarray:
    """Give beds, staff or staff invited: by size, growing a little, rounded to whole ones."""
    growth = 1 + 0.01 * world.rng.standard_normal((world.units, 1)) * np.linspace(0, 5, len(periods))
    return np.asarray(np.round(each * world.trusts.sizes[:, None] * growth))


def reported(
    world: World, indicator: str, name: str, periods: Sequence[Period], numerator: np.ndarray, denominator: np.ndarray
) -> Series:
    """Sum what units did into what organisations publish: a merged unit's figures are its successor's."""
    codes = tuple(organisation.code for organisation in world.trusts.organisations)
    new = len(codes) - world.units
    above, below = (
        np.vstack([part, np.full((new, len(periods)), np.nan)]) for part in (numerator.astype(float), denominator)
    )
    for step in world.trusts.successions:
        heir, gone = codes.index(step.successor), codes.index(step.predecessor)
        after = np.array([end > step.legal_date for _, end in periods])
        for part in (above, below):
            both = np.nansum(part[[heir, gone]], axis=0)
            unknown = np.isnan(part[[heir, gone]]).all(axis=0)
            part[heir] = np.where(after & ~unknown, both, part[heir])
            part[gone] = np.where(after, np.nan, part[gone])
    return Series(indicator, name, codes, tuple(periods), above, below)
