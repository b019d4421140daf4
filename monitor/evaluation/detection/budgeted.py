"""Cases at one chance case a month: thresholds by theory and by training, what they find, what chance opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from monitor import budget
from monitor.assessment import REST_WEEKS
from monitor.evaluation.detection.cases import RULES, WAYS, Followed, Job, follow
from monitor.evaluation.detection.cores import on_all_cores
from monitor.evaluation.detection.family_k import FEEDS, YEAR
from monitor.evaluation.detection.outcomes import Estimate

REACHES = {"26": 26, "52": 52}
"""Weeks of the onset within which a case must be open."""
PER_MONTH, NATION = 1.0, 220
"""Chance cases a month that a nation of so many organisations accepts; others in proportion."""
WEEKS_A_MONTH = YEAR / 12
NATIONS = {"innovations": 1, "dependent": 1, "figures": 5}
"""Worsening nations a seed, so that as many organisations worsen either way."""
THEORY, TRAINED = "theory", "trained"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One rule at one threshold: what it finds, and how many cases chance opens a month in a nation of 220.

    `by_week`: share with a case open by each week from the onset.
    """

    way: str
    source: str
    rule: str
    threshold_from: str
    threshold: float
    chance: Estimate
    found: dict[str, Estimate]
    by_week: tuple[float, ...]
    events: int
    nation_years: float


def run_cases(
    seeds: Sequence[int],
    train_seeds: Sequence[int],
    organisations: int,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[CaseRow, ...]:
    """Follow all nations on all cores and read them at the budget; one step of progress a nation."""
    followed = on_all_cores(follow, jobs(seeds, train_seeds, organisations), progress)
    return tuple(
        row
        for way, source in product(WAYS, FEEDS)
        for row in _rows(way, source, seeds, train_seeds, organisations, followed)
    )


def jobs(seeds: Sequence[int], train_seeds: Sequence[int], organisations: int) -> list[Job]:
    """List the nations to follow: of each judged seed one that worsens and one of chance, of others chance alone."""
    return [
        Job(way, source, seed, organisations, is_null, nth)
        for way, source, is_null in product(WAYS, FEEDS, (True, False))
        for seed in ((*seeds, *train_seeds) if is_null else seeds)
        for nth in range(1 if is_null else NATIONS[way])
    ]


def _rows(
    way: str, source: str, seeds: Sequence[int], train_seeds: Sequence[int], organisations: int,
    followed: dict[Job, Followed],
) -> Iterator[CaseRow]:  # fmt: skip
    for rule in RULES:
        nations = [job for job in jobs(seeds, (), organisations) if (job.way, job.source) == (way, source)]
        answers, onset = _side_by_side([followed[job] for job in nations if not job.is_null], rule)
        chance, training = (
            _side_by_side([followed[Job(way, source, seed, organisations, True)] for seed in some], rule)[0]
            for some in (seeds, train_seeds)
        )
        for origin, at in _thresholds(rule, source, training, organisations):
            cases = answers <= at
            yield CaseRow(
                way, source, rule, origin, at, chance_cases(chance <= at),
                {name: found_within(cases, onset, weeks) for name, weeks in REACHES.items()},
                tuple(found_within(cases, onset, week).value for week in range(1, YEAR + 1)),
                int(onset.size), chance.size / YEAR / NATION,
            )  # fmt: skip


def _side_by_side(nations: Sequence[Followed], rule: str) -> tuple[np.ndarray, np.ndarray]:
    return np.hstack([one.opens_from[rule] for one in nations]), np.concatenate([one.onset for one in nations])


def _thresholds(rule: str, source: str, training: np.ndarray, organisations: int) -> Iterator[tuple[str, float]]:
    if rule == "case rule":
        cadences = tuple((feed.family, feed.per_year) for feed in FEEDS[source])
        accepted = PER_MONTH * organisations / NATION
        yield THEORY, budget.threshold(accepted, organisations, cadences)
    yield TRAINED, trained(training)


def trained(answers: np.ndarray) -> float:
    """Give the threshold at which chance opens what is accepted, by halving; 0 where some always open more."""
    low, high = np.log(1e-12), 0.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        if chance_cases(answers <= np.exp(middle)).value > PER_MONTH:
            high = middle
        else:
            low = middle
    return float(np.exp(low))


def chance_cases(cases: np.ndarray) -> Estimate:
    """Count starts a month per nation of 220; weeks of a case, shape (weeks, organisations), of chance alone."""
    weeks = np.arange(len(cases))[:, None]
    latest = np.maximum.accumulate(np.where(cases, weeks, -REST_WEEKS - 1), axis=0)
    before = np.vstack((np.full((1, cases.shape[1]), -REST_WEEKS - 1), latest[:-1]))
    starts = (cases & (weeks - before > REST_WEEKS))[REST_WEEKS:].sum(axis=0)
    scale = NATION / (cases.shape[1] * (len(cases) - REST_WEEKS) / WEEKS_A_MONTH)
    return Estimate(float(starts.sum() * scale), float(np.sqrt(starts.size) * starts.std(ddof=1) * scale))


def found_within(cases: np.ndarray, onset: np.ndarray, weeks: int) -> Estimate:
    """Give the share with a case open in the weeks from their onset, with its binomial error."""
    since = np.arange(len(cases))[:, None] - onset
    found = (cases & (since >= 0) & (since < weeks)).any(axis=0)
    share = float(found.mean())
    return Estimate(share, float(np.sqrt(share * (1.0 - share) / found.size)))
