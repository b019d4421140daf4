"""Single incidents of the last months: what an incident system would export, with revisions and deletions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

REVISED, DELETED, LATE, SECOND_PATIENT = 0.06, 0.015, 0.02, 0.03
"""Shares of references: revised weeks later, deleted weeks later, exported a week late, with a second patient."""
RECHECKED_WEEKS = (1, 4)
OTHER_THAN_INCIDENT = 0.04
"""Share of records that are risks, outcomes or good care (CL001 2-4; domain.md §1.3)."""


@dataclass(frozen=True, slots=True)
class Incidents:
    """Records in order of submission; arrays of one length, days as ordinals.

    `exported` is the number of whole weeks after its own that a record is exported in; `changed` likewise
    for its revision, 0 = never; `new_harm` is the harm after it (0: it is deleted).
    """

    organisations: tuple[str, ...]
    organisation: np.ndarray  # row of `organisations`
    submitted: np.ndarray
    happened: np.ndarray
    kind: np.ndarray  # CL001: 1 incident, 2 risk, 3 outcome, 4 good care
    harm: np.ndarray  # OT001: 1 fatal .. 5 none
    anonymous: np.ndarray
    theme: np.ndarray  # RiskTheme, 1 = staffing
    exported: np.ndarray
    changed: np.ndarray
    new_harm: np.ndarray
    patients: np.ndarray

    @property
    def begin(self) -> date:
        """First day of single incidents; before it their organisations sent figures."""
        return date.fromordinal(int(self.submitted.min())) if len(self.submitted) else date.max


def incidents(
    rng: np.random.Generator,
    organisations: tuple[str, ...],
    days: np.ndarray,
    *,
    reports: np.ndarray,
    harm: np.ndarray,
    staffing: np.ndarray,
    anonymous: np.ndarray,
    delay: np.ndarray,
) -> Incidents:
    """Draw the incidents of some organisations on these days (ordinals).

    Parameters
    ----------
    reports, harm, staffing, anonymous, delay
        Expected reports a day, shares, and mean days to the report; shape (organisations, days).
    """
    number = rng.poisson(reports)
    rows, columns = np.nonzero(number)
    each = number[rows, columns]
    row, column = np.repeat(rows, each), np.repeat(columns, each)
    order = np.argsort(column, kind="stable")
    row, column = row[order], column[order]
    total, at = len(row), (row, column)
    submitted = days[column]
    degree = _degree(rng, rng.random(total) < harm[at])
    changed = np.where(rng.random(total) < REVISED + DELETED, rng.integers(*RECHECKED_WEEKS, total, endpoint=True), 0)
    deleted = rng.random(total) < DELETED / (REVISED + DELETED)
    return Incidents(
        organisations,
        row,
        submitted,
        submitted - rng.geometric(1 / (1 + delay[at])) + 1,
        np.where(rng.random(total) < OTHER_THAN_INCIDENT, rng.integers(2, 4, total, endpoint=True), 1),
        degree,
        rng.random(total) < anonymous[at],
        np.where(rng.random(total) < staffing[at], 1, rng.integers(2, 9, total)),
        (rng.random(total) < LATE).astype(int),
        changed,
        np.where(deleted, 0, np.clip(degree + rng.integers(-1, 1, total, endpoint=True), 2, 5)),
        1 + (rng.random(total) < SECOND_PATIENT),
    )


def _degree(rng: np.random.Generator, harmful: np.ndarray) -> np.ndarray:
    """Draw OT001 from whether harm was moderate or worse (shares of 2011-12: domain.md §3)."""
    grave = rng.choice([1, 2, 3], size=len(harmful), p=[0.05, 0.1, 0.85])
    slight = rng.choice([4, 5], size=len(harmful), p=[0.27, 0.73])
    return np.where(harmful, grave, slight)
