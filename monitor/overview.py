"""What whoever shows something needs to know of the whole: who is watched, what is measured, who was not heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitor.alerts.digest import Around, WatchItem
from monitor.alerts.message import compose
from monitor.assessment import assess
from monitor.calendars import day_of
from monitor.cases import CONCERN
from monitor.catalogue import INDICATORS
from monitor.disclosure import case_row, disclose
from monitor.model import Case, CaseChange, Family, Feed, Indicator, Organisation, Pack
from monitor.organisations import Registry, registry
from monitor.settlement import Roll, rolls
from monitor.store.cases import acts, list_cases
from monitor.store.rebuilds import require_whole
from monitor.wiring import Service

NATION = "The nation as a whole"


@dataclass(frozen=True, slots=True)
class Known:
    """Who is watched, what is measured, and today."""

    registry: Registry
    contracts: Mapping[str, Feed]
    indicators: Mapping[str, Indicator]
    today: date

    @property
    def watched(self) -> frozenset[str]:
        """Give the organisations that are compared with others today."""
        return self.registry.watched(self.today)

    def organisation(self, code: str) -> Organisation:
        """Give who a case is about; a feed or the nation is no organisation of the registry."""
        found = self.registry.organisations.get(code)
        if found is not None:
            return found
        feed = self.contracts.get(code)
        return Organisation(code, feed.name if feed else NATION, None, None)


def known(service: Service) -> Known:
    """Read it as it stands now; `Outage` while a replay has emptied what cases are read from."""
    require_whole(service.engine)
    organisations, successions = service.store.organisations()
    contracts = service.store.contracts()
    stated = {indicator.key: indicator for feed in contracts.values() for indicator in feed.indicators}
    today = day_of(service.clock.now())
    return Known(registry(organisations.values(), successions), contracts, INDICATORS | stated, today)


def message(one: Known, change: CaseChange, frozen: Sequence[Pack]) -> dict[str, object]:
    """Write the message of a change over the evidence frozen last; a fault of data has none."""
    shown = disclose(frozen[-1], one.indicators) if frozen else None
    return compose(change, shown, one.organisation(change.case.organisation))


def row(service: Service, one: Known, case: Case) -> dict[str, Any]:
    """Give one line about a case."""
    return case_row(case, one.organisation(case.organisation).name, acts(service.engine, case.id))


def around(service: Service) -> Around:
    """Give what stands in every digest beside its cases: what is worth a look, and who was not heard."""
    one = known(service)
    return Around(watching(service, one), unheard(one, called(service, one)), len(one.watched))


def watching(service: Service, one: Known) -> list[WatchItem]:
    """List who is worth a look without a case, in the order of their codes, each with why."""
    busy = {case.organisation for case in list_cases(service.engine, open_only=True) if case.kind == CONCERN}
    threshold = service.store.threshold()
    found = []
    for code, evidence in sorted(service.store.evidence().items()):
        if code in one.watched - busy:
            assessed = assess(code, evidence, one.indicators, today=one.today, threshold=threshold)
            if assessed.watch is not None:
                found.append(WatchItem(code, one.organisation(code).name, assessed.watch))
    return found


def called(service: Service, one: Known) -> dict[str, list[Roll]]:
    """Call the roll of every feed: who is awaited, and what they have closed."""
    return {key: _rolls(service, feed, one) for key, feed in one.contracts.items()}


def _rolls(service: Service, feed: Feed, one: Known) -> list[Roll]:
    live = service.store.live(feed.key)
    present = [pair for pair in service.store.spans(feed.key) if pair[1] in live]
    covered, settled = service.store.coverage(feed.key), service.store.settled(feed.key)
    return rolls(feed, covered, one.registry, present, one.today, settled)


def unheard(one: Known, listed: Mapping[str, Sequence[Roll]]) -> dict[Family, int]:
    """Count, for each family that has a feed here, who of the watched has closed no period that is due."""
    heard: dict[Family, set[str]] = {feed.family: set() for feed in one.contracts.values()}
    for key, some in listed.items():
        for roll in some:
            number = last_due(roll, one.today)
            heard[one.contracts[key].family] |= {code for code in roll.closed if roll.has_closed(code, number)}
    return {family: len(one.watched - codes) for family, codes in heard.items()}


def missing(roll: Roll, today: date) -> list[str]:
    """Name who was awaited for the last period that is due and has not closed it."""
    number = last_due(roll, today)
    return [code for code in roll.awaited(number) if not roll.has_closed(code, number)]


def last_due(roll: Roll, today: date) -> int:
    """Give the number of the last period that is due."""
    return roll.calendar.last_before(today - roll.wait - roll.lateness)
