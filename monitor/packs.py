"""Evidence packs: what a case rests on, frozen as it was known (pure; aggregates only)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

import numpy as np

from monitor.model import Case, Exhibit, Indicator, Kind, Organisation, Pack, Point, Reading, Signal
from monitor.ports import Scores

POINTS = 36
"""Settled periods shown of each series: three years of months, as run charts are read (domain.md §7)."""


def pack(
    case: Case,
    organisation: Organisation,
    histories: Mapping[tuple[str, str], Sequence[Scores]],
    indicators: Mapping[str, Indicator],
    *,
    now: datetime,
    tick: str,
    models: Iterable[str],
) -> Pack:
    """Freeze the evidence of a case; `histories` holds scores by (indicator, source), oldest first."""
    exhibits = tuple(
        exhibit(signal, indicators[signal.indicator], histories[signal.indicator, signal.source])
        for signal in case.signals
        if signal.reading is not Reading.UNREAD and histories.get((signal.indicator, signal.source))
    )
    state = blake2b(repr(exhibits).encode(), digest_size=16).hexdigest()
    return Pack(case.id, organisation.code, organisation.name, now, tick, tuple(sorted(models)), state, exhibits)


def exhibit(signal: Signal, indicator: Indicator, history: Sequence[Scores]) -> Exhibit:
    """Show one signal's series and its peers."""
    points = tuple(
        point for scores in history[-POINTS:] if (point := _point(scores, signal.organisation, indicator)) is not None
    )
    last = history[-1]
    z = last.arrays["z"]
    others = z[np.isfinite(z) & (np.array(last.organisations) != signal.organisation)]
    median = float(np.median(others)) if len(others) else None
    return Exhibit(signal, points, len(others), median, _shock(last, signal.organisation, indicator))


def _shock(scores: Scores, organisation: str, indicator: Indicator) -> float | None:
    """Give the factor that peers shared; None where the model adds on another scale than the logarithm."""
    if indicator.kind not in (Kind.COUNT, Kind.RATE) or organisation not in scores.organisations:
        return None
    shock = float(scores.arrays["shock"][scores.organisations.index(organisation)])
    return round(float(np.exp(shock)), 4) if np.isfinite(shock) else None


def _point(scores: Scores, organisation: str, indicator: Indicator) -> Point | None:
    if organisation not in scores.organisations:
        return None
    row = scores.organisations.index(organisation)
    value = {name: float(array[row]) for name, array in scores.arrays.items()}
    scale = indicator.per if np.isfinite(value["denominator"]) else 1.0
    seen = value["numerator"] / value["denominator"] if np.isfinite(value["denominator"]) else value["numerator"]
    expected, low, high = (_or_none(value[name] * scale) for name in ("expected", "low", "high"))
    return Point(
        scores.period,
        _or_none(value["numerator"]),
        _or_none(value["denominator"]),
        _or_none(seen * scale),
        expected,
        low,
        high,
        _or_none(value["z"]),
    )


def _or_none(value: float) -> float | None:
    return round(value, 6) if np.isfinite(value) else None
