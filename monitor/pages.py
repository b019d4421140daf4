"""Gathers what the report shows from a running service: cases, feeds, who was not heard, the budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from monitor.alerts.digest import Around
from monitor.alerts.message import compose
from monitor.alerts.route import STANDING, is_data
from monitor.calendars import calendar, day_of
from monitor.catalogue import INDICATORS
from monitor.disclosure import disclose
from monitor.model import Case, CaseChange, Family, Feed, Indicator, Organisation, Pack, Period
from monitor.organisations import Registry, registry
from monitor.report import Budget, CasePage, FeedPage, Run, Step
from monitor.settlement import Roll, rolls
from monitor.store.accounts import accounting
from monitor.store.cases import acts, changes, list_cases, packs
from monitor.store.history import ticks
from monitor.wiring import Service

DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Known:
    """What all pages need: who is watched, what is measured, and today."""

    registry: Registry
    indicators: Mapping[str, Indicator]
    names: Mapping[str, str]  # of feeds: a fault of data can be of a whole feed
    today: date

    @property
    def watched(self) -> set[str]:
        """Give the organisations that are compared with others and have not ended."""
        compared = {code for code, stated in self.registry.organisations.items() if stated.peer_group is not None}
        return {code for code in compared if not self.registry.ended(code, self.today)}

    def organisation(self, code: str) -> Organisation:
        """Give who a case is about; a feed or the nation is no organisation of the registry."""
        found = self.registry.organisations.get(code)
        return found or Organisation(code, self.names.get(code, "The nation as a whole"), None, None)


def known(service: Service) -> Known:
    """Read what all pages need."""
    organisations, successions = service.store.organisations()
    contracts = service.store.contracts()
    stated = {indicator.key: indicator for feed in contracts.values() for indicator in feed.indicators}
    return Known(
        registry(organisations.values(), successions),
        INDICATORS | stated,
        {feed.key: feed.name for feed in contracts.values()},
        day_of(service.clock.now()),
    )


def message(one: Known, change: CaseChange, frozen: Sequence[Pack]) -> dict[str, object]:
    """Write the message of a change over the evidence frozen last; a fault of data has none."""
    shown = disclose(frozen[-1], one.indicators) if frozen else None
    return compose(change, shown, one.organisation(change.case.organisation))


def gathered(service: Service, *, title: str, scorecard: Mapping[str, Any] | None = None) -> Run:
    """Gather the pages of a run as they stand now."""
    one = known(service)
    cases = list_cases(service.engine)
    contracts = service.store.contracts()
    listed = {key: _rolls(service, feed, one) for key, feed in contracts.items()}
    return Run(
        title,
        service.clock.now(),
        len(one.watched),
        [_case_page(service, case, one) for case in cases],
        [_feed_page(service, feed, listed[key], one) for key, feed in sorted(contracts.items())],
        unheard=_unheard(contracts, listed, one),
        budget=_budget(service, cases),
        scorecard=scorecard,
    )


def _case_page(service: Service, case: Case, one: Known) -> CasePage:
    history, frozen = changes(service.engine, case.id), packs(service.engine, case.id)
    return CasePage(
        case,
        one.organisation(case.organisation),
        message(one, history[-1], frozen),
        disclose(frozen[-1], one.indicators) if frozen else None,
        [Step(change.at, change.what, change.reason) for change in history],
        acts(service.engine, case.id),
    )


def _rolls(service: Service, feed: Feed, one: Known) -> list[Roll]:
    live = service.store.live(feed.key)
    present = [pair for pair in service.store.spans(feed.key) if pair[1] in live]
    return rolls(feed, service.store.coverage(feed.key), one.registry, present, one.today)


def _feed_page(service: Service, feed: Feed, listed: Sequence[Roll], one: Known) -> FeedPage:
    late = Counter(code for roll in listed for code in _missing(roll, one.today))
    newest = max((last for _, last in service.store.spans(feed.key).values()), default=None)
    return FeedPage(
        feed,
        accounting(service.engine, service.bus, feed.key),
        newest,
        _last_periods(service, feed),
        [one.organisation(code) for code in sorted(late)],
        sum(late.values()),
    )


def _last_periods(service: Service, feed: Feed) -> dict[tuple[str, str], Period]:
    last: dict[tuple[str, str], Period] = {}
    for block, (_, number) in service.store.settled(feed.key).items():
        period = calendar(feed.sources[block.source].calendars[block.indicator]).period(number)
        key = block.source, block.indicator
        last[key] = max(last.get(key, period), period)
    return last


def _missing(roll: Roll, today: date) -> list[str]:
    """Name who was awaited for the last period that is due and has not closed it."""
    number = _last_due(roll, today)
    return [code for code in roll.awaited(number) if not roll.has_closed(code, number)]


def _last_due(roll: Roll, today: date) -> int:
    return roll.calendar.last_before(today - roll.wait - roll.lateness)


def around(service: Service) -> Around:
    """Give what stands in every digest beside its cases: who was not heard."""
    one, contracts = known(service), service.store.contracts()
    listed = {key: _rolls(service, feed, one) for key, feed in contracts.items()}
    return Around(unheard=_unheard(contracts, listed, one), organisations=len(one.watched))


def _unheard(contracts: Mapping[str, Feed], listed: Mapping[str, Sequence[Roll]], one: Known) -> dict[Family, int]:
    heard: dict[Family, set[str]] = {feed.family: set() for feed in contracts.values()}
    for key, some in listed.items():
        for roll in some:
            number = _last_due(roll, one.today)
            heard[contracts[key].family] |= {code for code in roll.closed if roll.has_closed(code, number)}
    return {family: len(one.watched - codes) for family, codes in heard.items()}


def _budget(service: Service, cases: Sequence[Case]) -> Budget | None:
    """Set the cases that opened since the first feed went live beside those that chance was allowed."""
    live = [ticked.tick.now for ticked in ticks(service.engine) if ticked.tick.settles]
    if not live:
        return None
    months = (service.clock.now() - min(live)) / timedelta(days=DAYS_A_MONTH)
    per_month = service.settings.chance_cases_per_month
    concerns = [case for case in cases if not is_data(case)]
    opened = sum(not _stood(service, case) for case in concerns)
    return Budget(per_month, months, per_month * months, opened)


def _stood(service: Service, case: Case) -> bool:
    """Say whether a case stood when its feed went live: history opened it, no month of ours did."""
    return changes(service.engine, case.id)[0].reason.startswith(STANDING)
