"""What all current signals of an organisation amount to (pure).

Evidence counts while its figure is fresh: a window that runs from the day on which the figure became
known. It is combined within each family first, since its indicators correlate, then over families. A fall
in reporting is its family's evidence in the two-family test, never in the fused probability.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from math import inf
from typing import NamedTuple

from monitor.against import NONE_KNOWN, Circumstances, against
from monitor.casefile import Assessment, Signal, WatchKind
from monitor.evidence import Evidence
from monitor.fusion import cauchy, combine, share_of_evidence
from monitor.model import Family, Indicator, Reading
from monitor.patterns import BY_KEY, Change, present, unassessed

CORROBORATES = 0.05
"""A family corroborates where its p is at most this (detection.md §7, case rule)."""
ALONE = 1e-4
"""One family alone needs a p at most this, inside the same budget; no receiver's own number holds a case of a p
as small back (detection.md §7)."""
REST_WEEKS = 13
"""After a case has closed, the organisation's next one starts no sooner (detection.md §3, family K)."""
NEVER_ALONE: frozenset[str] = frozenset({Family.WORKFORCE})
"""Sickness hardly told which trusts would fail (AUC .47): it supports others, and opens nothing (domain.md §0, §2)."""
AT_ONCE = 8
"""C0: where at least this many organisations, and a twentieth of all, would open at once, it is the nation."""
NEAR = 5.0
"""An organisation within this factor of a case, or with one strong family, is a watch item."""
VOICES: frozenset[str] = frozenset({Family.STAFF_VOICE, Family.PATIENTS})
SURVEYS_RUNNING = 2
"""Among the worst tenth of its peers in so many surveys running, an organisation is long low (detection.md §7)."""
LONG_LOW = "answers in the staff survey have been low beside its peers in two surveys running"
CONCERNS = (Reading.WORSENING, Reading.SILENCE)


_OFTEN, _SELDOM, _YEARLY = timedelta(days=92), timedelta(days=183), timedelta(days=396)


def window(per_year: int) -> timedelta:
    """Say how long evidence counts from the day its figure was known (detection.md §7, case rule)."""
    if per_year >= 12:
        return _OFTEN
    return _SELDOM if per_year > 1 else _YEARLY


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
    circumstances: Circumstances = NONE_KNOWN,
) -> Assessment:
    """Assess one organisation on one day; `threshold` is the national one, on the fused probability."""
    fresh = [item for item in current(evidence, today) if item.indicator in indicators]
    weighed = _weighed(fresh, indicators, threshold)
    signals = tuple(sorted(_signals(fresh, indicators), key=lambda signal: (signal.p, signal.indicator, signal.source)))
    patterns, missing = _patterns(signals, fresh, weighed.voices)
    watch, kind = (None, None) if weighed.because else _watch(weighed, threshold, patterns, signals, fresh)
    return Assessment(
        organisation=organisation,
        p=weighed.p,
        families=weighed.voices,
        signals=signals,
        patterns=patterns,
        unassessed=missing,
        against=against(
            signals, fresh, patterns=patterns, families=weighed.voices, indicators=indicators, today=today,
            circumstances=circumstances,
        ),
        opens=bool(weighed.because),
        because=weighed.because or watch or "",
        watch=watch,
        watch_kind=kind,
        shares=share_of_evidence(weighed.families),
    )  # fmt: skip


def opens(
    evidence: Sequence[Evidence], indicators: Mapping[str, Indicator], *, today: date, threshold: float
) -> bool:  # fmt: skip
    """Say whether `assess` would open a case: all that need be known of most organisations on most days."""
    if not _may_open(evidence):  # so of most, whatever of it is fresh
        return False
    fresh = [item for item in current(evidence, today) if item.indicator in indicators]
    return _may_open(fresh) and bool(_weighed(fresh, indicators, threshold).because)


def opens_from(evidence: Iterable[Evidence], indicators: Mapping[str, Indicator], *, today: date) -> float | None:
    """Give the national threshold from which on a case would open; infinite: at none.

    None: fewer than two families are heard, so that the rule could hardly be met by anything.
    """
    fresh = [item for item in current(evidence, today) if item.indicator in indicators]
    if len({item.family for item in fresh}) < 2:
        return None
    weighed = _weighed(fresh, indicators, 1.0) if _may_open(fresh) else None
    return weighed.p if weighed and weighed.because else inf


def _may_open(evidence: Sequence[Evidence]) -> bool:
    """Say whether a case is possible at all: a family's tail is never less than the least that it is combined of."""
    strong = [item for item in evidence if item.worse <= CORROBORATES or item.latched or item.long_low]
    return len({item.family for item in strong}) >= 2 or any(item.worse <= ALONE for item in strong)


class _Weighed(NamedTuple):
    families: dict[str, float]  # p of worsening by family
    voices: dict[str, float]  # p of worsening or silence by family, and what still holds
    p: float
    because: str  # in words, why a case opens; empty: it does not


def _weighed(fresh: Sequence[Evidence], indicators: Mapping[str, Indicator], threshold: float) -> _Weighed:
    read = [(item, indicators[item.indicator].reading(worse=True)) for item in fresh]
    families = _families([item for item, reading in read if reading is Reading.WORSENING], indicators)
    p = combine(families.values())
    concerning = [item for item, reading in read if reading in CONCERNS]
    voices = _standing(_families(concerning, indicators), concerning, is_low=_is_long_low(fresh))
    return _Weighed(families, voices, p, _because(p, families, voices, threshold))


