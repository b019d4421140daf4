"""What all current signals of an organisation amount to (pure).

Evidence counts while its figure is fresh: a window that runs from the day on which the figure became
known. It is combined within each family first, since its indicators correlate, then over families. A fall
in reporting is its family's evidence in the two-family test, never in the fused probability.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.catalogue import PATTERNS, Change, Part, Pattern
from monitor.fusion import cauchy, combine
from monitor.model import Assessment, Family, Indicator, Reading, Signal
from monitor.ports import Evidence

CORROBORATES = 0.05
"""A family corroborates where its p is at most this (detection.md §7, case rule)."""
ALONE = 1e-4
"""One family alone needs a p at most this (detection.md §7)."""
AT_ONCE = 8
"""C0: where at least this many organisations, and a twentieth of all, would open at once, it is the nation."""
NEAR = 5.0
"""An organisation within this factor of a case, or with one strong family, is a watch item."""
VOICES: frozenset[str] = frozenset({Family.STAFF_VOICE, Family.PATIENTS})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of an organisation beside its signals that may explain them away."""

    merged_on: date | None = None
    awaited: tuple[str, ...] = ()  # feeds that have not reported though due


def window(per_year: int) -> timedelta:
    """Say how long evidence counts from the day its figure was known (detection.md §7, case rule)."""
    if per_year >= 12:
        return timedelta(days=92)
    return timedelta(days=183) if per_year > 1 else timedelta(days=396)


def current(evidence: Iterable[Evidence], today: date) -> list[Evidence]:
    """Keep the evidence whose figure is still fresh."""
    return [item for item in evidence if item.known <= today <= item.known + window(item.per_year)]


def assess(
    organisation: str,
    evidence: Iterable[Evidence],
    indicators: Mapping[str, Indicator],
    *,
    today: date,
    threshold: float,
    circumstances: Circumstances = Circumstances(),
) -> Assessment:
    """Assess one organisation on one day; `threshold` is the national one, on the fused probability."""
    fresh = [item for item in current(evidence, today) if item.indicator in indicators]
    read = [(item, indicators[item.indicator].reading(worse=True)) for item in fresh]
    families = _families([item for item, reading in read if reading is Reading.WORSENING], indicators)
    p = combine(families) if families else 1.0
    voices = _families([item for item, reading in read if reading in (Reading.WORSENING, Reading.SILENCE)], indicators)
    signals = tuple(sorted(_signals(fresh, indicators), key=lambda signal: (signal.p, signal.indicator, signal.source)))
    because = _because(p, families, voices, threshold)
    present, unassessed = _patterns(signals, fresh, voices)
    against = _against(signals, present, families, fresh, indicators, today, circumstances)
    watch = None if because else _watch(p, families, voices, threshold)
    return Assessment(
        organisation, p, voices, signals, present, unassessed, against, bool(because), because or watch or "", watch
    )


def _families(evidence: Iterable[Evidence], indicators: Mapping[str, Indicator]) -> dict[str, float]:
    """Combine the tails of each family, by the weights of its indicators."""
    tails: dict[str, list[float]] = {}
    weights: dict[str, list[float]] = {}
    for item in evidence:
        tails.setdefault(item.family, []).append(item.worse)
        weights.setdefault(item.family, []).append(indicators[item.indicator].weight)
    return {family: cauchy(ps, weights[family]) for family, ps in sorted(tails.items())}


def _because(p: float, families: Mapping[str, float], voices: Mapping[str, float], threshold: float) -> str:
    """Say in words why a case opens; empty: it does not."""
    agreeing = [family for family, tail in voices.items() if tail <= CORROBORATES]
    if p <= threshold and len(agreeing) >= 2 and VOICES & set(agreeing):
        return f"{_listed(agreeing)} agree, more than the budget of chance allows"
    alone = [family for family, tail in families.items() if tail <= ALONE]
    return f"{alone[0]} alone has changed far more than chance explains" if alone else ""


def _listed(families: Sequence[str]) -> str:
    """Say "A and B", or "A, B and C"."""
    return f"{', '.join(families[:-1])} and {families[-1]}"


