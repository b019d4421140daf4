"""How many events were preceded by a case or a signal, how long before, and how often that happens without any event.

Intervals are percentiles of organisations drawn anew, each with its events and their controls.

References
----------
Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 13 (percentile intervals) and 8.5 (clusters).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from monitor.evaluation.backtest.controls import LOOK_BACK, Pair
from monitor.evaluation.backtest.relive import Lived

REACHES = {"3": 91, "6": 183, "12": 365}
"""Days before an event in which something counts, by months."""
CASE, SIGNAL = "case", "signal"
DRAWS, SEED, LEVEL = 2_000, 20_264, 0.95
"""Draws of the bootstrap: the ends of a 95 % interval to about a tenth of its width."""
FEWEST = 2
"""Organisations without which nothing is drawn anew."""
DAYS_A_MONTH = 365.2425 / 12


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval; None: too few organisations to draw, or nothing to count."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one kind of word gave within a reach: shares of events and of controls, and the difference."""

    voice: str
    months: str
    events: Interval
    controls: Interval
    difference: Interval


@dataclass(frozen=True, slots=True)
class Lead:
    """Days from the first word in the year before an event to the event, of those that had one."""

    voice: str
    number: int
    median: Interval


Days = Mapping[str, Sequence[date]]
"""On which days something was said of each organisation, ascending."""


def days_of(lived: Lived, rate: float) -> dict[str, Days]:
    """Give the days of cases that opened and of signals that chance gives no oftener than `rate`, by kind."""
    opened = [(one.organisation, one.day) for one in lived.opened]
    raised = [(one.organisation, one.day) for one in lived.raised if one.p <= rate]
    return {CASE: _by_code(opened), SIGNAL: _by_code(raised)}


def _by_code(said: Sequence[tuple[str, date]]) -> Days:
    found: dict[str, set[date]] = {}
    for code, day in said:
        found.setdefault(code, set()).add(day)
    return {code: sorted(days) for code, days in found.items()}


def findings(pairs: Sequence[Pair], said: Mapping[str, Days]) -> list[Finding]:
    """Work out the shares of each kind within each reach."""
    clusters = _clusters(pairs)
    found = []
    for voice, days in said.items():
        for months, reach in REACHES.items():
            columns = np.array([[1.0, *_pair(pair, days, reach)] for pair in pairs]).reshape(-1, 3)
            sums = _summed(columns, clusters)
            events, controls = _interval(sums, np.array([1.0, 0.0])), _interval(sums, np.array([0.0, 1.0]))
            apart = _interval(sums, np.array([1.0, -1.0]))
            found.append(Finding(voice, months, events, controls, apart))
    return found


def _pair(pair: Pair, days: Days, reach: int) -> tuple[float, float]:
    """Say whether an event was preceded, and which share of its controls was."""
    own = first_before(days, pair.event.organisation, pair.event.day, reach) is not None
    others = [first_before(days, code, pair.event.day, reach) is not None for code in pair.controls]
    return float(own), sum(others) / len(others)


def first_before(days: Days, code: str, day: date, reach: int) -> int | None:
    """Give how many days before a day the first word within its reach came; None: there was none."""
    some = days.get(code, ())
    since = date.fromordinal(day.toordinal() - reach)
    place = bisect_left(some, since)
    return (day - some[place]).days if place < len(some) and some[place] < day else None


def leads(pairs: Sequence[Pair], said: Mapping[str, Days]) -> list[Lead]:
    """Give the median lead of each kind."""
    clusters = _clusters(pairs)
    found = []
    for voice, days in said.items():
        times = [first_before(days, pair.event.organisation, pair.event.day, LOOK_BACK.days) for pair in pairs]
        own = np.array([np.nan if time is None else float(time) for time in times])
        found.append(Lead(voice, int(np.isfinite(own).sum()), _median(own, clusters)))
    return found


def _median(values: np.ndarray, clusters: np.ndarray) -> Interval:
    there = np.isfinite(values)
    if not there.any():
        return Interval(None, None, None)
    middle = float(np.median(values[there]))
    groups = [values[there & (clusters == cluster)] for cluster in np.unique(clusters[there])]
    if len(groups) < FEWEST:
        return Interval(middle, None, None)
    rng = np.random.default_rng(SEED)
    chosen = rng.integers(0, len(groups), (DRAWS, len(groups)))
    drawn = [float(np.median(np.concatenate([groups[place] for place in draw]))) for draw in chosen]
    return Interval(middle, *_ends(np.array(drawn)))


def _clusters(pairs: Sequence[Pair]) -> np.ndarray:
    codes = sorted({pair.event.organisation for pair in pairs})
    return np.array([codes.index(pair.event.organisation) for pair in pairs], dtype=np.int64)


def _summed(columns: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    return np.stack([np.bincount(clusters, column) for column in columns.T], axis=-1)


def _interval(sums: np.ndarray, weights: np.ndarray) -> Interval:
    """Give a weighted sum of what was found over the number of events, with organisations drawn anew."""
    if not len(sums):
        return Interval(None, None, None)
    whole = sums.sum(axis=0)
    value = float(whole[1:] @ weights / whole[0])
    number = len(sums)
    if number < FEWEST:
        return Interval(value, None, None)
    times = np.random.default_rng(SEED).multinomial(number, np.full(number, 1.0 / number), DRAWS)
    drawn = times @ sums
    return Interval(value, *_ends(drawn[:, 1:] @ weights / drawn[:, 0]))


def _ends(drawn: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(drawn, [0.5 * (1.0 - LEVEL), 0.5 * (1.0 + LEVEL)])
    return float(low), float(high)


def by_month(pairs: Sequence[Pair], days: Days) -> tuple[list[float], list[float]]:
    """Give the shares of events and of controls with a word in the year before, until 12, 11, … 0 months before."""
    events, controls = np.zeros(13), np.zeros(13)
    for pair in pairs:
        events += _reached(first_before(days, pair.event.organisation, pair.event.day, LOOK_BACK.days))
        each = [_reached(first_before(days, code, pair.event.day, LOOK_BACK.days)) for code in pair.controls]
        controls += np.mean(each, axis=0)
    number = max(len(pairs), 1)
    return (events / number).tolist(), (controls / number).tolist()


def _reached(before: int | None) -> np.ndarray:
    """Mark the months before an event, 12 down to 0, by which a word had come."""
    left = np.arange(12, -1, -1)
    return np.zeros(13) if before is None else (before >= left * DAYS_A_MONTH - 0.5).astype(float)
