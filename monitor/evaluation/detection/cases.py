"""Cases at real cadences (G13, G10): from each feed's evidence through the service's own case rule, week by week.

Two ways: on standardised innovations, as a filter that knows everything would leave them (also correlated and with
heavy tails, which the theory leaves out), and on figures through the detectors. The rule is `monitor.assessment`, the
theory's threshold `monitor.budget`; nothing of them is done again here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from monitor.assessment import ALONE, CORROBORATES, VOICES, assess, window
from monitor.detectors import detector_for, evidence, fold
from monitor.detectors.contract import Values
from monitor.evaluation.detection.family_k import (
    FEEDS,
    ONSET_YEAR,
    SHARE_OF_FIGURES,
    WEEKS,
    YEAR,
    Feed,
    Nation,
    figures,
    innovations,
    nation,
)
from monitor.evidence import Evidence
from monitor.fusion import cauchy_many, combine_many
from monitor.model import Family, Indicator, Kind, Reading, SmallNumbers

WAYS = ("innovations", "dependent", "figures")
"""Standardised innovations, the same correlated between families and with heavy tails, and figures."""
START = date(2015, 1, 5)
"""The first day; weeks count from here."""
NULL_FROM = 3 * YEAR
"""Chance is counted from the fourth year, when every feed has evidence, as the theory's threshold does."""
RULES = ("case rule", "any family alone", "two families", "fused alone")
"""The service's; detection.md's, by which sickness may open a case alone, what domain.md (§2) forbids; its parts."""


@dataclass(frozen=True, slots=True)
class Job:
    """One nation to follow: `is_null` with nobody worsening, whose cases are chance; the `nth` of its seed."""

    way: str
    source: str
    seed: int
    organisations: int
    is_null: bool
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Followed:
    """The largest threshold-free answer of each week: a case is open where the threshold is at least this.

    By rule, shape (weeks, organisations); infinite: never. `onset` in those weeks, -1: none, (organisations,).
    """

    opens_from: dict[str, np.ndarray]
    onset: np.ndarray


def follow(job: Job) -> Followed:
    """Follow one nation, week by week: the null over the years that count, others for the two years after onsets."""
    drawn_as = WAYS.index(job.way), list(FEEDS).index(job.source), int(job.is_null), job.nth
    rng = np.random.default_rng([job.seed, *drawn_as])
    share = 0.0 if job.is_null else SHARE_OF_FIGURES if job.way == "figures" else 1.0
    drawn = nation(rng, job.organisations, share)
    shared = rng.standard_normal((WEEKS, job.organisations)) if job.way == "dependent" else None
    tails = {feed: _tails(rng, feed, drawn, job.way, shared) for feed in FEEDS[job.source]}
    first = NULL_FROM if job.is_null else ONSET_YEAR * YEAR
    weeks = range(first, WEEKS if job.is_null else first + 2 * YEAR)
    who = np.arange(job.organisations) if job.is_null else np.flatnonzero(drawn.changes.onset >= 0)
    answers = _answers({feed: (worse[:, who], better[:, who]) for feed, (worse, better) in tails.items()}, weeks)
    return Followed(answers, np.where(drawn.changes.onset[who] >= 0, drawn.changes.onset[who] - first, -1))


