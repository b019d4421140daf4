"""When figures arrive: publication lags, who is late, and which file a row belongs in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from monitor.model import Period

LAGS = {
    ("incident_reports", "weekly"): 4,
    ("incident_reports", "events"): 4,
    ("incident_reports", "monthly"): 5,
    ("incident_reports", "harm"): 48,  # dated by the event: complete after 45 days
    ("staff_sickness", "monthly"): 18,
    ("staff_sickness", "sickness"): 117,
    ("complaints", "monthly"): 5,
    ("complaints", "ko41a"): 200,
    ("survey_pulses", "pulse"): 18,
    ("survey_pulses", "survey"): 105,
    ("patient_feedback", "monthly"): 5,
}
"""Days from a period's end to its publication (domain.md §1, §3; detection.md §3, family K)."""
LATE_SHARE = {"weekly": 0.1, "monthly": 0.25, "harm": 0.25}
"""Chance that one organisation's figures of a period come in a file of their own, later."""
LATE_DAYS = (10, 40)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file and when it arrives. `published` None: it states no date (a first load of the past).

    `path` lies in the output folder as FEED/SOURCE/NAME; `kind` is history, period, late, revised or copy;
    `through` is the last day that its figures or events are about.
    """

    path: str
    feed: str
    source: str
    arrives: date
    published: date | None
    through: date
    kind: str
    rows: int


@dataclass(frozen=True, slots=True)
class Slot:
    """One file that is to be written: what its arrival says of it, but for its rows."""

    feed: str
    source: str
    name: str
    arrives: date
    published: date | None
    kind: str

    @property
    def path(self) -> str:
        """Give the file's place in the output folder."""
        return f"{self.feed}/{self.source}/{self.name}.csv"


def arrives(feed: str, layout: str, period: Period) -> date:
    """Give the day on which a period is published in a layout."""
    return period[1] + timedelta(days=LAGS[feed, layout])


@cache
def slot(feed: str, source: str, layout: str, day: date, *, live_from: date, late: str = "") -> Slot:
    """Give the file for what arrives on a day; all that came before the live window is one first load."""
    if day < live_from:
        return Slot(feed, source, f"history_{layout}", live_from, None, "history")
    if late:
        return Slot(feed, source, f"{day}_{layout}_late_{late}", day, day, "late")
    return Slot(feed, source, f"{day}_{layout}", day, day, "period")


def tardy(
    rng: np.random.Generator, layout: str, periods: Sequence[Period], codes: Sequence[str]
) -> dict[tuple[str, Period], timedelta]:
    """Choose who is late with which period, and by how much."""
    chosen = [period for period in periods if rng.random() < LATE_SHARE.get(layout, 0.0)]
    return {
        (codes[int(rng.integers(len(codes)))], period): timedelta(days=int(rng.integers(*LATE_DAYS)))
        for period in chosen
    }
