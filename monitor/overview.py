"""What whoever shows something needs to know of the whole: who is watched, what is measured, who was not heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from monitor.alerts.change import changed
from monitor.alerts.digest import Around, WatchItem
from monitor.alerts.message import compose
from monitor.assessment import assess
from monitor.calendars import day_of
from monitor.casefile import Assessment, Case, CaseChange, Pack, Signal, WatchKind
from monitor.cases import CONCERN
from monitor.catalogue import INDICATORS
from monitor.disclosure import case_row, disclose
from monitor.heartbeat import HEARTBEAT
from monitor.known import Known
from monitor.model import Family, Feed, Indicator
from monitor.organisations import registry
from monitor.patterns import PATTERNS
from monitor.renewal import answered, has_rested, how_long, long_held
from monitor.settlement import Roll, rolls
from monitor.standings import months_behind
from monitor.store.acts import acts_of
from monitor.store.cases import list_cases, stood
from monitor.store.history import ticks
from monitor.store.outbox import messages_since
from monitor.store.rebuilds import require_whole
from monitor.tally import Share, Tally, opened_since, tally
from monitor.telling import MONTH
from monitor.wiring import Service

NOBODY: Mapping[str, date] = {}


def known(service: Service) -> Known:
    """Read it as it stands now; `Outage` while a replay has emptied what cases are read from."""
    require_whole(service.engine)
    organisations, successions = service.store.organisations()
    contracts = {key: feed for key, feed in service.store.contracts().items() if key != HEARTBEAT}
    stated = {indicator.key: indicator for feed in contracts.values() for indicator in feed.indicators}
    today = day_of(service.clock.now())
    return Known(registry(organisations.values(), successions), contracts, INDICATORS | stated, today)


def message(one: Known, change: CaseChange, frozen: Sequence[Pack]) -> dict[str, object]:
    """Write the message of a change over the evidence frozen last; a fault of data has none."""
    shown = disclose(frozen[-1], one.indicators) if frozen else None
    return compose(change, shown, one.organisation(change.case.organisation))


def rows(service: Service, one: Known, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Give one line about each case."""
    done = acts_of(service.engine, [case.id for case in cases])
    return [case_row(case, one.organisation(case.organisation).name, done.get(case.id, ())) for case in cases]


def around(service: Service) -> Around:
    """Give what stands in every digest beside its cases: what is worth a look, and what nobody can see."""
    one = known(service)
    assessed = assessments(service, one)
    return Around(
        watching(service, one, assessed), unheard(one, called(service, one)), len(one.watched),
        unassessed=unassessable(one, assessed), to_renew=to_renew(one, assessed, last_answers(service)),
    )  # fmt: skip


def last_answers(service: Service) -> dict[str, date]:
    """Give the day on which a person last answered for each organisation's open case; absent: nobody has."""
    open_ = {case.id: case.organisation for case in list_cases(service.engine, open_only=True) if case.kind == CONCERN}
    answers = {open_[id]: answered(done) for id, done in acts_of(service.engine, open_).items()}
    return {code: day_of(at) for code, at in answers.items() if at is not None}


def assessments(service: Service, one: Known) -> dict[str, Assessment]:
    """Assess everybody who is watched and has any evidence, in the order of their codes."""
    threshold, watched = service.store.threshold(), one.watched
    if threshold is None:
        return {}  # no tick, so no evidence
    return {
        code: assess(code, evidence, one.indicators, today=one.today, threshold=threshold)
        for code, evidence in sorted(service.store.evidence().items())
        if code in watched
    }


def watching(service: Service, one: Known, assessed: Mapping[str, Assessment]) -> list[WatchItem]:
    """List who is worth a look without a case, in the order of their codes, each with why."""
    busy = {case.organisation for case in list_cases(service.engine, open_only=True) if case.kind == CONCERN}
    return [
        WatchItem(code, one.organisation(code).name, each.watch, each.watch_kind or WatchKind.NEAR)
        for code, each in assessed.items()
        if code not in busy and each.watch is not None
    ]


