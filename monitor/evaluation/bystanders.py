"""What else stands in the official sickness files: bodies that are no trusts, figures not shown, codes nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import numpy as np

from monitor.calendars import calendar
from monitor.evaluation.layouts import sickness_line
from monitor.evaluation.nation import Nation
from monitor.model import Period

NOWHERE = "QZZ", "Special Health Authorities and other statutory bodies"
OUT_OF_SCOPE = (
    ("QA1", "NHS Northern Vale Integrated Care Board", "Integrated Care Board", 11_000.0),
    ("QA2", "NHS Southern Vale Integrated Care Board", "Integrated Care Board", 9_000.0),
    ("QA3", "NHS Western Vale Integrated Care Board", "Integrated Care Board", 14_000.0),
    ("0AZ", "NHS Vales Commissioning Support Unit", "Commissioning Support Unit", 53_000.0),
    ("T1450", "National Body of the Vales", "Others", 30_000.0),
)
"""A fifth of the real rows are of such bodies (672 of 3,394 in 2024-25); code, name, type and FTE days a month."""
RATE = 0.032
"""Their rate of sickness, about that of the real ones."""
HIDDEN_SHARE = 0.1
"""Share of months that the smallest trust is not shown in, under one of two marks."""
MARKS = ".", "*"
UNREAD_MONTHS = 3
"""Of the last published months, so many name a part of a trust by a code of its own (RYK-X in the real workbook)."""
NEW_TYPE = ("GVA1", "Vales Provider Collaborative", "Provider Collaborative", 8_000.0)
"""A body of a type that nobody has seen, from the last half-year on: no reader can say whose figures these are."""
NEW_TYPE_FOR = timedelta(days=300)


def bystander_rows(nation: Nation, period: Period) -> Iterator[str]:
    """Give the rows of a month that are about nobody who is watched."""
    rng = np.random.default_rng([nation.seed, 4, period[0].toordinal()])
    bodies = [*OUT_OF_SCOPE, *([NEW_TYPE] if period[0] >= nation.live_until - NEW_TYPE_FOR else [])]
    for code, name, kind, days in bodies:
        yield _row(rng, period, code, name, kind, days)
    if period in _unread(nation):
        part = nation.trusts.organisations[0]
        yield _row(rng, period, f"{part.code}-X", f"{part.name} (hosted)", "Acute", 4_000.0)


def _row(rng: np.random.Generator, period: Period, code: str, name: str, kind: str, days: float) -> str:
    lost = days * RATE * float(np.exp(0.1 * rng.standard_normal()))
    figures = f"{lost:.5f}", f"{days:.5f}", f"{100 * lost / days:.2f}"
    return sickness_line(period, (*NOWHERE, *NOWHERE, code, name, kind), figures)


def _unread(nation: Nation) -> list[Period]:
    months = nation.series["sickness_rate"].periods
    published = [month for month in months if month[1] < nation.live_until - timedelta(days=150)]
    return list(published[-UNREAD_MONTHS:])


def hidden_months(nation: Nation) -> Mapping[tuple[str, Period], str]:
    """Choose in which months the smallest trust to which nothing was done is not shown, and by which mark."""
    rng = np.random.default_rng([nation.seed, 5])
    changed = {change.organisation for change in (*nation.planted, *nation.bright)}
    busy = changed | {one.organisation for one in nation.befell} | nation.trusts.merged()
    smallest = min((size, code) for size, code in zip(nation.trusts.sizes, nation.trusts.units, strict=True)
                   if code not in busy)[1]  # fmt: skip
    months = calendar("monthly")
    return {
        (smallest, period): MARKS[months.number(period[0]) % len(MARKS)]
        for period in nation.series["sickness_rate"].periods
        if rng.random() < HIDDEN_SHARE
    }
