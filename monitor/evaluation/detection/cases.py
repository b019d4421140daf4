"""Cases at real cadences (G13, G10): from each feed's evidence through the service's own case rule, week by week.

Two ways: on standardised innovations, as a filter that knows everything would leave them (also correlated and with
heavy tails, which the theory leaves out), and on figures through the detectors. The rule is `monitor.assessment`, the
theory's threshold `monitor.budget`; nothing of them is done again here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from monitor.assessment import VOICES, assess
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
from monitor.model import Family, Indicator, Kind, Reading, SmallNumbers
from monitor.ports import Evidence

WAYS = ("innovations", "dependent", "figures")
"""Standardised innovations, the same correlated between families and with heavy tails, and figures."""
START = date(2015, 1, 5)
"""The first day; weeks count from here."""
NULL_FROM = 3 * YEAR
"""Chance is counted from the fourth year, when every feed has evidence, as the theory's threshold does."""
RULES = ("case rule", "two families", "fused alone")


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
    answers = {rule: np.full((len(weeks), who.size), np.inf) for rule in RULES}
    for column, organisation in enumerate(who):
        known = {feed: (worse[:, organisation], better[:, organisation]) for feed, (worse, better) in tails.items()}
        for row, week in enumerate(weeks):
            for rule, answer in _answers(list(_newest(known, week)), week).items():
                answers[rule][row, column] = answer
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


def _newest(tails: dict[Feed, tuple[np.ndarray, np.ndarray]], week: int) -> Iterator[Evidence]:
    """Give each feed's newest figure that is known by the end of a week and has been scored."""
    for feed, (worse, better) in tails.items():
        ends = _CLOSES[feed]
        place = int(np.searchsorted(ends + feed.known_after, week + 1, side="right")) - 1
        if place >= 0 and np.isfinite(worse[place]):
            end, known = _day(ends[place]), _day(ends[place] + feed.known_after)
            yield Evidence(
                "R01", feed.key, "local", Family(feed.family), float(worse[place]), float(better[place]), end, end,
                (end - timedelta(days=7), end), known, feed.per_year,
            )  # fmt: skip


_CLOSES = {feed: feed.closes() for feeds in FEEDS.values() for feed in feeds}


def _day(weeks: float) -> date:
    return START + timedelta(days=int(7 * weeks))


def _answers(found: list[Evidence], week: int) -> dict[str, float]:
    """Ask the service's own rule from which threshold on it opens a case."""
    today = _day(week + 1)
    widest = assess("R01", found, INDICATORS, today=today, threshold=1.0)
    case = widest.p if widest.opens else np.inf
    return {"case rule": case, "two families": _second(widest.families), "fused alone": widest.p}


def _second(families: Mapping[str, float]) -> float:
    """Give the least p at which two families, one of them a voice, both agree."""
    voiced = min((p for family, p in families.items() if family in VOICES), default=np.inf)
    ordered = sorted(families.values())
    return max(voiced, ordered[1]) if len(ordered) > 1 else np.inf


def _indicator(feed: Feed) -> Indicator:
    rise, fall = (Reading.WORSENING, Reading.IMPROVING)[:: feed.worse]
    return Indicator(
        feed.key, feed.key, "", Kind(feed.kind), feed.key, None, rise, fall, SmallNumbers.PEOPLE
    )  # fmt: skip


INDICATORS = {feed.key: _indicator(feed) for feed in FEEDS["local"]}
