"""Evidence packs: what a case rests on, frozen as it was known (pure; aggregates only).

A pack holds of a series only what may leave beside everything that has left before, and hands on how that was
(`Showing`): of cases that follow, of signals that come back, and after mergers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from math import isfinite

import numpy as np

from monitor.coarsening import coarsened, latest, shown_as, since
from monitor.model import Case, Exhibit, Indicator, Kind, Organisation, Pack, Point, Reading, Showing, Signal
from monitor.ports import Scores

_KEPT = ("numerator", "denominator", "expected", "low", "high", "z")
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
    earlier: Iterable[Pack] = (),
) -> Pack:
    """Freeze the evidence of a case.

    Parameters
    ----------
    histories
        Scores by (indicator, source), oldest first.
    earlier
        The last pack of each case, this one's too, of the organisation and of its predecessors.
    """
    before = [showing for each in earlier for showing in showings(each, indicators)]
    made = [
        _shown(signal, indicators[signal.indicator], histories[signal.indicator, signal.source], before)
        for signal in case.signals
        if signal.reading is not Reading.UNREAD and histories.get((signal.indicator, signal.source))
    ]
    exhibits = tuple(exhibit for exhibit, _ in made)
    state = blake2b(repr(exhibits).encode(), digest_size=16).hexdigest()
    passed_on = _one_each([*before, *(showing for _, showing in made if showing)])
    return Pack(
        case.id, organisation.code, organisation.name, now, tick, tuple(sorted(models)), state, exhibits, passed_on
    )


def showings(pack: Pack, indicators: Mapping[str, Indicator]) -> tuple[Showing, ...]:
    """Say how the series of a pack and of those before it have left; one frozen before this was kept tells its own."""
    if pack.showings:
        return pack.showings
    return tuple(
        _told(each, indicators[each.signal.indicator])
        for each in pack.exhibits
        if each.points and each.signal.indicator in indicators
    )


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


def _shown(
    signal: Signal, indicator: Indicator, history: Sequence[Scores], before: Sequence[Showing]
) -> tuple[Exhibit, Showing | None]:
    """Give a series as it may leave, and how it does; None: it has no periods."""
    whole = exhibit(signal, indicator, history)
    if not whole.points:
        return whole, None
    earlier = [each for each in before if (each.indicator, each.source) == (signal.indicator, signal.source)]
    showing = shown_as(whole.points, indicator, signal.organisation, signal.source, earlier)
    return replace(whole, points=since(whole.points, showing.after), calendar=showing.calendar), showing


def _told(exhibit: Exhibit, indicator: Indicator) -> Showing:
    signal, (_, name) = exhibit.signal, coarsened(exhibit.points, indicator, exhibit.calendar)
    return Showing(signal.organisation, signal.indicator, signal.source, name, None, exhibit.points[-1].period[1])


def _one_each(told: Sequence[Showing]) -> tuple[Showing, ...]:
    by_series = {(each.organisation, each.indicator, each.source): each for each in sorted(told, key=latest)}
    return tuple(by_series[key] for key in sorted(by_series))


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
    value = {name: float(scores.arrays[name][row]) for name in _KEPT}
    has_base = isfinite(value["denominator"])
    scale = indicator.per if has_base else 1.0
    seen = value["numerator"] / value["denominator"] if has_base else value["numerator"]
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
    return round(value, 6) if isfinite(value) else None
