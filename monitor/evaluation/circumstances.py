"""What befalls organisations that is no deterioration: shifts, campaigns, breaks of recording, lumps, gaps.

A detector that is to be believed must not take them for one (detection.md §6); a case on them is false, and the
scorecard names them beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from monitor.evaluation.deterioration import DOWN, UP, Deterioration, Effects


class Kind(StrEnum):
    """What can befall an organisation."""

    SHIFT = "shift"  # another service, another building: a new level that stays
    CAMPAIGN = "campaign"  # staff are asked to report, and do for months
    BREAK = "recording break"  # what is counted is defined anew
    CHRONIC = "chronic"  # poor in every survey, before the first one that is seen
    DELAYS = "delays"  # reports are written, and figures sent, later than they were
    BATCHES = "batches"  # incidents are uploaded a month at a time
    TWO_FEEDS = "two feeds"  # sends nothing but sickness and complaints


SHARES = {
    Kind.SHIFT: 0.05,  # of controls (detection.md §6)
    Kind.CAMPAIGN: 3 / 220,
    Kind.BREAK: 1 / 220,
    Kind.CHRONIC: 4 / 220,
    Kind.DELAYS: 3 / 220,
    Kind.BATCHES: 4 / 220,
    Kind.TWO_FEEDS: 3 / 220,
}
FEWEST_FOR_ALL = 18
"""Controls from which each kind is there at least once."""
SHIFTS: tuple[Effects, ...] = (
    (("sickness_rate", UP), ("stress_sickness_rate", UP)),
    (("new_complaints", UP),),
    (("low_harm_reports", DOWN),),
    (("negative_feedback_share", UP), ("staff_manner_negative_share", UP)),
    (("new_complaints", DOWN),),
    (("sickness_rate", DOWN), ("stress_sickness_rate", DOWN)),
)
"""In turn, each within one family, to the worse and to the better."""
SIZES = {Kind.SHIFT: 0.25, Kind.CAMPAIGN: 0.5, Kind.BREAK: 0.5, Kind.CHRONIC: 0.35, Kind.DELAYS: 0.8}
"""Relative; on scores an effect of .35 is about two spreads between organisations."""
MOVES: dict[Kind, Effects] = {
    Kind.CAMPAIGN: (("low_harm_reports", UP), ("harm_share", DOWN)),
    Kind.BREAK: (("stress_sickness_rate", UP),),
    Kind.CHRONIC: (
        ("engagement_score", DOWN), ("motivation_score", DOWN), ("involvement_score", DOWN), ("advocacy_score", DOWN),
        ("burnout_share", UP), ("stress_share", UP), ("manager_bullying_share", UP), ("enough_staff_share", DOWN),
    ),
    Kind.DELAYS: (("report_delay", UP),),
}  # fmt: skip
CAMPAIGN_MONTHS = 4, 8
ALWAYS = frozenset({Kind.CHRONIC, Kind.BATCHES, Kind.TWO_FEEDS})


@dataclass(frozen=True, slots=True)
class Circumstance:
    """What befell one organisation, from when until when; `until` None: to the end."""

    organisation: str
    kind: Kind
    since: date
    until: date | None = None
    effect: float = 0.0
    moves: Effects = ()

    def change(self) -> Deterioration:
        """Give what it does to the figures, in the terms of what is planted."""
        return Deterioration(
            self.organisation, self.kind.value, self.since, self.effect, timedelta(0), self.moves, self.until
        )


def befallen(
    rng: np.random.Generator, controls: Sequence[str], *, begin: date, live_from: date, live_until: date
) -> tuple[Circumstance, ...]:
    """Choose what befalls whom among those to whom nothing is planted; nobody is met by two things.

    Parameters
    ----------
    begin
        First day of the nation: what was always so began then. Everything else begins in the live window.
    """
    order = [controls[place] for place in rng.permutation(len(controls))]
    kinds = [kind for kind, share in SHARES.items() for _ in range(_count(share, len(controls)))]
    days = (live_until - live_from).days
    starts = [live_from + timedelta(days=int(rng.integers(days // 6, days * 3 // 4))) for _ in kinds]
    return tuple(
        _made(rng, nth, code, kind, begin if kind in ALWAYS else start)
        for nth, (code, kind, start) in enumerate(zip(order, kinds, starts, strict=False))
    )


def _count(share: float, controls: int) -> int:
    return max(round(share * controls), int(controls >= FEWEST_FOR_ALL))


def _made(rng: np.random.Generator, nth: int, code: str, kind: Kind, since: date) -> Circumstance:
    until = None
    if kind is Kind.CAMPAIGN:
        until = since + timedelta(days=30 * int(rng.integers(*CAMPAIGN_MONTHS, endpoint=True)))
    moves = SHIFTS[nth % len(SHIFTS)] if kind is Kind.SHIFT else MOVES.get(kind, ())
    return Circumstance(code, kind, since, until, SIZES.get(kind, 0.0), moves)
