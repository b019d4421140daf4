"""What argues against reading an organisation's signals as a worsening (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.casefile import Signal
from monitor.evidence import Evidence
from monitor.model import Family, Indicator, Kind, Reading
from monitor.patterns import BY_KEY

MERGED_LATELY = timedelta(days=396)
STALE = timedelta(days=60)
SHARPLY = 0.01
"""Tail of a rise in reports from which on it may be a campaign that raises counts."""
REPORTS = "low_harm_reports"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of an organisation beside its signals that may explain them away."""

    merged_on: date | None = None
    awaited: tuple[str, ...] = ()  # feeds that have not reported though due


NONE_KNOWN = Circumstances()


def against(
    signals: Sequence[Signal],
    evidence: Sequence[Evidence],
    *,
    patterns: Sequence[str],
    families: Mapping[str, float],
    indicators: Mapping[str, Indicator],
    today: date,
    circumstances: Circumstances,
) -> tuple[str, ...]:
    """Say what argues against reading the signals as a worsening."""
    reasons = [BY_KEY[key].said for key in patterns if BY_KEY[key].bright]
    better = sorted({indicators[signal.indicator].name for signal in signals if signal.reading is Reading.IMPROVING})
    if better:
        reasons.append(f"improving at the same time: {', '.join(better)}")
    quiet = sorted(family for family, p in families.items() if p > 0.5)
    if quiet:
        reasons.append(f"no sign of it in: {', '.join(quiet)}")
    missing = sorted(set(Family) - {item.family for item in evidence})
    if missing:
        reasons.append(f"not heard from: {', '.join(missing)}")
    doubted = sorted({indicators[item.indicator].name for item in evidence if item.doubted})
    if doubted:
        reasons.append(f"not believed, so no evidence: {', '.join(doubted)}")
    if circumstances.awaited:
        reasons.append(f"figures outstanding: {', '.join(circumstances.awaited)}")
    if circumstances.merged_on and circumstances.merged_on >= today - MERGED_LATELY:
        reasons.append(f"merged on {circumstances.merged_on}, so its past is a sum of several")
    if _may_be_a_campaign(signals, indicators):
        reasons.append(
            "more incidents are reported and nothing but counts has risen: a reporting campaign raises counts"
        )
    if signals and max(signal.known for signal in signals) < today - STALE:
        reasons.append(f"the newest of these figures was known {(today - max(s.known for s in signals)).days} days ago")
    return tuple(reasons)


def _may_be_a_campaign(signals: Sequence[Signal], indicators: Mapping[str, Indicator]) -> bool:
    """Say whether reports rise sharply while no share, rate or score turns worse."""
    rises = any(signal.indicator == REPORTS and signal.rises and signal.p <= SHARPLY for signal in signals)
    worse = [indicators[signal.indicator] for signal in signals if signal.reading is Reading.WORSENING]
    return rises and all(indicator.kind is Kind.COUNT for indicator in worse)
