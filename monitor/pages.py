"""Gathers what the report shows from a running service: cases, feeds, who was not heard, the budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from monitor.alerts.correction import named
from monitor.alerts.route import said
from monitor.calendars import calendar
from monitor.casefile import Case
from monitor.disclosure import disclose
from monitor.feeds.publications import READERS
from monitor.known import Known
from monitor.model import Feed, Period
from monitor.overview import (
    assessments,
    budget,
    called,
    known,
    last_answers,
    message,
    to_renew,
    unassessable,
    unheard,
    watching,
)
from monitor.provenance import Provenance, provenance
from monitor.report import CasePage, FeedPage, Heard, Run, Step
from monitor.settlement import Roll
from monitor.store.accounts import accounting
from monitor.store.acts import acts
from monitor.store.cases import changes, list_cases
from monitor.wiring import Service

PERIODS_SHOWN = 36
"""Periods of a feed's history: three years of months, as the charts of cases show."""


def gathered(service: Service, *, title: str, scorecard: Mapping[str, Any] | None = None) -> Run:
    """Gather the pages of a run as they stand now."""
    one, cases = known(service), list_cases(service.engine)
    listed, assessed = called(service, one), assessments(service, one)
    places = provenance(service, one, cases)
    return Run(
        title,
        service.clock.now(),
        len(one.watched),
        [_case_page(service, case, one, places[case.id]) for case in cases],
        [_feed_page(service, feed, listed[key], one) for key, feed in sorted(one.contracts.items())],
        watch=watching(service, one, assessed),
        unheard=unheard(one, listed),
        budget=budget(service, one),
        scorecard=scorecard,
        unassessed=unassessable(one, assessed),
        to_renew=to_renew(one, assessed, last_answers(service)),
    )


def _case_page(service: Service, case: Case, one: Known, places: Sequence[Provenance]) -> CasePage:
    history = changes(service.engine, case.id)
    frozen = [change.pack for change in history if change.pack]
    return CasePage(
        case,
        one.organisation(case.organisation),
        message(one, history[-1], frozen),
        disclose(frozen[-1], one.indicators) if frozen else None,
        [Step(change.at, change.what, said(change)) for change in history],
        acts(service.engine, case.id),
        [(f"{each.indicator.name} ({each.signal.source}), {named(each.period)}", each.said) for each in places],
    )


def feed_page(service: Service, feed: Feed, health: Sequence[tuple[str, bool, str]]) -> FeedPage:
    """Gather the page of one feed, which may not have been published yet."""
    one = known(service)
    listed = called(service, one).get(feed.key, [])
    fields = [(READERS[name].name, READERS[name].headers[0]) for name in feed.readers]
    page = _feed_page(service, feed, listed, one)
    return replace(page, history=_history(feed, listed, one), fields=fields, health=health)


def _history(feed: Feed, listed: Sequence[Roll], one: Known) -> list[Heard]:
    """Count for each indicator and source who was awaited for each of the last periods that are due, and who came."""
    found: list[Heard] = []
    pairs = sorted({(roll.block.source, roll.block.indicator) for roll in listed})
    for source, key in pairs:
        mine = [roll for roll in listed if (roll.block.source, roll.block.indicator) == (source, key)]
        indicator = feed.indicator(key)
        firsts = [roll.first for roll in mine if roll.first is not None]
        last = max(roll.last_due(one.today) for roll in mine)
        if indicator is None or not firsts or last < min(firsts):
            continue
        numbers = range(max(min(firsts), last - PERIODS_SHOWN + 1), last + 1)
        found.append(Heard(source, indicator.name, [_heard(mine, number) for number in numbers]))
    return found


def _heard(rolls: Sequence[Roll], number: int) -> tuple[Period, int, int]:
    awaited = [(roll, code) for roll in rolls for code in roll.awaited(number)]
    return rolls[0].calendar.period(number), len(awaited), sum(roll.has_closed(code, number) for roll, code in awaited)


def _feed_page(service: Service, feed: Feed, listed: Sequence[Roll], one: Known) -> FeedPage:
    late = Counter(code for roll in listed for code in roll.missing(roll.last_due(one.today)))
    newest = service.store.newest(feed.key)
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
