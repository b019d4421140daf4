"""From the sums of cells to the values that detectors read (pure).

A closed period without any word is a zero of a count and missing of anything else; a period that is not
closed is missing. After a merger an organisation's values are its lineage's, summed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from monitor.calendars import Calendar
from monitor.coverage import Ranges
from monitor.kept import Cell, Figures, Sum
from monitor.model import Kind
from monitor.settlement import Roll


@dataclass(frozen=True, slots=True)
class Gathered:
    """Values of some organisations over consecutive periods, shapes (organisations, periods).

    `denominator` NaN: none; `known` holds ordinals of stated publication dates, 0 = none stated. `is_own`: the
    denominator is all of that period, with nothing that a member of a lineage had in another one.
    """

    first: int
    numerator: np.ndarray
    denominator: np.ndarray
    known: np.ndarray
    is_own: np.ndarray


def overlaid(figures: Figures, sums: Mapping[Cell, Sum], calendar: Calendar) -> Figures:
    """Lay sums that are not stored yet over stored figures of the same indicator and source."""
    last = figures.first + figures.numerator.shape[1] - 1
    new = [(cell, sum_) for cell, sum_ in sums.items() if figures.first <= calendar.number(cell.start) <= last]
    codes = (*figures.organisations, *sorted({cell.organisation for cell, _ in new} - {*figures.organisations}))
    place = {code: row for row, code in enumerate(codes)}
    more = len(codes) - len(figures.organisations)
    numerator, denominator, known = (
        np.vstack([array, np.full((more, array.shape[1]), blank)])
        for array, blank in ((figures.numerator, np.nan), (figures.denominator, np.nan), (figures.known, 0))
    )
    for cell, sum_ in new:
        at = place[cell.organisation], calendar.number(cell.start) - figures.first
        numerator[at] = sum_.numerator if sum_.words else np.nan
        denominator[at] = np.nan if sum_.denominator is None or not sum_.words else sum_.denominator
        known[at] = sum_.known.toordinal() if sum_.known else 0
    return Figures(codes, figures.first, numerator, denominator, known)


def gather(
    figures: Figures,
    roll: Roll,
    organisations: Sequence[str],
    lineage: Mapping[str, tuple[str, ...]],
    joined: Mapping[str, int],
) -> Gathered:
    """Give the values of organisations as their blocks read them.

    `joined` holds, for an organisation with predecessors, the number of the period its last merger fell in.
    """
    blank = np.full((1, figures.numerator.shape[1]), np.nan)
    rows = places(tuple(organisations), figures.organisations)  # the last one: nobody has said anything
    numerator, denominator = _alone(
        np.vstack([figures.numerator, blank])[rows], np.vstack([figures.denominator, blank])[rows], roll.indicator.kind
    )
    known = np.vstack([figures.known, np.zeros_like(blank)])[rows]
    is_own = np.isfinite(denominator)
    heirs = [(row, code) for row, code in enumerate(organisations) if code in lineage]
    place = {code: row for row, code in enumerate(figures.organisations)} if heirs else {}
    for row, code in heirs:
        members = [place[member] for member in lineage[code] if member in place]
        if members:
            at = joined.get(code, figures.first)
            until = [min(roll.ends.get(figures.organisations[member], at), at) - figures.first for member in members]
            summed = _summed(figures.numerator[members], figures.denominator[members], roll.indicator.kind, until)
            (numerator[row], denominator[row], is_own[row]), known[row] = summed, figures.known[members].max(axis=0)
    open_ = ~_closed(roll, organisations, figures.first, blank.shape[1])
    return Gathered(
        figures.first, np.where(open_, np.nan, numerator), np.where(open_, np.nan, denominator), known, is_own & ~open_
    )  # fmt: skip


@lru_cache(maxsize=1_000)
def places(codes: tuple[str, ...], among: tuple[str, ...]) -> np.ndarray:
    """Give the place of each organisation in a list; its length for whoever is not in it."""
    place = {code: at for at, code in enumerate(among)}
    return np.array([place.get(code, len(among)) for code in codes], dtype=np.intp)


def _closed(roll: Roll, organisations: Sequence[str], first: int, columns: int) -> np.ndarray:
    after = first + columns
    spans = [(roll.closed.get(code, ()), roll.begins[code], roll.ends.get(code, after)) for code in organisations]
    masks = {span: _mask(*span, first, columns) for span in set(spans)}  # most are closed alike
    return np.array([masks[span] for span in spans], dtype=bool).reshape(len(spans), columns)


def _mask(ranges: Ranges, begins: int, ends: int, first: int, columns: int) -> np.ndarray:
    mask = np.zeros(columns, dtype=bool)
    for start, end in ranges:
        mask[max(start - first, 0) : max(end - first + 1, 0)] = True
    mask[: max(begins - first, 0)] = False
    mask[max(ends - first, 0) :] = False
    return mask


def _alone(numerator: np.ndarray, denominator: np.ndarray, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
    """Read the figures of organisations that nobody has merged into, a row each."""
    if kind is Kind.COUNT:
        return np.where(np.isnan(numerator), 0.0, numerator), np.where(denominator > 0, denominator, np.nan)
    missing = np.isnan(numerator) | (denominator == 0)
    return np.where(missing, np.nan, numerator), np.where(missing, np.nan, denominator)


def _summed(
    numerator: np.ndarray, denominator: np.ndarray, kind: Kind, until: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give numerator, denominator and whether that is its period's own, of a lineage with a row each.

    `until`: for each member the first column in which another stands for it, or at which the last merger was.
    """
    alone = np.arange(numerator.shape[1]) < np.array(until)[:, None]
    if kind is Kind.COUNT:
        return _counted(numerator, denominator, alone)
    numerator, denominator = _rated(numerator, denominator, alone)
    return numerator, denominator, np.isfinite(denominator)