def _tails(
    rng: np.random.Generator, feed: Feed, drawn: Nation, way: str, shared: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Give the tails of worse and better evidence after each period, shape (periods, organisations)."""
    if way == "figures":
        steps = _of_figures(rng, feed, drawn)
    else:
        steps = _of_innovations(innovations(rng, feed, drawn, shared), feed)
    found = [(step.worse, step.better) for step in steps]
    worse, better = (np.stack([pair[place] for pair in found]) for place in (0, 1))
    return worse, better


def _of_innovations(z: np.ndarray, feed: Feed) -> Iterator[evidence.Evidence]:
    state = evidence.start(z.shape[1])
    for number, deviates in enumerate(z):
        state, found = evidence.accumulate(state, deviates, per_year=feed.per_year, period=number)
        yield found


def _of_figures(rng: np.random.Generator, feed: Feed, drawn: Nation) -> Iterator[evidence.Evidence]:
    numerator, denominator = figures(rng, feed, drawn)
    organisations = numerator.shape[1]
    detector, groups = detector_for(feed.kind), np.zeros(organisations, dtype=np.int64)
    state, sign = fold.start(detector, organisations, feed.per_year), np.full(organisations, float(feed.worse))
    for number, end in enumerate(feed.closes()):
        values = Values(number, end / YEAR, numerator[number], denominator[number])
        state, step = fold.step(detector, state, values, groups, None, sign)
        yield step.evidence


Tails = dict[Feed, tuple[np.ndarray, np.ndarray]]


def _answers(tails: Tails, weeks: range) -> dict[str, np.ndarray]:
    """Give from which threshold on each rule opens a case, shape (weeks, organisations); infinite: never.

    The case rule itself is asked of the service, wherever what it needs at least is there.
    """
    newest = {feed: _current(feed, worse, weeks) for feed, (worse, _) in tails.items()}
    families = sorted({feed.family for feed in newest})
    ps = np.stack([_together([p for feed, p in newest.items() if feed.family == family]) for family in families], -1)
    fused, present = np.ones(ps.shape[:2]), np.isfinite(ps).sum(axis=-1)
    ordered = np.sort(np.where(np.isfinite(ps), ps, np.inf), axis=-1)
    for number in range(1, ps.shape[-1] + 1):
        fused[present == number] = combine_many(ordered[present == number, :number])
    voiced = ps[..., [family in VOICES for family in families]]
    second = np.maximum(np.where(np.isnan(voiced), np.inf, voiced).min(axis=-1), ordered[..., 1])
    case, anyone = np.full((2, *ps.shape[:2]), np.inf)
    for row, column in np.argwhere((second <= CORROBORATES) | (ordered[..., 0] <= ALONE)):
        there = [feed for feed, p in newest.items() if np.isfinite(p[row, column])]
        found = [_evidence(feed, *tails[feed], weeks[row], column) for feed in there]
        widest = assess("R01", found, INDICATORS, today=_day(weeks[row] + 1), threshold=1.0)
        case[row, column] = fused[row, column] if widest.opens else np.inf
        anyone[row, column] = fused[row, column] if widest.opens or ordered[row, column, 0] <= ALONE else np.inf
    return dict(zip(RULES, (case, anyone, second, fused), strict=True))


def _together(ps: Sequence[np.ndarray]) -> np.ndarray:
    """Combine the tails of a family's feeds where there are any; NaN: there is none."""
    stacked = np.stack(ps)
    places = np.broadcast_to(np.arange(stacked[0].size), (len(ps), stacked[0].size)).reshape(-1)
    there = np.isfinite(stacked).reshape(-1)
    return cauchy_many(stacked.reshape(-1)[there], places[there], stacked[0].size).reshape(stacked[0].shape)


def _current(feed: Feed, worse: np.ndarray, weeks: range) -> np.ndarray:
    """Give each organisation's tail that is known and counts at the end of each week; NaN: there is none."""
    current = np.full((len(weeks), worse.shape[1]), np.nan)
    for row, week in enumerate(weeks):
        place = _place(feed, week)
        if place >= 0 and _day(week + 1) <= _known(feed, place) + window(feed.per_year):
            current[row] = worse[place]
    return current


def _place(feed: Feed, week: int) -> int:
    """Give the place of the newest figure that is known by the end of a week; -1: none."""
    return int(np.searchsorted(_CLOSES[feed] + feed.known_after, week + 1, side="right")) - 1


def _known(feed: Feed, place: int) -> date:
    return _day(_CLOSES[feed][place] + feed.known_after)


def _evidence(feed: Feed, worse: np.ndarray, better: np.ndarray, week: int, column: int) -> Evidence:
    place = _place(feed, week)
    end = _day(_CLOSES[feed][place])
    return Evidence(
        "R01", feed.key, "local", Family(feed.family), float(worse[place, column]), float(better[place, column]), end,
        end, (end - timedelta(days=7), end), _known(feed, place), feed.per_year,
    )  # fmt: skip


_CLOSES = {feed: feed.closes() for feeds in FEEDS.values() for feed in feeds}


def _day(weeks: float) -> date:
    return START + timedelta(days=int(7 * weeks))


def _indicator(feed: Feed) -> Indicator:
    rise, fall = (Reading.WORSENING, Reading.IMPROVING)[:: feed.worse]
    return Indicator(
        feed.key, feed.key, "", Kind(feed.kind), feed.key, None, rise, fall, SmallNumbers.PEOPLE
    )  # fmt: skip


INDICATORS = {feed.key: _indicator(feed) for feed in FEEDS["local"]}
