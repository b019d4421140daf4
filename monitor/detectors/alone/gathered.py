"""What accumulates over the figures of one series: what `evidence` and `latch` do for a block."""

from __future__ import annotations

from functools import lru_cache
from math import exp, log, log1p, nan, sqrt
from typing import NamedTuple

from monitor.detectors import evidence, latch
from monitor.detectors.alone.normal import log_tail_above, within


class Tails(NamedTuple):
    """Tail probabilities of what has accumulated (`evidence.Evidence`); NaN until there is a score."""

    worse: float = nan
    better: float = nan
    sudden: float = nan
    slow: float = nan


class Gathered(NamedTuple):
    """What a series remembers: its last deviates, the moving average with its variance, and its latch."""

    z: float = nan
    before: float = nan
    earlier: float = nan
    slow: float = 0.0
    variance: float = 0.0
    away: float = 0.0
    latched: bool = False


class Rhythm(NamedTuple):
    """What a cadence makes of the constants of evidence and latch."""

    rate: float
    most: float
    most_slow: float
    of_one: float
    log_sudden: float
    log_slow: float
    forgets: float
    sudden_tails: Table
    union_costs: Table


class Table(NamedTuple):
    """A table of even steps."""

    first: float
    per_step: float
    last: float
    values: list[float]

    def at(self, place: float) -> float:
        """Read it, linearly between its steps and flat beyond its ends."""
        first, per_step, last, values = self
        step = (place - first) * per_step
        if step > last:
            step = last
        elif step < 0.0:
            step = 0.0
        index = int(step)
        low = values[index]
        return low + (step - index) * (values[index + 1] - low)


@lru_cache
def rhythm(per_year: int) -> Rhythm:
    """Work a cadence's constants out."""
    most_slow, share = evidence.most_slow(per_year), evidence.sudden_share(per_year)
    tables = (evidence.sudden_table(), evidence.union_table(per_year))
    return Rhythm(
        evidence.weight_of_new(per_year), evidence.largest(per_year), most_slow, evidence.variance_within(most_slow),
        log(share), log1p(-share), 1.0 - latch.KEPT_A_MONTH ** (12.0 / per_year),
        *(_table(points.tolist(), values.tolist()) for points, values in tables),
    )  # fmt: skip


def _table(points: list[float], values: list[float]) -> Table:
    return Table(points[0], (len(points) - 1) / (points[-1] - points[0]), len(points) - 1.000001, values)


def gathered(held: Gathered, z: float, moved: float, by: Rhythm) -> tuple[Gathered, Tails]:
    """Take one period in, positive = worse; NaN carries everything over."""
    if z != z:
        average = held.slow / sqrt(max(held.variance, 1e-300))
        return held, _tails(held.z, held.before, held.earlier, average, by)
    clipped, rate, keep = within(z, by.most), by.rate, 1.0 - by.rate
    slow = keep * held.slow + rate * within(clipped, by.most_slow)
    variance = keep * keep * held.variance + rate * rate * by.of_one
    away = held.away + by.forgets * (within(z + moved, latch.LARGEST) - held.away)
    tails = _tails(clipped, held.z, held.before, slow / sqrt(variance), by)
    holds = tails.worse <= latch.PLAIN or (held.latched and away > latch.STILL_WORSE)
    return Gathered(clipped, held.z, held.before, slow, variance, away, holds), tails


def _tails(z: float, before: float, earlier: float, average: float, by: Rhythm) -> Tails:
    """Give the tails of the last three deviates and the moving average, in its standard deviations."""
    if z != z:
        return Tails()
    if before != before:  # a first score is both, and its own tail
        first = exp(log_tail_above(z))
        return Tails(first, exp(log_tail_above(-z)), first, first)
    one, two, three = evidence.HANDICAPS
    pair = (z + before) / evidence.ROOTS[1]
    triple = pair if earlier != earlier else (z + before + earlier) / evidence.ROOTS[2]
    worse, sudden, slow = _union(max(z - one, pair - two, triple - three), average, by)
    better, _, _ = _union(max(-z - one, -pair - two, -triple - three), -average, by)
    return Tails(exp(worse), exp(better), exp(sudden), exp(slow))


def _union(sudden: float, slow: float, by: Rhythm) -> tuple[float, float, float]:
    """Give the log tails of both together, and of each."""
    log_sudden, log_slow = by.sudden_tails.at(sudden), log_tail_above(slow)
    smaller = min(log_sudden - by.log_sudden, log_slow - by.log_slow)
    return min(smaller + by.union_costs.at(smaller), 0.0), log_sudden, log_slow