def _counted(
    numerator: np.ndarray, denominator: np.ndarray, alone: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum a lineage of counts; from its first word each member's exposure is carried while it stands alone."""
    stated = np.where(denominator > 0, denominator, np.nan)
    lacks = np.isnan(stated) & alone & np.logical_or.accumulate(~np.isnan(numerator), axis=1)
    each = np.where(lacks, _filled(np.where(alone, stated, np.nan), np.full(len(stated), np.nan)), stated)
    total = np.nansum(each, axis=0)
    is_own = (total > 0) & (np.isnan(each) == np.isnan(stated)).all(axis=0)
    return np.nansum(numerator, axis=0), np.where(total > 0, total, np.nan), is_own


def _rated(numerator: np.ndarray, denominator: np.ndarray, alone: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum a lineage of rates: before the merger only where all of its members speak, and never bare values."""
    bare = ~np.isnan(numerator) & np.isnan(denominator)
    missing = np.isnan(numerator) | (denominator == 0)
    numerator, denominator = np.where(missing, np.nan, numerator), np.where(missing, np.nan, denominator)
    if len(numerator) == 1:
        return numerator[0], denominator[0]
    speaks = (alone & ~missing).any(axis=1)
    partial = (alone & missing)[speaks].any(axis=0)
    one = bare.any(axis=0)
    lost = partial | (alone.any(axis=0) & one) | missing.all(axis=0)
    first = np.take_along_axis(numerator, np.argmax(~missing, axis=0)[None, :], axis=0)[0]
    total = np.where(one, first, np.nansum(numerator, axis=0))
    return np.where(lost, np.nan, total), np.where(lost | one, np.nan, np.nansum(denominator, axis=0))


def carried(gathered: Gathered, before: np.ndarray) -> np.ndarray:
    """Give the exposure of each count, shape (organisations, periods): its own, else the last, else the first one.

    `before` is the exposure that each series carried into the first period, NaN = none yet.
    """
    return _filled(gathered.denominator, before)


def _filled(exposure: np.ndarray, before: np.ndarray) -> np.ndarray:
    exposure, last = exposure.copy(), before.copy()
    for column in range(exposure.shape[1]):
        exposure[:, column] = last = np.where(np.isnan(exposure[:, column]), last, exposure[:, column])
    any_ = ~np.isnan(exposure)
    first = np.where(any_.any(axis=1), exposure[np.arange(len(exposure)), any_.argmax(axis=1)], np.nan)
    return np.where(np.isnan(exposure), first[:, None], exposure)
