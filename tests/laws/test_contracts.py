"""A contract that changes after its figures have settled ends no worker: it is taken in, or put aside."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.catalogue import INDICATORS
from monitor.model import Family, Feed, Indicator, Kind, Reading
from monitor.store.accounts import accounting
from monitor.store.letters import dead_letters
from monitor.store.store import SqlStore
from monitor.worker import Worker
from tests.laws.nation import COMPLAINTS, INCIDENTS, turns
from tests.laws.test_corrected import END, WORSE
from tests.laws.world import World, marks, world

pytestmark = marks
Change = Callable[[Feed], Feed]
DELAY, HARM = "report_delay", "low_harm_reports"


def told(feed: Feed, key: str = DELAY, **facts: Any) -> Feed:
    """Say something else of one indicator."""
    others = tuple(replace(one, **facts) if one.key == key else one for one in feed.indicators)
    return replace(feed, indicators=others)


def published(feed: Feed, **facts: Any) -> Feed:
    """Say something else of how its source publishes."""
    return replace(feed, sources={name: replace(source, **facts) for name, source in feed.sources.items()})


def without(feed: Feed, key: str) -> Feed:
    kept = tuple(one for one in feed.indicators if one.key != key)
    return published(replace(feed, indicators=kept), calendars={one.key: "weekly" for one in kept}, waits={})


def renamed(feed: Feed) -> Feed:
    new = replace(INDICATORS[DELAY], key="reporting_delay")
    return beside(without(feed, DELAY), new)


def beside(feed: Feed, new: Indicator) -> Feed:
    both = (*feed.indicators, new)
    return published(replace(feed, indicators=both), calendars={one.key: "weekly" for one in both})


def in_calendar(name: str) -> Change:
    return lambda feed: published(feed, calendars={one.key: name for one in feed.indicators})


BREAKING: dict[str, tuple[Feed, Change, str]] = {
    "an indicator dropped": (INCIDENTS, lambda feed: without(feed, DELAY), DELAY),
    "another dropped": (INCIDENTS, lambda feed: without(feed, HARM), HARM),
    "an indicator renamed": (INCIDENTS, renamed, DELAY),
    "a source renamed": (INCIDENTS, lambda feed: replace(feed, sources={"other": feed.sources["local"]}), HARM),
    "weeks to months": (INCIDENTS, in_calendar("monthly"), HARM),
    "months to quarters": (COMPLAINTS, in_calendar("quarterly"), "complaints_backlog"),
    "months to weeks": (COMPLAINTS, in_calendar("weekly"), "complaints_backlog"),
    "another kind": (INCIDENTS, lambda feed: told(feed, kind=Kind.COUNT), DELAY),
    "another unit": (INCIDENTS, lambda feed: told(feed, unit="hours"), DELAY),
    "another scale": (INCIDENTS, lambda feed: told(feed, per=24.0), DELAY),
    "the other direction": (INCIDENTS, lambda feed: told(feed, rise=Reading.IMPROVING, fall=Reading.WORSENING), DELAY),
}
LASTING: dict[str, tuple[Feed, Change, list[str]]] = {
    "another family": (INCIDENTS, lambda feed: replace(feed, family=Family.WORKFORCE), ["joined by workforce"]),
    "another's family": (INCIDENTS, lambda feed: replace(feed, family=Family.PATIENTS), []),
    "longer waits": (INCIDENTS, lambda feed: published(feed, waits={DELAY: timedelta(days=30)}), []),
    "less weight, and one more": (
        INCIDENTS, lambda feed: beside(told(feed, weight=0.5), INDICATORS["harm_share"]), [],
    ),
}  # fmt: skip


def after(feed: Feed, changed: Feed, *, restarts: bool) -> tuple[list[tuple[str, str, str]], Feed, str]:
    """Publish a contract behind a settled history; give what it did to cases, what is in force, and the digest."""
    with world() as one:
        one.run(turns(WORSE))
        had = len(one.changes)
        if restarts:
            restart(one)
        one.publish({feed.key: [changed]})
        one.work(END + timedelta(days=1))
        if restarts:
            restart(one)
        one.work(END + timedelta(days=8))
        now = one.digest()
        assert one.replay() == now
        changes = [(change.case.organisation, change.what.value, change.reason) for change in one.changes[had:]]
        return changes, one.service.store.contracts()[feed.key], now


def restart(one: World) -> None:
    """Put another process's worker in place of this one: nothing that was read is remembered."""
    store = SqlStore(one.service.engine)
    one.worker = Worker(store, one.service.bus, one.worker.rules, one.batch)


def goes_on(one: World, now: datetime) -> None:
    """Turn every feed until nothing is pending: what is put aside as a whole is accounted for."""
    for feed in one.feeds:
        while one.turn(feed, now):
            assert accounting(one.service.engine, one.service.bus, feed)["difference"] == 0


def test_contracts_that_break_a_promise_are_put_aside_and_the_one_in_force_stays() -> None:
    with world() as one:
        one.run(turns(WORSE))
        before = one.digest()
        for name, (feed, change, lost) in BREAKING.items():
            one.publish({feed.key: [change(feed)]})
            restart(one)
            goes_on(one, END)
            letter = dead_letters(one.service.engine, feed.key)[-1]
            assert letter["row"] == one.service.bus.end(feed.key) - 1, name
            assert [letter[what] for what in ("stage", "field", "reason", "value")] == [
                "worker", "contract", "unreadable message", lost,
            ], name  # fmt: skip
            assert one.service.store.contracts()[feed.key] == feed
        goes_on(one, END + timedelta(days=1))
        assert one.digest() == before == one.replay()


@pytest.mark.parametrize(("feed", "change", "said"), LASTING.values(), ids=LASTING)
def test_a_contract_that_keeps_its_promises_does_the_same_to_whoever_remembers_and_to_whoever_does_not(
    feed: Feed, change: Change, said: list[str]
) -> None:
    remembering, forgetting = (after(feed, change(feed), restarts=restarts) for restarts in (False, True))
    assert [reason for code, _, reason in remembering[0] if code != feed.key] == said
    assert remembering[1] == change(feed)
    assert remembering == forgetting