def unassessable(one: Known, assessed: Mapping[str, Assessment]) -> dict[str, int]:
    """Count for how many of the watched each combination cannot be assessed; whoever has no figures counts for all."""
    mute = len(one.watched) - len(assessed)
    missing = Counter(key for each in assessed.values() for key in each.unassessed)
    return {pattern.said: missing[pattern.key] + mute for pattern in PATTERNS if pattern.parts}


def to_renew(
    one: Known, assessed: Mapping[str, Assessment], answered_on: Mapping[str, date] = NOBODY
) -> list[WatchItem]:  # fmt: skip
    """List the changes that have held for half a year: a person renews or accepts them, or closes their case.

    `answered_on`: the day of the last answer for each organisation's open case; it is listed again half a year later.
    """
    return [
        WatchItem(code, one.organisation(code).name, _holding(one.indicators[signal.indicator], signal))
        for code, each in assessed.items()
        if code not in answered_on or has_rested(answered_on[code], one.today)
        for signal in long_held(each.signals)
    ]


def _holding(indicator: Indicator, signal: Signal) -> str:
    assert signal.latched_since is not None, "it holds"
    return f"{changed(indicator, rises=signal.rises)}, {how_long([signal.latched_since])}"


def called(service: Service, one: Known) -> dict[str, list[Roll]]:
    """Call the roll of every feed: who is awaited, and what they have closed."""
    return {key: _rolls(service, feed, one) for key, feed in one.contracts.items()}


def _rolls(service: Service, feed: Feed, one: Known) -> list[Roll]:
    live = service.store.live(feed.key)
    present = [pair for pair in service.store.heard(feed.key) if pair[1] in live]
    covered, settled = service.store.coverage(feed.key), service.store.settled(feed.key)
    return rolls(feed, covered, one.registry, present, one.today, settled)


def unheard(one: Known, listed: Mapping[str, Sequence[Roll]]) -> dict[Family, int]:
    """Count, for each family that has a feed here, who of the watched has not closed the last period that is due."""
    watched = one.watched
    heard: dict[Family, set[str]] = {feed.family: set() for feed in one.contracts.values()}
    for key, some in listed.items():
        for roll in some:
            number = roll.last_due(one.today)
            heard[one.contracts[key].family] |= {code for code in roll.closed if roll.has_closed(code, number)}
    return {family: len(watched - codes) for family, codes in heard.items()}


def budget(service: Service, one: Known) -> Tally | None:
    """Set what opened beside what chance was allowed; None: no feed is live yet."""
    live = _live_since(service)
    if live is None:
        return None
    now = service.clock.now()
    threshold = service.store.threshold()
    assert threshold is not None, "a feed went live in some tick"
    return tally(
        list_cases(service.engine), stood(service.engine), now=now, live=live,
        per_month=service.settings.chance_cases_per_month, threshold=threshold, organisations=len(one.watched),
        receivers=_receivers(service, now), looked_back=months_behind(service.store, day_of(now)),
    )  # fmt: skip


def _live_since(service: Service, feed: str | None = None) -> datetime | None:
    """Give the instant from which a feed is live, or the first of all; None: none is."""
    settling = (one.tick for one in ticks(service.engine) if one.tick.settles)
    return min((tick.now for tick in settling if feed in (None, tick.feed)), default=None)


def history(service: Service, feed: Feed) -> tuple[int, float] | None:
    """Count the cases in which a feed's figures took part, in the last year or since it went live; with its months.

    None: it is not live here.
    """
    live = _live_since(service, feed.key)
    if live is None:
        return None
    keys = {indicator.key for indicator in feed.indicators}
    cases, months = opened_since(live, list_cases(service.engine), stood(service.engine), service.clock.now())
    return sum(any(signal.indicator in keys for signal in case.signals) for case in cases), months


def _receivers(service: Service, now: datetime) -> list[Share]:
    sent = messages_since(service.engine, now - MONTH)
    return [Share(each.name, each.messages_per_month, sent.get(each.name, 0)) for each in service.settings.receivers]
