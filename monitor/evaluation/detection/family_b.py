"""Family B: four signals of each organisation, shocks that all share, and who gets worse (detection.md §3).

The linear predictor x = level + slope + own season + loading × common + AR(1) is on the log scale, where a
worsening adds log(1 + effect). The survey's mean is 7 - 1.5 x in points, and a worsening takes 1.5 effect off it.

Chosen here, where the description is silent:

- One peer group. A winter's strength, a shock's size and a series' loading are drawn per signal; a shock's months
  are the nation's: the first in the evaluation years, a second, with probability ½, anywhere after the first year.
- Up or down, a shock adds ± log(1.25..1.6) at its height.
- Onset, effect and shape are an organisation's, the same for all of its signals that move, and at least one moves.
- The fall of the distractor has an onset and a shape as a worsening has.
- Exposure grows by N(0, .03) a year, with noise N(0, .03); 15 + 150 × exposure people answer the survey, so
  that a plain peer-relative chart finds what it is known to find (POD6 .36, POD12 .52 at 1 %; published .37 and .51).
- A gap of 2-4 months lies anywhere after the first year.
- Weekly: a month's counts, days and respondents spread over its weeks (15 respondents at least), times as before
  in months, .6 of the AR(1) left after a month.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.evaluation.detection.chance import counts
from monitor.evaluation.detection.changes import Changes, plant
from monitor.evaluation.weather import remembered

SIGNALS = ("incidents", "sickness", "complaints", "survey")
INCIDENTS, SICKNESS, COMPLAINTS, SURVEY = range(4)
KINDS = ("count", "rate", "count", "score")
"""How each signal is read: counts with exposure, a rate of days, a mean score."""
SIGNS = (1, 1, 1, -1)
"""+1 where a rise is worse."""

YEARS, EVALUATED, FOLLOW_UP = 8, 3, 1
"""Years in all, at the end of which so many are evaluated; an onset leaves so many after it."""
WORSENING, MOVING, DISTRACTED = 0.4, 0.6, 0.12
"""Shares: of organisations that worsen, of their signals that move, of the others whose incident reports fall."""
EFFECTS = (0.10, 0.15, 0.20, 0.25, 0.30, 0.40)
FALLS = (0.2, 0.4)
RAMP_MONTHS, SHOCK_MONTHS, GAP_MONTHS = (3, 12), (3, 9), (2, 4)
SHOCK = (1.25, 1.6)
MISSING, WITH_GAP = 0.03, 0.05
LEVEL_SD, SLOPE_SD, SEASON, LOADING_SD, WINTER_SD = 0.2, 0.02, 0.15, 0.25, 0.12
MEMORY, MEMORY_SD = 0.6, (0.01, 0.05)
EXPOSURE_SD, GROWTH_SD = 0.6, 0.03
A_MONTH = (60.0, 0.045 * 20_000.0, 8.0)
"""Incidents, sick days and complaints of an organisation of exposure 1."""
DENOMINATORS = (1_000.0, 20_000.0, 1_000.0)
DISPERSIONS = (2.0, 12.0, 1.3)
"""Variance over mean."""
FEWEST, RESPONDENTS = 15.0, 150.0
SCORE, SCORE_SD, POINTS = 7.0, 1.6, 1.5


@dataclass(frozen=True, slots=True)
class PanelB:
    """Signals with their truth; arrays over time are of shape (periods, series), oldest first.

    Series are numbered organisation × 4 + signal, in the order of `SIGNALS`.

    Parameters
    ----------
    numerator, denominator
        Count and exposure, sick days and days, or sum of scores and respondents; a missing numerator is NaN.
    signal, organisation, group
        Place in `SIGNALS`, organisation and peer group, shape (series,).
    worse, falls
        The worsenings, and the distractor's falls of incident reports.
    shock
        Periods of a national shock, shape (periods,).
    shift
        What a worsening adds, in log rate or points of score, signed as seen.
    deviate
        Standardised distance, worse upwards, of what is seen from what would be expected by whoever knows all but
        the worsenings; NaN: missing. Only an oracle knows it, and `shift`.
    """

    per_year: int
    numerator: np.ndarray
    denominator: np.ndarray
    signal: np.ndarray
    organisation: np.ndarray
    group: np.ndarray
    worse: Changes
    falls: Changes
    shock: np.ndarray
    shift: np.ndarray
    deviate: np.ndarray

    @property
    def sign(self) -> np.ndarray:
        """+1 where a rise is worse, shape (series,)."""
        return np.asarray(np.array(SIGNS)[self.signal])

    @property
    def evaluated(self) -> slice:
        """Rows of the evaluation years."""
        return slice((YEARS - EVALUATED) * self.per_year, YEARS * self.per_year)


@dataclass(frozen=True, slots=True)
class _Time:
    """The periods of a panel."""

    per_year: int

    @property
    def periods(self) -> int:
        return YEARS * self.per_year

    @property
    def per_month(self) -> float:
        return self.per_year / 12.0

    @property
    def years(self) -> np.ndarray:
        """Middles, in years from the start."""
        return np.asarray((np.arange(self.periods) + 0.5) / self.per_year)

    def months(self, bounds: tuple[int, int]) -> tuple[int, int]:
        """Give bounds in months as periods."""
        return round(bounds[0] * self.per_month), round(bounds[1] * self.per_month)


def draw(seed: int, organisations: int = 150, weekly: bool = False) -> PanelB:
    """Draw a nation of so many organisations, by month or by week."""
    rng, time = np.random.default_rng(seed), _Time(52 if weekly else 12)
    organisation = np.repeat(np.arange(organisations), len(SIGNALS))
    signal = np.tile(np.arange(len(SIGNALS)), organisations)
    worse, falls = _planted(rng, time, organisations, signal, organisation)
    shock, common = _common(rng, time)
    predictor = _own(rng, time, signal.size) + rng.lognormal(0.0, LOADING_SD, signal.size) * common[:, signal]
    shift = np.where(signal == SURVEY, -POINTS * worse.size, np.log1p(worse.size)) * worse.reached(time.periods)
    predictor += np.log1p(-falls.size) * falls.reached(time.periods)
    exposure = _exposure(rng, time, organisations)[:, organisation]
    numerator, denominator = _figures(rng, time, predictor, shift, exposure)
    deviate = _deviates(time, predictor, exposure, numerator, denominator)
    numerator[_missing(rng, time, signal.size)] = np.nan
    return PanelB(
        time.per_year, numerator, denominator, signal, organisation, np.zeros(signal.size, dtype=int), worse, falls,
        shock, shift, np.where(np.isnan(numerator), np.nan, deviate),
    )  # fmt: skip


def _planted(
    rng: np.random.Generator, time: _Time, organisations: int, signal: np.ndarray, organisation: np.ndarray
) -> tuple[Changes, Changes]:
    """Draw the worsenings, and the falls of the distractor, of each series."""
    window = (YEARS - EVALUATED) * time.per_year, (YEARS - FOLLOW_UP) * time.per_year
    ramp = time.months(RAMP_MONTHS)
    worse = plant(rng, rng.choice(EFFECTS, organisations), onset=window, ramp=ramp)
    falls = plant(rng, rng.uniform(*FALLS, organisations), onset=window, ramp=ramp)
    worsens = rng.random(organisations) < WORSENING
    distracted = ~worsens & (rng.random(organisations) < DISTRACTED)
    moves = (worsens[:, None] & _moving(rng, organisations)).ravel()
    return worse.of(organisation).where(moves), falls.of(organisation).where(
        distracted[organisation] & (signal == INCIDENTS)
    )


def _moving(rng: np.random.Generator, organisations: int) -> np.ndarray:
    """Draw which signals move, at least one of each organisation, shape (organisations, signals)."""
    moves = rng.random((organisations, len(SIGNALS))) < MOVING
    while (none := ~moves.any(axis=1)).any():
        moves[none] = rng.random((int(none.sum()), len(SIGNALS))) < MOVING
    return np.asarray(moves)


def _common(rng: np.random.Generator, time: _Time) -> tuple[np.ndarray, np.ndarray]:
    """Draw the shocks' periods and what each signal's peers share, shapes (periods,) and (periods, signals)."""
    common, shock = _winters(rng, time), np.zeros(time.periods, dtype=bool)
    firsts = [YEARS - EVALUATED, 1][: rng.integers(1, 3)]
    for first in firsts:
        length = rng.uniform(*SHOCK_MONTHS) / 12.0
        place = (time.years - rng.uniform(first, YEARS - length)) / length
        during = (place > 0.0) & (place < 1.0)
        size = rng.choice((-1.0, 1.0), len(SIGNALS)) * np.log(rng.uniform(*SHOCK, len(SIGNALS)))
        common += np.where(during, np.sin(np.pi * place), 0.0)[:, None] * size
        shock |= during
    return shock, common


def _winters(rng: np.random.Generator, time: _Time) -> np.ndarray:
    """Draw the winter bumps, a squared cosine over half a year around each new year, shape (periods, signals)."""
    strength = rng.normal(0.0, WINTER_SD, (YEARS + 1, len(SIGNALS)))
    bump = np.maximum(np.cos(2.0 * np.pi * time.years), 0.0) ** 2
    return np.asarray(bump[:, None] * strength[np.round(time.years).astype(int)])


def _own(rng: np.random.Generator, time: _Time, series: int) -> np.ndarray:
    """Draw what is a series' own: level, slope, season and what it remembers."""
    years = time.years[:, None]
    trend = rng.normal(0.0, LEVEL_SD, series) + rng.normal(0.0, SLOPE_SD, series) * years
    season = rng.uniform(0.0, SEASON, series) * np.cos(2.0 * np.pi * (years - rng.random(series)))
    kept = MEMORY ** (1.0 / time.per_month)
    spread = rng.uniform(*MEMORY_SD, series)[:, None] * np.sqrt(1.0 - kept**2)
    noise = remembered(spread * rng.standard_normal((series, time.periods)), kept)
    return np.asarray(trend + season + noise.T)