def _watch(p: float, families: Mapping[str, float], voices: Mapping[str, float], threshold: float) -> str | None:
    if p <= threshold:
        return "unusual together, but no second family with a voice agrees"
    strong = [family for family, tail in voices.items() if tail <= ALONE * 10]
    if strong:
        return f"{strong[0]} has changed; no other family agrees"
    return "close to a case" if p <= threshold * NEAR and families else None


def _signals(evidence: Iterable[Evidence], indicators: Mapping[str, Indicator]) -> Iterable[Signal]:
    for item in evidence:
        worse = item.worse <= item.better
        p, since = (item.worse, item.worse_since) if worse else (item.better, item.better_since)
        indicator = indicators[item.indicator]
        if p <= CORROBORATES:
            yield Signal(
                item.organisation, item.indicator, item.source, item.family, indicator.reading(worse=worse), p, since,
                item.period, item.known, (indicator.worse > 0) is worse,
            )  # fmt: skip


def _patterns(
    signals: Sequence[Signal], evidence: Sequence[Evidence], families: Mapping[str, float]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the patterns that are present, and those that cannot be assessed for want of an input.

    A concern takes signals of families that agree, a bright spot any; flat is whatever has no signal at all.
    """
    changes = {(signal.indicator, Change.RISES if signal.rises else Change.FALLS) for signal in signals}
    agreeing = {
        (signal.indicator, Change.RISES if signal.rises else Change.FALLS)
        for signal in signals
        if families.get(signal.family, 1.0) <= CORROBORATES
    }
    assessed = {item.indicator for item in evidence}
    flat = {(indicator, Change.FLAT) for indicator in assessed - {indicator for indicator, _ in changes}}
    unassessed = [pattern.key for pattern in PATTERNS if not _assessable(pattern, assessed)]
    present = [
        pattern.key
        for pattern in PATTERNS
        if all(_holds(part, flat | (changes if pattern.bright else agreeing)) for part in pattern.parts)
    ]
    return tuple(present), tuple(unassessed)


def _holds(part: Part, changes: set[tuple[str, Change]]) -> bool:
    return any(asked in changes for asked in part)


def _assessable(pattern: Pattern, assessed: set[str]) -> bool:
    return all(any(indicator in assessed for indicator, _ in part) for part in pattern.parts)


def _against(
    signals: Sequence[Signal],
    patterns: Sequence[str],
    families: Mapping[str, float],
    evidence: Sequence[Evidence],
    indicators: Mapping[str, Indicator],
    today: date,
    circumstances: Circumstances,
) -> tuple[str, ...]:
    """Say what argues against reading the signals as a worsening."""
    reasons = [pattern.said for pattern in PATTERNS if pattern.bright and pattern.key in patterns]
    better = sorted({indicators[signal.indicator].name for signal in signals if signal.reading is Reading.IMPROVING})
    if better:
        reasons.append(f"improving at the same time: {', '.join(better)}")
    quiet = sorted(family for family, p in families.items() if p > 0.5)
    if quiet:
        reasons.append(f"no sign of it in: {', '.join(quiet)}")
    missing = sorted(set(Family) - {item.family for item in evidence})
    if missing:
        reasons.append(f"not heard from: {', '.join(missing)}")
    if circumstances.awaited:
        reasons.append(f"figures outstanding: {', '.join(circumstances.awaited)}")
    if circumstances.merged_on and circumstances.merged_on >= today - timedelta(days=396):
        reasons.append(f"merged on {circumstances.merged_on}, so its past is a sum of several")
    if signals and max(signal.known for signal in signals) < today - timedelta(days=60):
        reasons.append(f"the newest of these figures was known {(today - max(s.known for s in signals)).days} days ago")
    return tuple(reasons)


def guard(assessments: Sequence[Assessment], organisations: int) -> bool:
    """C0: say whether so many would open at once that it is the nation or the method, not the organisations.

    A national shock is reported once, as itself (detection.md §7); at least 8 and a twentieth of all.
    """
    opening = sum(assessment.opens for assessment in assessments)
    return opening >= AT_ONCE and opening * 20 >= organisations
