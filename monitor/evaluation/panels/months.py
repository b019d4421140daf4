"""Fused evidence of organisations by month: over the indicators of a family first, then over families.

A month counts the newest evidence of each series as its last day ends, while it is fresh (the windows of
the case rule); a period is known when it ends, as panels state no later day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from monitor.assessment import CORROBORATES, window
from monitor.detectors.contract import BoolVector, IntVector
from monitor.evaluation.panels.asked import Asked, Worse
from monitor.evaluation.panels.panel import Panel
from monitor.evaluation.panels.scoring import Rows
from monitor.evaluation.panels.signals import SIGNALS, shown, signalled
from monitor.evaluation.panels.written import EPOCH, dates, numbers, words
from monitor.fusion import cauchy_many, combine_many
from monitor.model import Vector


@dataclass(frozen=True, slots=True)
class Found:
    """A panel with what scoring gave."""

    asked: Asked
    panel: Panel
    rows: Rows


@dataclass(slots=True)
class Standing:
    """What is known of a panel's series by some day: newest tails, the day that they were known, latches."""

    found: Found
    organisations: IntVector  # of each series, numbered over all panels
    family: int
    worse: Vector
    better: Vector
    known: IntVector  # ordinals
    latched: BoolVector
    ends: IntVector  # of each period, ordinals
    taken: int = 0  # periods

    def move(self, until: int) -> None:
        """Take in the periods that have ended by this day."""
        panel, rows = self.found.panel, self.found.rows
        while self.taken < panel.periods and self.ends[self.taken] <= until:
            at = panel.order[panel.bounds[self.taken] : panel.bounds[self.taken + 1]]
            at = at[np.isfinite(rows.score[at])]
            series = panel.series[at]
            # a change that may be either way is no improvement, and counts once
            is_both = self.found.asked.worse is Worse.BOTH
            self.worse[series], self.better[series] = rows.tail[at], np.nan if is_both else rows.better[at]
            self.known[series], self.latched[series] = self.ends[self.taken], rows.latched[at]
            self.taken += 1

    def fresh(self, day: int) -> BoolVector:
        """Say which series have evidence that counts on this day."""
        lasts = window(self.found.panel.rhythm.calendar.per_year).days
        fresh: BoolVector = (self.known > 0) & (day <= self.known + lasts)
        return fresh


@dataclass(frozen=True, slots=True)
class Month:
    """One month, an entry an organisation of which something counts."""

    first: date
    organisations: IntVector
    worse: Vector
    better: Vector
    agreeing: IntVector  # bit of each family whose own tail corroborates
    latched: BoolVector


def by_month(found: Sequence[Found], rate: float) -> Any:
    """Lay out the evidence of every organisation, months of one organisation together, oldest first."""
    names = list(dict.fromkeys(name for each in found for name in each.panel.organisations))
    families = list(dict.fromkeys(each.asked.family for each in found))
    standings = [_standing(each, names, families) for each in found]
    months = list(_months(standings, len(names), len(families)))
    return _table(months, names, families, rate)


def _standing(found: Found, names: Sequence[str], families: Sequence[str]) -> Standing:
    place = {name: number for number, name in enumerate(names)}
    panel, width = found.panel, len(found.panel.groups)
    ends = [panel.rhythm.start(panel.first + number + 1).toordinal() for number in range(panel.periods)]
    return Standing(
        found, np.array([place[name] for name in panel.organisations]), families.index(found.asked.family),
        np.full(width, np.nan), np.full(width, np.nan), np.zeros(width, dtype=np.int64),
        np.zeros(width, dtype=bool), np.array(ends),
    )  # fmt: skip


def _months(standings: Sequence[Standing], organisations: int, families: int) -> Iterator[Month]:
    """Go through the months that are over by the end of the last period."""
    last = max(int(standing.ends[-1]) for standing in standings)
    first = date.fromordinal(min(int(standing.ends[0]) for standing in standings) - 1).replace(day=1)
    while (after := (first + timedelta(days=32)).replace(day=1)).toordinal() <= last:
        for standing in standings:
            standing.move(after.toordinal())
        yield _month(first, standings, after.toordinal(), organisations, families)
        first = after


def _month(first: date, standings: Sequence[Standing], day: int, organisations: int, families: int) -> Month:
    fresh = [standing.fresh(day) for standing in standings]
    places = np.concatenate(
        [each.organisations[now] * families + each.family for each, now in zip(standings, fresh, strict=True)]
    )
    size = organisations * families
    worse, better, latched = (
        np.concatenate([getattr(each, name)[now] for each, now in zip(standings, fresh, strict=True)])
        for name in ("worse", "better", "latched")
    )
    bad = cauchy_many(worse, places, size).reshape(organisations, families)
    read = ~np.isnan(better)
    good = cauchy_many(better[read], places[read], size).reshape(organisations, families)
    rows = np.flatnonzero((~np.isnan(bad)).any(axis=1))
    is_latched = np.bincount(places // families, latched, organisations) > 0
    bits = (bad <= CORROBORATES) @ (1 << np.arange(families))
    return Month(first, rows, _fused(bad[rows]), _fused(good[rows]), bits[rows], is_latched[rows])


def _fused(ps: np.ndarray) -> Vector:
    """Combine each organisation's families, by the null of as many as it has; NaN where it has none."""
    number = (~np.isnan(ps)).sum(axis=1)
    ordered = np.sort(ps, axis=1)  # those that are not there come last
    fused = np.full(len(ps), np.nan)
    for families in np.unique(number[number > 0]):
        has = number == families
        fused[has] = combine_many(ordered[has, :families])
    return fused


def _table(months: Sequence[Month], names: Sequence[str], families: Sequence[str], rate: float) -> Any:
    blank = np.zeros(0)
    place, worse, better, bits, latched = (
        np.concatenate([blank, *(getattr(month, name) for month in months)])
        for name in ("organisations", "worse", "better", "agreeing", "latched")
    )
    days = np.concatenate(
        [np.zeros(0, np.int64), *(np.full(len(month.worse), month.first.toordinal() - EPOCH) for month in months)]
    )
    order = np.argsort(place, kind="stable")
    said, which = np.unique(bits[order].astype(np.int64), return_inverse=True)
    return pa.table(
        {
            "organisation": words(place[order].astype(np.int64), names),
            "period": dates(days[order]),
            "evidence": numbers(shown(worse[order])),
            "families": words(which, [_listed(int(each), families) for each in said]),
            "signal": words(signalled(worse[order], better[order], rate), SIGNALS),
            "latched": pa.array(latched[order] > 0),
        }
    )


def _listed(bits: int, families: Sequence[str]) -> str:
    return ";".join(family for place, family in enumerate(families) if bits >> place & 1)
