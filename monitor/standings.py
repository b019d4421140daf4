"""How everybody stood at the turns of the months before: the pool that the national threshold is calibrated by.

A turn is looked at once it is a month past, when all that was known then has been scored, and what is seen is
kept: nothing that happens later changes a threshold. Verdicts are not learnt from, but for one: while an organisation
had a case that ended as a concern found, it is no example of chance (detection.md §7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from monitor.assessment import opens_from
from monitor.budget import ENOUGH, Cadences
from monitor.calendars import calendar
from monitor.evidence import Standing
from monitor.organisations import Registry
from monitor.ports import Store

MOST_MONTHS, FEWEST_MONTHS = 24, 12
"""A pool reaches back until it has enough, a year at least: so that a shock is known by it soon, and forgotten."""


def known(store: Store, cadences: Cadences, today: date) -> list[Standing]:
    """Give what has been looked back at among the feeds that are heard now, newest first, as far as it is needed."""
    return _newest(store, today, _named(cadences))


def months_behind(store: Store, today: date) -> int:
    """Count the organisation-months that the threshold is calibrated by."""
    last = store.standings(turns(today)[-1])[-1:]
    return sum(each.organisations for each in _newest(store, today, last[0].among)) if last else 0


def _newest(store: Store, today: date, among: str) -> list[Standing]:
    kept = [each for each in reversed(store.standings(turns(today)[-1])) if each.among == among]
    return next((kept[:months] for months in range(1, len(kept)) if _is_whole(kept[:months])), kept)


def next_look(
    store: Store, registry: Registry, cadences: Cadences, today: date, kept: Sequence[Standing]
) -> list[Standing]:
    """Look back at the newest month that is wanting: one at a time, since it reads what every series said; or none."""
    seen = {each.day for each in kept}
    wanting = next((day for day in turns(today) if day not in seen), None)
    if wanting is None or (_is_whole(kept) and wanting < kept[-1].day):
        return []
    return [_look(store, registry, _named(cadences), wanting)]


def _is_whole(standing: Sequence[Standing]) -> bool:
    return len(standing) >= FEWEST_MONTHS and sum(each.organisations for each in standing) >= ENOUGH


def pool(store: Store, standing: Sequence[Standing]) -> tuple[list[float], int]:
    """Give from which threshold on each organisation-month would have opened a case, and how many there are in all."""
    found = store.concerns_found(standing[-1].day) if standing else {}
    stood, number = list[float](), 0
    for each in standing:
        concerns = {code for code in each.opens if _had(found.get(code, ()), each.day)}
        stood += [p for code, p in each.opens.items() if code not in concerns]
        number += each.organisations - len(concerns)
    return stood, number


def _had(spans: Sequence[tuple[date, date]], day: date) -> bool:
    return any(opened <= day <= closed for opened, closed in spans)


def turns(today: date) -> list[date]:
    """Give the first days of the months before this one, newest first; this month's is too young.

    >>> [day.isoformat() for day in turns(date(2024, 3, 15))[:2]]
    ['2024-02-01', '2024-01-01']
    """
    months = calendar("monthly")
    this = months.number(today)
    return [months.start(number) for number in range(this - 1, this - 1 - MOST_MONTHS, -1)]


def _named(cadences: Cadences) -> str:
    return ", ".join(f"{family} {per_year}" for family, per_year in sorted(set(cadences)))


def _look(store: Store, registry: Registry, among: str, day: date) -> Standing:
    contracts = store.contracts()
    indicators = {indicator.key: indicator for feed in contracts.values() for indicator in feed.indicators}
    heard: Mapping[str, float | None] = {
        code: opens_from(evidence, indicators, today=day)
        for code, evidence in store.evidence_on(day).items()
        if not registry.ended(code, day)
    }
    opens = {code: p for code, p in heard.items() if p is not None and p <= 1.0}
    return Standing(day, among, sum(p is not None for p in heard.values()), opens)
