"""Gathers what the report shows from a running service: cases, feeds, who was not heard, the budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from monitor.alerts.route import STANDING, is_data
from monitor.calendars import calendar
from monitor.disclosure import disclose
from monitor.model import Case, Feed, Period
from monitor.overview import Known, called, known, message, missing, unheard, watching
from monitor.report import Budget, CasePage, FeedPage, Run, Step
from monitor.settlement import Roll
from monitor.store.accounts import accounting
from monitor.store.cases import acts, changes, list_cases, packs
from monitor.store.history import ticks
from monitor.wiring import Service

DAYS_A_MONTH = 365.25 / 12


def gathered(service: Service, *, title: str, scorecard: Mapping[str, Any] | None = None) -> Run:
    """Gather the pages of a run as they stand now."""
    one, cases = known(service), list_cases(service.engine)
    listed = called(service, one)
    return Run(
        title,
        service.clock.now(),
        len(one.watched),
        [_case_page(service, case, one) for case in cases],
        [_feed_page(service, feed, listed[key], one) for key, feed in sorted(one.contracts.items())],
        watch=watching(service, one),
        unheard=unheard(one, listed),
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


def _feed_page(service: Service, feed: Feed, listed: Sequence[Roll], one: Known) -> FeedPage:
    late = Counter(code for roll in listed for code in missing(roll, one.today))
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


def _budget(service: Service, cases: Sequence[Case]) -> Budget | None:
    """Set the cases that opened since the first feed went live beside those that chance was allowed."""
    live = [ticked.tick.now for ticked in ticks(service.engine) if ticked.tick.settles]
    if not live:
        return None
    months = (service.clock.now() - min(live)) / timedelta(days=DAYS_A_MONTH)
    per_month = service.settings.chance_cases_per_month
    opened = sum(not is_data(case) and not _stood(service, case) for case in cases)
    return Budget(per_month, months, per_month * months, opened)


def _stood(service: Service, case: Case) -> bool:
    """Say whether a case stood when its feed went live: history opened it, no month of ours did."""
    return changes(service.engine, case.id)[0].reason.startswith(STANDING)
