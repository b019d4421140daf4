"""Evidence packs: what a case rests on, frozen as it was known (pure; aggregates only).

A pack holds of a series only what may leave beside everything that has left before, and hands on how that was
(`Showing`): of cases that follow, of signals that come back, and after mergers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from math import isfinite

import numpy as np

from monitor.casefile import Case, Exhibit, Pack, Point, Showing, Signal
from monitor.coarsening import coarsened, latest, shown_as, since
from monitor.kept import Scores, Sum
from monitor.model import Indicator, Kind, Organisation, Period, Reading

EXPOSED = "exposed"
_KEPT = ("numerator", "denominator", "expected", "low", "high", "z")
READ = frozenset({*_KEPT, "shock", EXPOSED})
"""What a pack reads of a series' scores; a year of them costs less than half of what all arrays do."""
A_YEAR = timedelta(days=365)
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
    first: Mapping[tuple[str, str], Sum] = {},
) -> Pack:
    """Freeze the evidence of a case.

    Parameters
    ----------
    histories
        Scores by (indicator, source), oldest first.
    earlier
        The last pack of each case, this one's too, of the organisation and of its predecessors.
    first
        What the last period of each (indicator, source) held first, where that was something else.
    """
    before = [showing for each in earlier for showing in showings(each, indicators)]
    made = [
        _shown(exhibit(signal, indicators[key[0]], histories[key], first.get(key)), indicators[key[0]], before)
        for signal in case.signals
        for key in [(signal.indicator, signal.source)]
        if signal.reading is not Reading.UNREAD and histories.get(key)
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


def exhibit(signal: Signal, indicator: Indicator, history: Sequence[Scores], first: Sum | None = None) -> Exhibit:
    """Show one signal's series, its peers, and what weakens it; `first`: what its last period held first."""
    rows = _rows(history, signal.organisation)
    recent = list(zip(history, rows, strict=True))[-POINTS:]
    points = tuple(_point(scores, row, indicator) for scores, row in recent if row is not None)
    last, row = recent[-1]
    z = last.arrays["z"]
    others = z[np.isfinite(z) & (np.arange(len(z)) != row)]
    median = float(np.median(others)) if len(others) else None
    return Exhibit(
        signal, points, len(others), median, _shock(last, row, indicator),
        heard=_heard(history), first=(first.numerator, first.denominator) if first and first.words else None,
        exposed=_exposed(history, row), is_young=_is_young(history, rows, signal),
    )  # fmt: skip


def _rows(history: Sequence[Scores], organisation: str) -> list[int | None]:
    """Give the organisation's row in each period; None: it has none. Most periods list the same organisations."""
    lists = {scores.organisations for scores in history}
    row = {codes: codes.index(organisation) if organisation in codes else None for codes in lists}
    return [row[scores.organisations] for scores in history]


def _heard(history: Sequence[Scores]) -> float | None:
    """Give the share of the peers with any figure that have one in the last period; None: nobody has any."""
    listed: dict[tuple[str, ...], list[np.ndarray]] = {}
    for scores in history:  # most periods list the same organisations
        listed.setdefault(scores.organisations, []).append(scores.arrays["numerator"])
    spoke = {
        code
        for codes, numerators in listed.items()
        for code, has in zip(codes, np.isfinite(np.array(numerators)).any(axis=0).tolist(), strict=True)
        if has
    }
    heard = int(np.isfinite(history[-1].arrays["numerator"]).sum())
    return round(heard / len(spoke), 2) if spoke else None


def _exposed(history: Sequence[Scores], row: int | None) -> Period | None:
    """Give the period whose exposure counts in the last one, or the oldest here; None: it is no count, or has none."""
    last = history[-1]
    if EXPOSED not in last.arrays or row is None:
        return None
    number = float(last.arrays[EXPOSED][row])
    if not isfinite(number):
        return None
    return next((scores.period for scores in reversed(history) if scores.number == number), history[0].period)


def _is_young(history: Sequence[Scores], rows: Sequence[int | None], signal: Signal) -> bool:
    """Say whether a series has been scored for less than a year; `history` goes back at least as far."""
    each = zip(history, rows, strict=True)
    scored = (one.period[0] for one, row in each if row is not None and isfinite(one.arrays["z"][row]))
    first = next(scored, None)
    return first is None or first > signal.period[1] - A_YEAR


def _shown(whole: Exhibit, indicator: Indicator, before: Sequence[Showing]) -> tuple[Exhibit, Showing | None]:
    """Give a series as it may leave, and how it does; None: it has no periods."""
    if not whole.points:
        return whole, None
    signal = whole.signal
    earlier = [each for each in before if (each.indicator, each.source) == (signal.indicator, signal.source)]
    showing = shown_as(whole.points, indicator, signal.organisation, signal.source, earlier)
    return replace(whole, points=since(whole.points, showing.after), calendar=showing.calendar), showing


def _told(exhibit: Exhibit, indicator: Indicator) -> Showing:
    signal, (_, name) = exhibit.signal, coarsened(exhibit.points, indicator, exhibit.calendar)
    return Showing(signal.organisation, signal.indicator, signal.source, name, None, exhibit.points[-1].period[1])


def _one_each(told: Sequence[Showing]) -> tuple[Showing, ...]:
    by_series = {(each.organisation, each.indicator, each.source): each for each in sorted(told, key=latest)}
    return tuple(by_series[key] for key in sorted(by_series))


def _shock(scores: Scores, row: int | None, indicator: Indicator) -> float | None:
    """Give the factor by which what peers share moved what was expected here; None of scores and shares."""
    if indicator.kind not in (Kind.COUNT, Kind.RATE) or row is None:
        return None
    shock = float(scores.arrays["shock"][row])
    return round(float(np.exp(shock)), 4) if np.isfinite(shock) else None


def _point(scores: Scores, row: int, indicator: Indicator) -> Point:
    numerator, denominator, expected, low, high, z = (scores.arrays[name].item(row) for name in _KEPT)
    has_base = isfinite(denominator)
    scale = indicator.per if has_base else 1.0
    seen = numerator / denominator if has_base else numerator
    return Point(
        scores.period,
        _or_none(numerator),
        _or_none(denominator),
        _or_none(seen * scale),
        _or_none(expected * scale),
        _or_none(low * scale),
        _or_none(high * scale),
        _or_none(z),
    )


def _or_none(value: float) -> float | None:
    return round(value, 6) if isfinite(value) else None
