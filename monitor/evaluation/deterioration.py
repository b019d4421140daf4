"""What is planted in the nation: who gets worse (or better), in what, from when, how far and how fast.

Only the scorer reads this; the service sees the figures that come of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

UP, DOWN = 1, -1
Effects = tuple[tuple[str, int], ...]

PATTERNS: dict[str, Effects] = {
    "C1": (
        ("low_harm_reports", DOWN), ("new_complaints", UP), ("negative_feedback_share", UP),
        ("stress_sickness_rate", UP),
    ),
    "C4": (
        ("stress_sickness_rate", UP), ("sickness_rate", UP), ("staffing_risk_share", UP),
        ("motivation_score", DOWN), ("engagement_score", DOWN), ("burnout_share", UP), ("stress_share", UP),
    ),
    "C6": (
        ("conduct_complaints_share", UP), ("new_complaints", UP), ("staff_manner_negative_share", UP),
        ("negative_feedback_share", UP), ("advocacy_score", DOWN),
    ),
    "sickness only": (("sickness_rate", UP), ("stress_sickness_rate", UP)),
    "complaints only": (("new_complaints", UP),),
    "staff voice only": (("engagement_score", DOWN), ("motivation_score", DOWN), ("pulse_response_rate", DOWN)),
}  # fmt: skip
"""Which indicators move, and which way (domain.md §4); the last three are one family alone."""
BRIGHT: Effects = (
    ("low_harm_reports", UP), ("stress_sickness_rate", DOWN), ("new_complaints", DOWN), ("engagement_score", UP),
    ("motivation_score", UP), ("enough_staff_share", UP),
)  # fmt: skip
"""C10: reports and engagement rise while complaints and stress fall."""

MIX = (
    "C1",
    "C4",
    "C6",
    "C4",
    "C1",
    "sickness only",
    "C4",
    "C1",
    "C6",
    "complaints only",
    "C1",
    "C4",
    "staff voice only",
)
"""Planted in turn: most are patterns of several families, about a quarter one family alone."""
SIZES = (0.25, 0.4, 0.3, 0.2, 0.1, 0.4, 0.15, 0.3)
"""Relative effects in turn, +10..40 % (detection.md §3); 10 % is below what anything finds."""
SCORE_POINTS = 1.5
"""An effect of 1 is a fall of this many points of a score of 10 (detection.md §3)."""
SHARE_PLANTED, SHARE_BRIGHT = 24 / 220, 3 / 220
FOLLOW_UP = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Deterioration:
    """One planted change. `ramp` is the time until it is whole, zero for a step; it stays, or ends at `until`."""

    organisation: str
    pattern: str
    onset: date
    effect: float
    ramp: timedelta
    moves: Effects
    until: date | None = None

    @property
    def shape(self) -> str:
        """Give `step` or `ramp`."""
        return "ramp" if self.ramp else "step"

    def direction(self, indicator: str) -> int:
        """Give +1 or -1 as the indicator rises or falls, 0 where it does not move."""
        return dict(self.moves).get(indicator, 0)


def plant(
    rng: np.random.Generator, codes: Sequence[str], *, live_from: date, live_until: date
) -> tuple[tuple[Deterioration, ...], tuple[Deterioration, ...]]:
    """Choose who deteriorates, and who is a bright spot: one at least, where there are enough organisations.

    Onsets leave a year of follow-up where the live window is long enough; every eighth has less.
    """
    count = round(len(codes) * SHARE_PLANTED)
    spots = max(round(len(codes) * SHARE_BRIGHT), 1) if count else 0
    chosen = [codes[place] for place in rng.permutation(len(codes))[: count + spots]]
    onsets = _onsets(rng, live_from, live_until, count + spots)
    planted = tuple(_deterioration(rng, nth, code, onsets[nth]) for nth, code in enumerate(chosen[:count]))
    bright = tuple(
        Deterioration(code, "C10", onset, 0.3, timedelta(0), BRIGHT)
        for code, onset in zip(chosen[count:], onsets[count:], strict=True)
    )
    return planted, bright


def _onsets(rng: np.random.Generator, live_from: date, live_until: date, count: int) -> list[date]:
    first = live_from + timedelta(days=30)
    followed = max(live_until - FOLLOW_UP, first + timedelta(days=60))
    late = live_until - FOLLOW_UP / 2
    windows = [
        (followed, max(late, followed + timedelta(days=30))) if nth % 8 == 7 else (first, followed)
        for nth in range(count)
    ]
    return [start + timedelta(days=int(rng.integers((end - start).days))) for start, end in windows]


def _deterioration(rng: np.random.Generator, nth: int, code: str, onset: date) -> Deterioration:
    pattern = MIX[nth % len(MIX)]
    ramp = timedelta(weeks=int(rng.integers(13, 53))) if nth % 2 else timedelta(0)
    return Deterioration(code, pattern, onset, SIZES[nth % len(SIZES)], ramp, PATTERNS[pattern])


def reached(change: Deterioration, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Give the mean share of the whole change within each period [start, end), days as ordinals."""
    risen = _risen(change, change.onset, starts, ends)
    return risen if change.until is None else risen - _risen(change, change.until, starts, ends)


def _risen(change: Deterioration, onset: date, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    first, ramp = onset.toordinal(), max(change.ramp.days, 1)
    return np.asarray((_area(ends - first, ramp) - _area(starts - first, ramp)) / (ends - starts))


def _area(days: np.ndarray, ramp: int) -> np.ndarray:
    """Integrate a ramp from 0 to 1 over `ramp` days, from its onset until `days` later."""
    risen = np.clip(days, 0, ramp)
    return np.asarray(risen**2 / (2 * ramp) + np.maximum(days - ramp, 0))


def log_shift(change: Deterioration, indicator: str) -> float:
    """Give the whole change of a rate on the log scale: log(1 ± effect)."""
    return float(np.log1p(change.direction(indicator) * change.effect))


def score_shift(change: Deterioration, indicator: str) -> float:
    """Give the whole change of a score of 10, in points."""
    return change.direction(indicator) * SCORE_POINTS * change.effect
