"""The numbers of a panel as detectors read them: what is missing, what carries over, what cannot be.

Whether a series has denominators is decided by its first figure, so that no row is read by what comes later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.detectors.contract import BoolVector, IntVector
from monitor.evaluation.panels.table import Table
from monitor.model import Kind, Vector

MOST = 1e12
"""Beyond this a number is a slip of unit; squares of it would lose their last digits."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Numerator (NaN = missing) and denominator (NaN = none) of each row; who carries an exposure, of each series."""

    numerator: Vector
    denominator: Vector
    carries: BoolVector
    notes: tuple[str, ...]


def check_numbers(table: Table, kind: Kind) -> None:
    """Refuse the first number that a panel of this kind cannot hold."""
    numerator = table.numbers["numerator"]
    denominator = table.numbers.get("denominator", np.full(table.rows, np.nan))
    for name, column in table.numbers.items():
        _refuse(table, name, np.isinf(column), "is no finite number; leave the cell empty where there is none")
        _refuse(table, name, np.abs(column) > MOST, f"is more than {MOST:.0e}; check its unit")
    if kind is not Kind.SCORE:
        _refuse(table, "numerator", numerator < 0, f"is negative; a {kind} is not: correct it, or leave the cell empty")
    _refuse(table, "denominator", denominator < 0, "is negative; correct it, or leave the cell empty")
    if kind is Kind.PROPORTION:
        _refuse(table, "numerator", numerator > denominator, "is more than its denominator; a part is not")
        bare = bool(np.isnan(denominator).all())  # where only some are, figures of bare rows are left out, not refused
        _refuse(table, "numerator", bare & (numerator > 100), "is more than 100 %, and has no denominator")


def _refuse(table: Table, name: str, bad: np.ndarray, why: str) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise table.refuse(row, f"{name} {table.numbers[name][row]:g} {why}")


def figures(table: Table, kind: Kind, series: IntVector, order: IntVector) -> Figures:
    """Read the figures of a kind; a mean is made the sum over its respondents."""
    numerator = table.numbers["numerator"]
    width = len(table.texts["series"].values)
    if "denominator" not in table.numbers:
        return Figures(numerator, np.full(table.rows, np.nan), np.zeros(width, dtype=bool), ())
    denominator = table.numbers["denominator"]
    if kind is Kind.SCORE:
        total = np.where(np.isnan(denominator), numerator, numerator * denominator)
        return Figures(total, denominator, np.zeros(width, dtype=bool), ())
    divided = _divided(numerator, denominator, series, order, width)
    has = divided[series]
    if kind is Kind.COUNT:
        ignored = ~has & (denominator > 0) & ~np.isnan(numerator)
        notes = _noted(ignored, "denominators are not used: their series begin without one, as plain counts")
        return Figures(numerator, np.where(has & (denominator > 0), denominator, np.nan), divided, notes)
    other = (np.isnan(denominator) == has) & ~np.isnan(numerator)
    notes = _noted(other, "figures are not scored: only some of their series' figures have a denominator")
    return Figures(np.where(other, np.nan, numerator), denominator, np.zeros(width, dtype=bool), notes)


def _divided(numerator: Vector, denominator: Vector, series: IntVector, order: IntVector, width: int) -> BoolVector:
    """Say of each series whether its first figure has a denominator."""
    usable = ~np.isnan(numerator) & (np.isnan(denominator) | (denominator > 0))
    rows = order[usable[order]]
    divided = np.zeros(width, dtype=bool)
    divided[series[rows[::-1]]] = ~np.isnan(denominator[rows[::-1]])  # the last one written, its first, stays
    return divided


def _noted(rows: np.ndarray, what: str) -> tuple[str, ...]:
    return (f"{int(rows.sum()):,} {what}",) if rows.any() else ()
