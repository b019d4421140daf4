"""Family K: what an organisation's feeds say at their real cadences, and when each figure becomes known.

Time is in weeks from the start; a year has 52. Each feed's noise is that of detection.md §3: an innovation's sd on
the log scale (of scores, over 7) and a lag-1 autocorrelation.

Chosen here, where the description is silent: a monthly figure covers a twelfth of a year; the pulse and the survey
ask in the month that they end in; a yearly count of complaints ends in March. Levels differ between organisations
by .2 on the log scale and .25 points; there is no season, slope or shock. A step or ramp begins with a week of the
sixth year, and each family's indicators share it. As standardised innovations every organisation worsens; as
figures every fifth does, since peers that all worsen together would be a shock, not a concern.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from monitor.evaluation.detection.chance import counts
from monitor.evaluation.detection.changes import Changes, plant
from monitor.evaluation.weather import remembered

YEARS, YEAR, ONSET_YEAR = 8, 52, 5
WEEKS = YEARS * YEAR
MONTH = YEAR / 12
EFFECTS = (0.10, 0.15, 0.20, 0.25, 0.30, 0.40)
RAMP_WEEKS = (13, 52)
MOVING = 0.6
FAMILIES = ("incidents", "workforce", "patients", "staff voice")
CORRELATION, FREEDOM = 0.2, 5
SHARE_OF_FIGURES = 0.2
"""Of the organisations worsen where figures are drawn."""
SCORE, SCORE_RANGE, POINTS = 6.8, 7.0, 1.5
LEVEL_SD, SCORE_LEVEL_SD = 0.2, 0.25
FTE_DAYS, RATE = 60_000.0, 0.045


@dataclass(frozen=True, slots=True)
class Feed:
    """One indicator as it is published.

    Parameters
    ----------
    ends
        Months of the year in which its periods end; `span` is the months that each covers.
    known_after
        Weeks from a period's end until its figure is known.
    sd, memory
        Of the innovation on the log scale (scores: over 7), and its lag-1 autocorrelation.
    mean, dispersion
        A count's usual size in a period, and its variance over that; respondents and 0 of a score.
    """

    key: str
    family: str
    kind: str
    per_year: int
    ends: tuple[int, ...]
    span: float
    known_after: int
    sd: float
    memory: float = 0.0
    mean: float = 0.0
    dispersion: float = 0.0

    def closes(self) -> np.ndarray:
        """Give the ends of all periods in weeks, oldest first."""
        if self.per_year == YEAR:
            return np.arange(1.0, WEEKS + 1.0)
        years = np.arange(YEARS)[:, None] * YEAR
        return np.asarray((years + np.array(self.ends) * MONTH).ravel())

    def starts(self) -> np.ndarray:
        """Give the beginnings of what each period covers, in weeks."""
        return np.asarray(self.closes() - self.span * MONTH)

    @property
    def worse(self) -> int:
        """+1 where a rise is worse."""
        return -1 if self.kind == "score" else 1


MONTHS = tuple(range(1, 13))
INCIDENTS = Feed("incidents", "incidents", "count", 52, (), 12 / 52, 1, 0.365, mean=14.0, dispersion=1.87)
SICKNESS = Feed("sickness", "workforce", "rate", 12, MONTHS, 1.0, 3, 0.053, memory=0.69)
COMPLAINTS = Feed("complaints", "patients", "count", 12, MONTHS, 1.0, 1, 0.316, mean=20.0, dispersion=2.0)
PULSE = Feed("pulse", "staff voice", "score", 3, (1, 4, 7), 1.0, 3, 0.17 / 7, mean=300.0)
SURVEY = Feed("survey", "staff voice", "score", 1, (11,), 1.0, 14, 0.12 / 7, mean=600.0)

CLUSTERING = 1.3
"""Of a sum over more weeks or months: its sd is so much larger than independence would make it."""
FEEDS = {
    "local": (INCIDENTS, SICKNESS, COMPLAINTS, PULSE, SURVEY),
    "official": (
        replace(
            INCIDENTS, per_year=4, ends=(3, 6, 9, 12), span=3.0, known_after=14, sd=0.365 * CLUSTERING / np.sqrt(13),
            mean=14.0 * 13, dispersion=1.87 * CLUSTERING**2,
        ),
        replace(SICKNESS, known_after=17),
        replace(
            COMPLAINTS, per_year=1, ends=(3,), span=12.0, known_after=30, sd=0.316 * CLUSTERING / np.sqrt(12),
            mean=20.0 * 12, dispersion=2.0 * CLUSTERING**2,
        ),
        replace(PULSE, known_after=13),
        replace(SURVEY, known_after=16),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Nation:
    """Who worsens: changes by organisation in weeks, and which families move, shape (organisations, families)."""

    changes: Changes
    moves: np.ndarray

    def shift(self, feed: Feed) -> np.ndarray:
        """Give the change within each period, log rate or points over 7, worse upwards, (periods, organisations)."""
        moving = self.changes.where(self.moves[:, FAMILIES.index(feed.family)])
        whole = POINTS * moving.size / SCORE_RANGE if feed.kind == "score" else np.log1p(moving.size)
        return np.asarray(whole * _mean_reached(moving, feed.starts()[:, None], feed.closes()[:, None]))


def nation(rng: np.random.Generator, organisations: int, share: float) -> Nation:
    """Draw who worsens: a share of the organisations, each in at least one family."""
    first = ONSET_YEAR * YEAR
    drawn = plant(rng, rng.choice(EFFECTS, organisations), onset=(first, first + YEAR - 1), ramp=RAMP_WEEKS)
    worsens = np.arange(organisations) < round(share * organisations)
    moves = rng.random((organisations, len(FAMILIES))) < MOVING
    while (none := ~moves.any(axis=1)).any():
        moves[none] = rng.random((int(none.sum()), len(FAMILIES))) < MOVING
    return Nation(drawn.where(worsens), moves & worsens[:, None])


def innovations(rng: np.random.Generator, feed: Feed, drawn: Nation, shared: np.ndarray | None = None) -> np.ndarray:
    """Draw standardised innovations, worse upwards: what a filter that knows everything would leave.

    `shared` holds what each organisation's feeds share by week, standard normal, (weeks, organisations): then they
    are correlated by .2 and have the tails of Student's t with 5 degrees of freedom (detection.md §7). None: neither.
    """
    shift = drawn.shift(feed)
    before = np.vstack((np.zeros_like(shift[:1]), shift[:-1]))
    noise = rng.standard_normal(shift.shape)
    if shared is not None:
        noise = np.sqrt(1.0 - CORRELATION) * noise + np.sqrt(CORRELATION) * _over_periods(shared, feed)
        noise *= np.sqrt((FREEDOM - 2) / rng.chisquare(FREEDOM, shift.shape))
    return np.asarray(noise + (shift - feed.memory * before) / feed.sd)


def _over_periods(weekly: np.ndarray, feed: Feed) -> np.ndarray:
    """Sum weekly normals over each period, to a variance of 1."""
    summed = np.vstack((np.zeros_like(weekly[:1]), np.cumsum(weekly, axis=0)))
    first, last = np.round(np.maximum(feed.starts(), 0.0)).astype(int), np.round(feed.closes()).astype(int)
    return np.asarray((summed[last] - summed[first]) / np.sqrt(last - first)[:, None])


def figures(rng: np.random.Generator, feed: Feed, drawn: Nation) -> tuple[np.ndarray, np.ndarray]:
    """Draw numerators and denominators as detectors read them (NaN: none), (periods, organisations)."""
    shift = drawn.shift(feed)
    none = np.full(shift.shape, np.nan)
    if feed.kind == "count":
        level = rng.normal(0.0, LEVEL_SD, shift.shape[1])
        return counts(rng, feed.mean * np.exp(level + shift), feed.dispersion), none
    noise = feed.sd * remembered(rng.standard_normal(shift.shape[::-1]), feed.memory).T
    if feed.kind == "rate":
        level = rng.normal(0.0, LEVEL_SD, shift.shape[1])
        return RATE * FTE_DAYS * np.exp(level + shift + noise), np.full(shift.shape, FTE_DAYS)
    score = SCORE + rng.normal(0.0, SCORE_LEVEL_SD, shift.shape[1]) + SCORE_RANGE * (noise - shift)
    return feed.mean * score, np.full(shift.shape, feed.mean)


def _mean_reached(changes: Changes, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Give the mean share of the whole change over [start, end), in weeks."""
    onset, ramp = changes.onset, np.maximum(changes.ramp, 1e-9)

    def area(weeks: np.ndarray) -> np.ndarray:
        since = np.maximum(weeks - onset, 0.0)
        risen = np.minimum(since, ramp)
        return np.asarray(risen**2 / (2.0 * ramp) + since - risen)

    return np.asarray(np.where(onset >= 0, (area(ends) - area(starts)) / (ends - starts), 0.0))
