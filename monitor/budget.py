"""From a budget of chance cases to the national threshold on the fused probability, and back (pure).

Simulated from theory: independent standard normal deviates per organisation, family and period, turned
into evidence as in operation, in their real cadences; the case rule and windows of detection.md §7. What
theory leaves out makes the realised rate higher: with a correlation of .2 between families and t5 tails it
was 3.5 times nominal on the prototype. So expected and realised are published side by side.

Assumed, beside independence: a family is its newest evidence, one indicator a cadence (the combination
within families allows for more); all organisations publish; figures become known as their period ends (a
lag moves windows and evidence alike); falls in reporting and latches add nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from monitor.assessment import ALONE, CORROBORATES, NEVER_ALONE, REST_WEEKS, VOICES
from monitor.detectors import evidence
from monitor.fusion import cauchy_first, combine_many

Cadences = tuple[tuple[str, int], ...]
"""(family, periods a year) of every feed that is live."""
LARGEST = 0.05
"""No fused probability above this is unusual, however large the budget."""
YEARS, ORGANISATIONS, BURN_IN_YEARS = 8, 2000, 3
"""Simulated: 16,000 organisation-years, so that a rate of .05 a year is known to ± 4 %."""
SEED = 20130
ENOUGH, FEWEST = 3_000, 10
"""Organisation-months from which a pool is trusted as it is (detection.md §7), and the fewest that may have opened."""
SMALLEST = 1e-12
WEEKS_A_MONTH = 365.2425 / 12 / 7


def threshold(chance_cases_per_month: float, organisations: int, cadences: Cadences) -> float:
    """Give the fused probability at which chance alone opens so many cases a month over all organisations.

    `LARGEST` where the case rule opens fewer cases than accepted at any threshold: then the budget is not used up. 0
    where there is nothing to watch.

    Examples
    --------
    >>> feeds = (("incidents", 52), ("patients", 12), ("staff voice", 3), ("workforce", 12))
    >>> at = threshold(1.0, 220, feeds)
    >>> 0.9 < expected(at, organisations=220, cadences=feeds) < 1.1
    True
    """
    return _threshold(float(chance_cases_per_month), organisations, tuple(sorted(set(cadences))))


def expected(at: float, organisations: int, cadences: Cadences) -> float:
    """Give the chance cases a month over all organisations that a threshold on the fused probability opens."""
    return _starts(at, _simulated(tuple(sorted(set(cadences))))) * organisations


def calibrated(at: float, cadences: Cadences, stood: Sequence[float], number: int) -> float:
    """Correct a threshold from theory by how everybody stood in the months before.

    By exchangeability: whatever tails and dependence figures have, the share of organisation-months that lay at or
    below the pool's own quantile is the share that will, as long as the months to come are like those before. So the
    threshold is taken at which as many of them could have opened as theory says that chance lets open. With a pool
    smaller than `ENOUGH` it goes only part of the way, in the logarithm.

    Parameters
    ----------
    stood
        Of the organisation-months, from which threshold on each would have opened a case; those that would at none
        may be left out.
    number
        How many organisation-months there are in all.

    Examples
    --------
    >>> feeds = (("incidents", 52), ("patients", 12), ("staff voice", 3), ("workforce", 12))
    >>> at = threshold(1.0, 220, feeds)
    >>> calibrated(at, feeds, [], 0) == at
    True
    """
    if number == 0 or at <= 0.0:
        return at
    chance = _simulated(tuple(sorted(set(cadences))))
    share = float(np.searchsorted(chance.ordered, at, side="right")) / chance.number
    # below it the pool says too little: what it says there holds for rarer ones too; of fewer than `FEWEST` all count
    told = max(share, min(FEWEST / number, 1.0))
    rank = int(told * number)
    ordered = sorted(stood)
    seen = ordered[rank - 1] if rank <= len(ordered) else LARGEST
    meant = chance.quantile(told) if told > share else at
    factor = np.log(max(seen, SMALLEST)) / np.log(min(meant, LARGEST))
    weight = min(number / ENOUGH, 1.0)
    return float(min(np.exp(np.log(at) * (1.0 - weight + weight * factor)), LARGEST))


@lru_cache
def _threshold(budget: float, organisations: int, cadences: Cadences) -> float:
    if not cadences or organisations == 0:
        return 0.0
    chance = _simulated(cadences)
    low, high = np.log(1e-12), np.log(LARGEST)
    for _ in range(24):  # to 1e-6 of the logarithm
        middle = 0.5 * (low + high)
        if _starts(float(np.exp(middle)), chance) * organisations > budget:
            high = middle
        else:
            low = middle
    return float(np.exp(low))


def taking_part(at: float, organisations: int, cadences: Cadences, family: str) -> float:
    """Give the chance cases a month that start while this family has evidence that corroborates."""
    cadences = tuple(sorted(set(cadences)))
    names = sorted({name for name, _ in cadences})
    chance = _simulated(cadences)
    return _starts(at, chance, chance.strong[:, names.index(family)]) * organisations


@lru_cache
def signals(per_year: int, organisations: int) -> float:
    """Give the signals of worsening a month that chance alone starts in one indicator of so many organisations.

    A signal starts where evidence that did not corroborate the period before does now.
    """
    weeks = 52 * (YEARS + BURN_IN_YEARS)
    strong = _feed(per_year, weeks, np.random.default_rng(SEED))[52 * BURN_IN_YEARS :] <= CORROBORATES
    starts = float((strong[1:] & ~strong[:-1]).sum())
    per_month: float = starts * WEEKS_A_MONTH / (strong.shape[1] * (strong.shape[0] - 1))
    return per_month * organisations


@dataclass(frozen=True, slots=True)
class _Chance:
    """What chance gave in the organisation-weeks in which the case rule holds, by organisation and then by week.

    `strong` says which families corroborate, shape (organisation-weeks, families), families in order of their names;
    `number`: of all organisation-weeks; `ordered`: the fused p, ascending.
    """

    organisation: np.ndarray
    week: np.ndarray
    fused: np.ndarray
    strong: np.ndarray
    number: int
    ordered: np.ndarray

    def quantile(self, share: float) -> float:
        """Give the fused p that this share of all organisation-weeks does not exceed; where no case opens: infinite."""
        place = int((self.number - 1) * share)
        return float(self.ordered[place]) if place < len(self.ordered) else np.inf


@lru_cache(maxsize=4)
def _simulated(cadences: Cadences) -> _Chance:
    """Simulate organisations under chance alone, week by week; the same numbers at every call."""
    weeks = 52 * (YEARS + BURN_IN_YEARS)
    rng = np.random.default_rng(SEED)
    families = sorted({family for family, _ in cadences})
    tails = [_family([per_year for name, per_year in cadences if name == family], weeks, rng) for family in families]
    ps = np.stack([each[52 * BURN_IN_YEARS :].T for each in tails], axis=-1)
    strong = ps <= CORROBORATES
    voiced = strong[..., [family in VOICES for family in families]].any(axis=-1)
    enough = [family not in NEVER_ALONE for family in families]
    alone = (ps[..., enough] <= ALONE).any(axis=-1)
    organisation, week = np.nonzero((strong.sum(axis=-1) >= 2) & voiced | alone)
    fused = combine_many(ps[organisation, week])
    number = ps.shape[0] * ps.shape[1]
    return _Chance(organisation, week, fused, strong[organisation, week], number, np.sort(fused))


def _family(cadences: list[int], weeks: int, rng: np.random.Generator) -> np.ndarray:
    """Give a family's p by week: its feeds' newest evidence, combined as Cauchy does."""
    feeds = np.stack([_feed(per_year, weeks, rng) for per_year in cadences])
    only: np.ndarray = feeds[0]
    return only if len(cadences) == 1 else cauchy_first(feeds)


def _feed(per_year: int, weeks: int, rng: np.random.Generator) -> np.ndarray:
    """Give the newest evidence by week: windows (detection.md §7) are longer than cadences, so it never lapses."""
    state = evidence.start(ORGANISATIONS)
    ps = np.ones((weeks, ORGANISATIONS))
    for number in range(weeks * per_year // 52):
        state, found = evidence.accumulate(state, rng.standard_normal(ORGANISATIONS), per_year=per_year)
        first, last = -(-52 * number // per_year), -(-52 * (number + 1) // per_year)
        ps[first:last] = found.worse
    return ps


def _starts(at: float, chance: _Chance, with_part: np.ndarray | None = None) -> float:
    """Give the cases that start per organisation and month when the threshold is `at`; all, or those `with_part`."""
    opens = chance.fused <= at
    organisation, week = chance.organisation[opens], chance.week[opens]
    # a start: nothing of this organisation opened in the weeks of rest before; the first weeks have none before them
    begin = np.ones(len(week), dtype=bool)
    begin[1:] = (np.diff(organisation) > 0) | (np.diff(week) > REST_WEEKS)
    counted = begin & (week >= REST_WEEKS)
    starts = float((counted if with_part is None else counted & with_part[opens]).sum())
    months = (52 * YEARS - REST_WEEKS) / WEEKS_A_MONTH
    per_month: float = starts / (ORGANISATIONS * months)
    return per_month