def _exposure(rng: np.random.Generator, time: _Time, organisations: int) -> np.ndarray:
    """Draw each organisation's exposure, 1 for the median one, shape (periods, organisations)."""
    size, growth = rng.normal(0.0, EXPOSURE_SD, organisations), rng.normal(0.0, GROWTH_SD, organisations)
    noise = rng.normal(0.0, GROWTH_SD, (time.periods, organisations))
    return np.asarray(np.exp(size + growth * time.years[:, None] + noise))


def _figures(
    rng: np.random.Generator, time: _Time, predictor: np.ndarray, shift: np.ndarray, exposure: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draw what is seen, numerators and denominators."""
    numerator, denominator = np.empty(predictor.shape), np.empty(predictor.shape)
    for signal, (mean, unit, dispersion) in enumerate(zip(A_MONTH, DENOMINATORS, DISPERSIONS, strict=True)):
        own = slice(signal, None, len(SIGNALS))
        size = exposure[:, own] / time.per_month
        numerator[:, own] = counts(rng, mean * size * np.exp(predictor[:, own] + shift[:, own]), dispersion)
        denominator[:, own] = unit * size
    own = slice(SURVEY, None, len(SIGNALS))
    asked = (FEWEST + RESPONDENTS * exposure[:, own]) / time.per_month
    respondents = np.maximum(np.round(asked), FEWEST)
    mean = SCORE - POINTS * predictor[:, own] + shift[:, own]
    seen = rng.normal(mean, SCORE_SD / np.sqrt(respondents))
    numerator[:, own], denominator[:, own] = np.clip(seen, 0.0, 10.0) * respondents, respondents
    return numerator, denominator


def _deviates(
    time: _Time, predictor: np.ndarray, exposure: np.ndarray, numerator: np.ndarray, denominator: np.ndarray
) -> np.ndarray:
    """Standardise what is seen by what was drawn, without the worsenings."""
    deviates = np.empty(predictor.shape)
    for signal, (mean, dispersion) in enumerate(zip(A_MONTH, DISPERSIONS, strict=True)):
        own = slice(signal, None, len(SIGNALS))
        expected = mean * exposure[:, own] / time.per_month * np.exp(predictor[:, own])
        deviates[:, own] = (numerator[:, own] - expected) / np.sqrt(dispersion * expected)
    own = slice(SURVEY, None, len(SIGNALS))
    off = SCORE - POINTS * predictor[:, own] - numerator[:, own] / denominator[:, own]
    deviates[:, own] = off * np.sqrt(denominator[:, own]) / SCORE_SD
    return deviates


def _missing(rng: np.random.Generator, time: _Time, series: int) -> np.ndarray:
    """Draw what nobody reported: single periods, and a few longer gaps."""
    missing = rng.random((time.periods, series)) < MISSING
    length = rng.integers(*time.months(GAP_MONTHS), series, endpoint=True)
    since = np.arange(time.periods)[:, None] - rng.integers(time.per_year, time.periods, series)
    return np.asarray(missing | ((since >= 0) & (since < length) & (rng.random(series) < WITH_GAP)))
