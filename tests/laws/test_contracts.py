"""A contract that changes after its figures have settled does the same to every worker."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.catalogue import INDICATORS
from monitor.model import Family, Feed, Indicator
from monitor.store.store import SqlStore
from monitor.worker import Worker
from tests.laws.nation import INCIDENTS, turns
from tests.laws.test_corrected import END, WORSE
from tests.laws.world import World, marks, world

pytestmark = marks
Change = Callable[[Feed], Feed]
DELAY = "report_delay"


def told(feed: Feed, key: str = DELAY, **facts: Any) -> Feed:
    """Say something else of one indicator."""
    others = tuple(replace(one, **facts) if one.key == key else one for one in feed.indicators)
    return replace(feed, indicators=others)


def published(feed: Feed, **facts: Any) -> Feed:
    """Say something else of how its source publishes."""
    return replace(feed, sources={name: replace(source, **facts) for name, source in feed.sources.items()})


def beside(feed: Feed, new: Indicator) -> Feed:
    both = (*feed.indicators, new)
    return published(replace(feed, indicators=both), calendars={one.key: "weekly" for one in both})


LASTING: dict[str, tuple[Feed, Change, list[str]]] = {
    "another family": (INCIDENTS, lambda feed: replace(feed, family=Family.WORKFORCE), ["workforce now agrees"]),
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


@pytest.mark.parametrize(("feed", "change", "said"), LASTING.values(), ids=LASTING)
def test_a_contract_that_keeps_its_promises_does_the_same_to_whoever_remembers_and_to_whoever_does_not(
    feed: Feed, change: Change, said: list[str]
) -> None:
    remembering, forgetting = (after(feed, change(feed), restarts=restarts) for restarts in (False, True))
    assert [reason for code, _, reason in remembering[0] if code != feed.key] == said
    assert remembering[1] == change(feed)
    assert remembering == forgetting
