"""Plant worsenings of known size in real series: steps and ramps of 10 to 40 %, as family B draws them.

A quarter of the series are planted in, so that their peers' median stays that of the unharmed; everybody else,
and what lies before an onset, is control. An onset leaves a year after it, observed throughout.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from monitor.errors import BadRequest
from monitor.evaluation.backtest.material import Material
from monitor.evaluation.detection.changes import Changes, plant
from monitor.evaluation.detection.family_b import EFFECTS, POINTS, RAMP_MONTHS
from monitor.evaluation.detection.truth import Truth
from monitor.model import Kind

PLANTED = 0.25
YEARS, PAST_YEARS = 3, 2
"""Years of a window, and those of a series' past that it needs before it is judged."""
SPOKEN = 0.8
"""Share of its past years' periods that a judged series has figures for."""
PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Window:
    """Periods that are judged, as rows, and what they are called."""

    name: str
    rows: slice


@dataclass(frozen=True, slots=True)
class Trial:
    """One planting: the material as seen, and what is true of the window."""

    material: Material
    truth: Truth


def window(material: Material, ending: date) -> Window:
    """Give the three years that end with the period that holds this day.

    Raises
    ------
    BadRequest
        The series do not reach that far, or begin less than two years before the window.
    """
    per_year, first, last = material.per_year, material.starts[0], material.starts[-1]
    if per_year < 3:
        raise BadRequest(f"{material.name}: {per_year} periods a year; worsenings are planted in three or more a year")
    rows = [row for row, start in enumerate(material.starts) if start <= ending]
    end = rows[-1] + 1 if rows else 0
    begin = end - YEARS * per_year
    if end == 0 or (end == len(material.starts) and ending.toordinal() - last.toordinal() > 366 // per_year):
        raise BadRequest(f"--ending {ending}: {material.name} is there from {first} to {last}")
    if begin < PAST_YEARS * per_year:
        raise BadRequest(
            f"{material.name}: begins on {first}; a window of {YEARS} years that ends on {ending} needs {PAST_YEARS} "
            "more before it"
        )
    return Window(f"three years to {material.starts[end - 1]:%Y-%m}", slice(begin, end))


def planted(material: Material, judged: Window, seed: int) -> Trial:
    """Plant in a quarter of the series that can be judged; the same seed, the same onsets and sizes."""
    rng = np.random.default_rng(seed)
    per_year, width = material.per_year, len(material.series)
    first, last = judged.rows.start, judged.rows.stop - per_year
    ramp = max(round(RAMP_MONTHS[0] * per_year / 12), 1), RAMP_MONTHS[1] * per_year // 12
    drawn = plant(rng, rng.choice(EFFECTS, width), onset=(first, last), ramp=ramp)
    changes = drawn.where((rng.random(width) < PLANTED) & _followed(material, drawn))
    periods = len(material.starts)
    event = changes.under_way(periods)[judged.rows]
    quiet = ~event & _mature(material)[judged.rows]
    reaches = {str(months): max(round(months * per_year / 12), 1) for months in (3, 6, 12)}
    truth = Truth(per_year, event, quiet, np.arange(width), reaches)
    return Trial(_worsened(material, changes, rng), truth)


def _followed(material: Material, drawn: Changes) -> np.ndarray:
    """Say of each series whether its past is long enough at its onset, and the year after has no hole."""
    there, mature = np.isfinite(material.numerator), _mature(material)
    after = np.arange(len(there))[:, None] - drawn.onset
    year = (after >= 0) & (after < material.per_year)
    return np.asarray(~(year & ~there).any(axis=0) & (mature & (after == 0)).any(axis=0))


def _mature(material: Material) -> np.ndarray:
    """Mark the observed periods before which a series has spoken for most of two years."""
    there = np.isfinite(material.numerator)
    span = PAST_YEARS * material.per_year
    counted = np.vstack((np.zeros((1, there.shape[1])), np.cumsum(there, axis=0)))
    before = counted[:-1] - np.vstack((np.zeros((span, there.shape[1])), counted[:-1]))[: len(there)]
    return np.asarray(there & (before >= SPOKEN * span))


def _worsened(material: Material, changes: Changes, rng: np.random.Generator) -> Material:
    """Give the series as they would have been seen with the changes: counts gain events, rates and means move."""
    numerator, reached = material.numerator, changes.reached(len(material.starts))
    if material.kind is Kind.SCORE:
        people = np.where(np.isnan(material.denominator), 1.0, material.denominator)
        return replace(material, numerator=numerator + material.sign * POINTS * changes.size * reached * people)
    factor = np.exp(material.sign * np.log1p(changes.size) * reached)
    if material.kind is Kind.COUNT:
        return replace(material, numerator=_counted(numerator, factor, rng))
    most = np.where(np.isnan(material.denominator), PERCENT, material.denominator)
    moved = numerator * factor
    return replace(material, numerator=np.where(factor == 1.0, numerator, np.minimum(moved, most)))


def _counted(numerator: np.ndarray, factor: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give counts with events added at random, or left out at random."""
    filled = np.nan_to_num(numerator)
    more = filled + rng.poisson(filled * np.maximum(factor - 1.0, 0.0))
    fewer = rng.binomial(filled.astype(np.int64), np.minimum(factor, 1.0))
    return np.asarray(np.where(np.isnan(numerator), np.nan, np.where(factor >= 1.0, more, fewer)))