def _families(evidence: Iterable[Evidence], indicators: Mapping[str, Indicator]) -> dict[str, float]:
    """Combine the tails of each family, by the weights of its indicators."""
    tails: dict[str, list[float]] = {}
    weights: dict[str, list[float]] = {}
    for item in evidence:
        tails.setdefault(item.family, []).append(item.worse)
        weights.setdefault(item.family, []).append(indicators[item.indicator].weight)
    return {family: cauchy(ps, weights[family]) for family, ps in sorted(tails.items())}


def _standing(families: Mapping[str, float], evidence: Iterable[Evidence], *, is_low: bool) -> dict[str, float]:
    """Let what still holds corroborate, though nothing new speaks: a latched change, and a survey that is long low."""
    holding = {item.family for item in evidence if item.latched} | ({Family.STAFF_VOICE} if is_low else set())
    return {
        family: min(families.get(family, 1.0), CORROBORATES if family in holding else 1.0)
        for family in sorted({*families, *holding})
    }


def _is_long_low(evidence: Iterable[Evidence]) -> bool:
    """Say whether at least half of what the survey asks has been low for long; its items are one voice."""
    runs = [item.long_low for item in evidence if item.long_low is not None]
    return 0 < len(runs) <= 2 * sum(run >= SURVEYS_RUNNING for run in runs)


def agreeing(families: Mapping[str, float]) -> tuple[Family, ...]:
    """Name the families that corroborate, in the order of their names."""
    return tuple(Family(family) for family in sorted(families) if families[family] <= CORROBORATES)


def _because(p: float, families: Mapping[str, float], voices: Mapping[str, float], threshold: float) -> str:
    """Say in words why a case opens; empty: it does not."""
    if p > threshold:
        return ""
    together = agreeing(voices)
    if len(together) >= 2 and VOICES & set(together):
        return f"{listed(together)} agree, more than the budget of chance allows"
    alone = [family for family, tail in families.items() if tail <= ALONE and family not in NEVER_ALONE]
    return f"a change in {alone[0]} alone, far more than chance explains" if alone else ""


def listed(families: Sequence[str]) -> str:
    """Say "A", "A and B", or "A, B and C"."""
    *others, last = families
    return f"{', '.join(others)} and {last}" if others else last


def _watch(
    weighed: _Weighed,
    threshold: float,
    patterns: Sequence[str],
    signals: Sequence[Signal],
    evidence: Sequence[Evidence],
) -> tuple[str | None, WatchKind | None]:
    """Say in words why somebody is worth a look without a case, and of which kind that is."""
    near = _near(weighed, threshold)
    bright = next((BY_KEY[key].said for key in patterns if BY_KEY[key].bright), None)
    if bright and not near and not any(signal.reading in CONCERNS for signal in signals):
        return bright, WatchKind.BRIGHT_SPOT
    if near:
        return near, WatchKind.NEAR
    return (LONG_LOW, WatchKind.LONG_LOW) if _is_long_low(evidence) else (None, None)


def _near(weighed: _Weighed, threshold: float) -> str | None:
    if weighed.p <= threshold:
        return "unusual together, but no second family with a voice agrees"
    strong = [family for family, tail in weighed.voices.items() if tail <= ALONE * 10]
    together = agreeing(weighed.voices)
    if strong and len(together) >= 2:
        return f"{listed(together)} agree, though together they say no more than chance allows"
    if strong:
        return f"a change in {strong[0]}; no other family agrees"
    return "close to a case" if weighed.p <= threshold * NEAR and weighed.families else None


def _signals(evidence: Iterable[Evidence], indicators: Mapping[str, Indicator]) -> Iterable[Signal]:
    """Give what counts now, either way; a change that still holds is told as itself, from when it was plain."""
    for item in evidence:
        worse = item.latched or item.worse <= item.better
        p, since = (item.worse, item.worse_since) if worse else (item.better, item.better_since)
        if item.latched and item.latched_since:
            since = min(since, item.latched_since)
        indicator = indicators[item.indicator]
        if p <= CORROBORATES or item.latched:
            yield Signal(
                item.organisation, item.indicator, item.source, item.family, indicator.reading(worse=worse), p, since,
                item.period, item.known, (indicator.worse > 0) is worse, item.latched, item.latched_since,
            )  # fmt: skip


def _patterns(
    signals: Sequence[Signal], evidence: Sequence[Evidence], families: Mapping[str, float]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the patterns that are present, and those that cannot be assessed for want of an input."""
    changes = {(signal.indicator, Change.RISES if signal.rises else Change.FALLS): signal.family for signal in signals}
    strong = agreeing(families)
    agreed = {change for change, family in changes.items() if family in strong}
    assessed = {item.indicator for item in evidence}
    return present(changes.keys(), agreed, assessed), unassessed(assessed)


def guard(opening: int, organisations: int) -> bool:
    """C0: say whether so many open at once that it is the nation or the method, not the organisations.

    A national shock is reported once, as itself (detection.md §7); at least 8 and a twentieth of all.
    """
    return opening >= AT_ONCE and opening * 20 >= organisations
