"""What accumulates over periods that a series has shifted: sudden and slow evidence at one budget, both tails.

Sudden: the most that the last one, two or three figures say together, S1 = max(z_t - .3, (z_t + z_{t-1})/√2,
(z_t + z_{t-1} + z_{t-2})/√3 - .6). Slow: the moving average e_t = (1-l) e_{t-1} + l z_t over its exact standard
deviation, young or old. Their union is the smaller of the two tails, each over its share of the budget. Null tails,
of S1 and of the union, are found by quadrature. A missing period carries the evidence over; it decays only with
figures. Tails are those of deviates without a bound: below 10⁻³ that makes them up to twice what chance does, which
is the safe side.

References
----------
detection.md §5 (the two kinds and their settings). Roberts (1959), Technometrics 1, 239-250, and Montgomery
(2013), Introduction to Statistical Quality Control, 7th ed., sec. 9.2 (moving average, exact variance); sec. 9.1.2
(the last zero of a one-sided cusum with k = .5 dates a change). Wallenstein and Naus (1973), Ann. Probab. 1, 188-190
(the largest of overlapping windows).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from monitor.detectors.contract import BoolVector, Matrix, State
from monitor.model import Vector

KEPT_A_MONTH = 0.7
"""Share of the slow evidence left after a month; .3 of a new month comes in (detection.md §5)."""
LARGEST, LARGEST_MONTHLY = 3.3, 3.5
"""A deviate counts for no more than this: one figure alone, a slip of unit or the far end of a heavy tail, never
reaches the p at which a family opens a case by itself. Lower, weekly tails say .001 where .0005 is meant (3.2), and
plain monthly steps that a filter soon follows are not latched (3.4)."""
SUDDEN_SHARE, SUDDEN_SHARE_WEEKLY = 0.2, 0.9
"""Share of the false-alarm budget that sudden evidence has; slow has the rest. What is told by week comes in
outbreaks of two or three weeks, what is told by month stays (README.md section 7: both measured)."""
MOST_SLOW_WEEKLY = 1.5
"""Deviates that one week counts for in slow evidence: it is what many weeks say, and one week of an outbreak
would otherwise raise alarms for months after it."""
ALLOWANCE = 0.5
"""Of the cusum that dates a run: half of the shift, in deviates, that it is quickest to follow."""
HANDICAPS = (0.3, 0.0, 0.6)
"""Deviates by which one figure, or three, must say more than two: outbreaks of two or three weeks are found more often,
and stay found to their end (README.md section 5)."""
ROOTS = (1.0, float(np.sqrt(2.0)), float(np.sqrt(3.0)))
LOWEST = -8.0
"""Quadratures begin here: 6e-16 of a normal deviate lies below."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Tail probabilities of what has accumulated; NaN until a series has a score.

    `worse` and `better` are the two directions, each the union of sudden and slow at one budget; `sudden` and
    `slow` are the parts of `worse`, each a tail by itself. `worse_since` and `better_since` are the ordinals of
    the periods at which the current runs began; the latest scored period where none is under way.
    """

    worse: Vector
    better: Vector
    sudden: Vector
    slow: Vector
    worse_since: Vector
    better_since: Vector


def start(series: int) -> State:
    """Give the state of series without a score."""
    nothing, unknown = np.zeros(series), np.full(series, np.nan)
    return {
        "z": unknown,
        "z_before": unknown,
        "z_earlier": unknown,
        "slow": nothing,
        "slow_variance": nothing,
        "cusum_worse": nothing,
        "cusum_better": nothing,
        "worse_since": unknown,
        "better_since": unknown,
    }


def forget(state: State, which: BoolVector) -> State:
    """Let some series have gathered nothing."""
    nothing = start(which.size)
    return {**state, **{name: np.where(which, nothing[name], state[name]) for name in nothing}}


def accumulate(state: State, z: Vector, *, per_year: int, period: int = 0) -> tuple[State, Evidence]:
    """Take in one period's deviates, positive = worse; NaN carries the evidence over.

    Examples
    --------
    Two periods at 2 deviates: together 2√2 = 2.83 sudden, and 1.02/.366 = 2.79 slow:

    >>> state, _ = accumulate(start(1), np.array([2.0]), per_year=12)
    >>> _, evidence = accumulate(state, np.array([2.0]), per_year=12)
    >>> float(evidence.sudden[0].round(4)), float(evidence.slow[0].round(4))
    (0.0031, 0.0027)
    """
    state = _taken(state, z, per_year=per_year, period=float(period))
    return state, _read(state, per_year)


def _taken(state: State, z: Vector, *, per_year: int, period: float) -> State:
    rate, most = weight_of_new(per_year), most_slow(per_year)
    scored = np.isfinite(z)
    clipped = np.clip(np.where(scored, z, 0.0), -largest(per_year), largest(per_year))
    keep, take = np.where(scored, 1.0 - rate, 1.0), np.where(scored, rate, 0.0)
    runs = {}
    for name, signed in (("worse", clipped), ("better", -clipped)):
        cusum = state["cusum_" + name]
        grown = np.maximum(cusum + signed - ALLOWANCE, 0.0)
        begins = scored & ((cusum <= 0.0) | (grown <= 0.0))
        runs["cusum_" + name] = np.where(scored, grown, cusum)
        runs[name + "_since"] = np.where(begins, period, state[name + "_since"])
    return {
        **runs,
        "z": np.where(scored, clipped, state["z"]),
        "z_before": np.where(scored, state["z"], state["z_before"]),
        "z_earlier": np.where(scored, state["z_before"], state["z_earlier"]),
        "slow": keep * state["slow"] + take * np.clip(clipped, -most, most),
        "slow_variance": keep * keep * state["slow_variance"] + take * take * variance_within(most),
    }


def _read(state: State, per_year: int) -> Evidence:
    z, first = state["z"], np.isnan(state["z_before"])
    slow = state["slow"] / np.sqrt(np.maximum(state["slow_variance"], 1e-300))
    two, (of_one, of_two, of_three) = z + state["z_before"], HANDICAPS
    pair = two / ROOTS[1]
    triple = np.where(np.isnan(state["z_earlier"]), pair, (two + state["z_earlier"]) / ROOTS[2])
    most = np.maximum(np.maximum(z - of_one, pair - of_two), triple - of_three)
    least = np.minimum(np.minimum(z + of_one, pair + of_two), triple + of_three)
    sudden = np.where(first, np.stack((z, -z)), np.stack((most, -least)))  # both directions at once, worse first
    union, suddenly, slowly = _tails(sudden, np.stack((slow, -slow)), first, per_year)
    return Evidence(union[0], union[1], suddenly[0], slowly[0], state["worse_since"], state["better_since"])


def _tails(sudden: Matrix, slow: Matrix, first: BoolVector, per_year: int) -> tuple[Matrix, Matrix, Matrix]:
    """Give the tails of the union, of sudden and of slow evidence; a first score is both, and its own tail."""
    unknown = np.isnan(sudden)
    sudden = np.where(unknown, 0.0, sudden)
    log_slow = np.log(special.ndtr(-np.where(first, sudden, slow)))  # of ten deviates at most: 1e-23
    log_sudden = np.where(first, log_slow, _looked_up(sudden, sudden_table()))
    share = sudden_share(per_year)
    smaller = np.minimum(log_sudden - np.log(share), log_slow - np.log1p(-share))
    union = np.where(first, log_slow, np.minimum(smaller + _looked_up(smaller, union_table(per_year)), 0.0))
    tails = np.exp(np.stack((union, log_sudden, log_slow)))
    tails[:, unknown] = np.nan
    return tails[0], tails[1], tails[2]


def _looked_up(at: Matrix, table: tuple[Vector, Vector]) -> Matrix:
    """Read a table of even steps, linearly between them and flat beyond its ends."""
    points, values = table
    place = (at - points[0]) * ((points.size - 1) / (points[-1] - points[0]))
    place = np.minimum(np.maximum(place, 0.0), points.size - 1.000001)
    index = place.astype(np.intp)
    low = values[index]
    read: Matrix = low + (place - index) * (values[index + 1] - low)
    return read


def weight_of_new(per_year: int) -> float:
    """Give l = 1 - .7^(12/f), so that evidence forgets alike in every cadence."""
    return float(1.0 - KEPT_A_MONTH ** (12.0 / per_year))


def sudden_share(per_year: int) -> float:
    """Give the share of the false-alarm budget that sudden evidence has."""
    return SUDDEN_SHARE_WEEKLY if per_year == 52 else SUDDEN_SHARE


def most_slow(per_year: int) -> float:
    """Give the deviates that one figure counts for at most in slow evidence."""
    return MOST_SLOW_WEEKLY if per_year == 52 else largest(per_year)


def largest(per_year: int) -> float:
    """Give the deviates that one figure counts for at most."""
    return LARGEST_MONTHLY if per_year == 12 else LARGEST


def variance_within(most: float) -> float:
    """Give the variance of a normal deviate that counts for `most` at most.

    >>> round(variance_within(1.5), 4)
    0.7785
    """
    beyond, height = float(special.ndtr(-most)), float(np.exp(-0.5 * most * most) / np.sqrt(2.0 * np.pi))
    return 1.0 - 2.0 * beyond - 2.0 * most * height + 2.0 * most * most * beyond


def sudden_tail(score: Vector) -> Vector:
    """Give P(S1 > score) for independent normal deviates: the last one passes, or else two, or else all three.

    >>> float(sudden_tail(np.array([3.0]))[0].round(5))
    0.00177
    """
    one, two, three = (root * (score + handicap) for root, handicap in zip(ROOTS, HANDICAPS, strict=True))
    a, weight_a = _between(LOWEST, one, 40)
    b, weight_b = _between(LOWEST, two[:, None] - a, 40)
    alone = np.sum(weight_a * special.ndtr(a - two[:, None]), axis=1)
    together = np.sum(
        weight_a[..., None] * weight_b * special.ndtr(a[..., None] + b - three[:, None, None]), axis=(1, 2)
    )
    tail: Vector = special.ndtr(-one) + alone + together
    return tail


def _between(low: float, high: Matrix | float, points: int) -> tuple[Matrix, Matrix]:
    """Give nodes and weights, on a new last axis, of the normal density from low to each high (Gauss-Legendre)."""
    nodes, weights = _legendre(points)
    half = np.maximum((np.asarray(high) - low) / 2.0, 0.0)[..., None]
    at = low + half * (nodes + 1.0)
    return at, half * weights * np.exp(-0.5 * at * at) / np.sqrt(2.0 * np.pi)


@lru_cache
def _legendre(points: int) -> tuple[Vector, Vector]:
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return nodes, weights


@lru_cache
def sudden_table() -> tuple[Vector, Vector]:
    """Tabulate log tails between the largest evidence either way; linear between them errs by 1e-4 at most."""
    most = ROOTS[2] * LARGEST_MONTHLY + 0.1
    scores = np.linspace(-most, most, 431)
    return scores, np.log(sudden_tail(scores))


@lru_cache
def union_table(per_year: int) -> tuple[Vector, Vector]:
    """Tabulate log P(a tail ≤ its share of x) - log x over log x: what using both kinds of evidence costs."""
    share = sudden_share(per_year)
    logs = np.linspace(-36.0, -np.log(max(share, 1.0 - share)), 73)
    scores, log_tails = sudden_table()
    sudden = np.interp(-(logs + np.log(share)), -log_tails, scores)
    slow = -special.ndtri(np.minimum((1.0 - share) * np.exp(logs), 1.0 - 1e-12))
    chances = [_union(one, other, per_year) for one, other in zip(sudden, slow, strict=True)]
    return logs, np.log(chances) - logs


def _union(sudden: float, slow: float, per_year: int) -> float:
    """Give P(sudden evidence passes its point, or slow its own), once the average is old.

    P(S1 > s) + ∫∫∫ over all windows ≤ s of phi(a) phi(b) phi(c) P(e > e* | z_t = a, z_{t-1} = b, z_{t-2} = c).
    """
    rate, most = weight_of_new(per_year), most_slow(per_year)
    one, two, three = (root * (sudden + handicap) for root, handicap in zip(ROOTS, HANDICAPS, strict=True))
    kept, spread = 1.0 - rate, np.sqrt(rate / (2.0 - rate) * variance_within(most))
    # where little is kept, the newest figure decides, and all but jumps from no to yes: no panel goes across
    decides = np.clip(slow * spread / rate, -4.0, one)
    panels = _between(-5.0, decides, 20), _between(decides, one, 20)
    a, weight_a = (np.concatenate(parts) for parts in zip(*panels, strict=True))
    b, weight_b = _between(-5.0, two - a, 30)
    c, weight_c = _between(-5.0, three - a[:, None] - b, 12)
    two_newest = np.clip(a[:, None], -most, most) + kept * np.clip(b, -most, most)
    newest = rate * (two_newest[..., None] + kept**2 * np.clip(c, -most, most))
    passes = np.sum(weight_c * special.ndtr((newest - slow * spread) / (kept**3 * spread)), axis=-1)
    return float(sudden_tail(np.array([sudden]))[0] + np.sum(weight_a[:, None] * weight_b * passes))
