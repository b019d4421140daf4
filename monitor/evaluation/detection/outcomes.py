"""What alarms come to: found, when, and at what price; with standard errors over what varies together.

Every measure is a ratio of sums, so one table of sums a cluster gives the figures and, with clusters drawn anew,
their spread; two methods whose clusters are drawn alike are compared pairwise.

References
----------
Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 6 (standard errors) and 8.5 (clusters).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.evaluation.detection.matching import starts
from monitor.evaluation.detection.truth import Truth

DRAWS, SEED = 200, 20_260
"""Bootstrap draws: a standard error to ± 5 %."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its standard error; NaN where there is nothing to count."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one method came to at one threshold.

    Parameters
    ----------
    fpr
        Share of quiet periods with an alarm.
    pod
        Share of changes found, by the name of the reach.
    f1
        Over periods: harmonic mean of the alarms that are right and the changed periods that are alarmed.
    delay
        Mean periods from onset to the first alarm, those not found within the longest reach counted as it.
    episodes_per_year
        Runs of false alarms per unit and quiet year.
    parts
        Rate of false alarms in each part.
    """

    fpr: Estimate
    pod: dict[str, Estimate]
    f1: Estimate
    delay: Estimate
    episodes_per_year: Estimate
    parts: dict[str, float]


def tally(alarm: np.ndarray, truth: Truth) -> np.ndarray:
    """Count alarms, shape (clusters, columns): found by reach, then the columns that `_figures` names."""
    longest = max(truth.reaches.values())
    after = np.cumsum(truth.event, axis=0) - 1
    first = np.where(alarm & truth.event, after, longest).min(axis=0)
    found = [(first < reach) & truth.has_event for reach in truth.reaches.values()]
    waited = np.where(truth.has_event, np.minimum(first, np.minimum(truth.event.sum(axis=0), longest)), 0)
    right, false = (alarm & truth.event), (alarm & truth.quiet)
    counted = (mask.sum(axis=0) for mask in (right, truth.event, false, truth.quiet, starts(false)))
    columns = [*found, truth.has_event, waited, *counted]
    return np.stack([np.bincount(truth.cluster, column) for column in columns], axis=-1)


def outcome(alarm: np.ndarray, truth: Truth) -> Outcome:
    """Work out all measures of alarms of shape (periods, units)."""
    sums = tally(alarm, truth)
    values = _figures(sums.sum(axis=0, keepdims=True), truth)[0]
    errors = np.std(_figures(drawn_anew(sums), truth), axis=0, ddof=1)
    *pods, fpr, f1, delay, episodes = (Estimate(float(v), float(e)) for v, e in zip(values, errors, strict=True))
    return Outcome(fpr, dict(zip(truth.reaches, pods, strict=True)), f1, delay, episodes, _parts(alarm, truth))


def difference(alarm: np.ndarray, other: np.ndarray, truth: Truth) -> dict[str, Estimate]:
    """Give by how much more alarms find than others do, by the name of the reach, on the same units."""
    tallies = tally(alarm, truth), tally(other, truth)
    found = [_figures(sums.sum(axis=0, keepdims=True), truth)[0] for sums in tallies]
    drawn = [_figures(drawn_anew(sums), truth) for sums in tallies]
    errors = np.std(drawn[0] - drawn[1], axis=0, ddof=1)
    return {
        name: Estimate(float(found[0][place] - found[1][place]), float(errors[place]))
        for place, name in enumerate(truth.reaches)
    }


def drawn_anew(sums: np.ndarray) -> np.ndarray:
    """Draw clusters with replacement, the same ones at every call: sums of shape (draws, columns)."""
    number = len(sums)
    weights = np.random.default_rng(SEED).multinomial(number, np.full(number, 1.0 / number), DRAWS)
    return np.asarray(weights @ sums)


def _figures(sums: np.ndarray, truth: Truth) -> np.ndarray:
    """Turn rows of sums into rows of figures: found by reach, rate of false alarms, F1, delay, episodes a year."""
    reaches = len(truth.reaches)
    events, delay, hits, changed, false, quiet, starts = sums[:, reaches:].T
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (sums[:, :reaches].T / events).T
        rest = (false / quiet, 2.0 * hits / (hits + false + changed), delay / events, starts * truth.per_year / quiet)
    return np.column_stack((found, *rest))


def _parts(alarm: np.ndarray, truth: Truth) -> dict[str, float]:
    rates = {}
    for name, part in truth.parts.items():
        quiet = truth.quiet & part
        rates[name] = float((alarm & quiet).sum() / quiet.sum()) if quiet.any() else float("nan")
    return rates
