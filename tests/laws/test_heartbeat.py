"""The heartbeat is outside peers, budgets and totals: whatever it does, everything else comes out the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from monitor.alerts.relay import turn
from monitor.clock import HandClock
from monitor.feeds.cells import looks_like_a_code
from monitor.heartbeat import HEARTBEAT, beat, named
from monitor.overview import around, budget, known
from monitor.retention import retain
from monitor.store import tables
from monitor.store.engine import reading
from monitor.wiring import Service
from tests.laws.nation import COMPLAINTS, Event, Nation, What, turns
from tests.laws.world import World, act_on_cases, concerns, marks, world

pytestmark = marks
NATION = Nation(5, 12, ("complaints",), (Event(What.WORSENS, 0, 0, 0), Event(What.LATE, 3, 1, 6)))

WORSE = Nation(
    1, 12, ("complaints", "incident_reports"), (Event(What.WORSENS, 0, 0, 0), Event(What.WORSENS, 5, 0, 0))
)  # fmt: skip


def beats(one: World) -> None:
    """Let a heartbeat go the whole way."""
    now = one.service.store.position(COMPLAINTS.key) and last_instant(one.service)
    assert now is not None
    one.publish({HEARTBEAT: beat(now)})
    while one.turn(HEARTBEAT, now):
        pass
    turn(one.service.outbox, one.service.notifiers, now + timedelta(seconds=1))


def last_instant(service: Service) -> datetime:
    with reading(service.engine) as connection:
        query = select(tables.ticks.c.now).where(tables.ticks.c.feed == COMPLAINTS.key)
        found: datetime = connection.scalars(query.order_by(tables.ticks.c.number.desc())).first()
    return found


def seen(one: World) -> list[Any]:
    """Give all that people are told, and what the national threshold was at each tick."""
    service, table = one.service, tables.ticks
    with reading(service.engine) as connection:
        query = select(table.c.feed, table.c.number, table.c.threshold).where(table.c.feed == COMPLAINTS.key)
        thresholds = [tuple(row) for row in connection.execute(query.order_by(table.c.number))]
        messages = connection.scalars(select(tables.outbox.c.id).where(tables.outbox.c.receiver != HEARTBEAT))
        # case, what, receiver: the tick between them counts the turns of all feeds, a heartbeat's too
        queued = sorted((case, what, receiver) for case, what, _, receiver in (id.split("/") for id in messages))
    facts = known(service)
    return [one.digest(), thresholds, queued, around(service), budget(service, facts), facts.watched, facts.contracts]


def test_with_and_without_heartbeats_everything_else_is_the_same() -> None:
    with world() as without, world() as beating:
        without.run(turns(NATION))
        beating.run(turns(NATION), between=beats)
        assert seen(beating) == seen(without)
        assert beating.replay() == without.digest()
        with reading(beating.service.engine) as connection:
            sent = connection.scalars(select(tables.outbox.c.sent).where(tables.outbox.c.receiver == HEARTBEAT)).all()
            words = connection.scalars(select(tables.words.c.subject).where(tables.words.c.subject == HEARTBEAT)).all()
        assert len(sent) == len(NATION.instants)
        assert None not in sent
        assert words == [HEARTBEAT], "one word after the other, one kept"


def test_heartbeats_that_were_told_expire_and_the_next_begins_anew() -> None:
    with world() as one:
        one.run(turns(Nation(5, 12, ("complaints",), ()))[:2], between=beats)
        clock = one.service.clock
        assert isinstance(clock, HandClock)
        clock.move(last_instant(one.service) + timedelta(days=60))
        list(retain(one.service))
        with reading(one.service.engine) as connection:
            assert not connection.scalars(select(tables.outbox.c.id).where(tables.outbox.c.receiver == HEARTBEAT)).all()
        assert one.service.bus.read(HEARTBEAT, one.service.bus.end(HEARTBEAT) - 1, 1).messages == ()
        one.publish({HEARTBEAT: beat(clock.now())})
        assert one.turn(HEARTBEAT, clock.now())
        assert one.service.outbox.journey(named(clock.now())) == (clock.now(), None)


def test_a_heartbeat_judges_nobody_however_long_after_the_last_figures_it_comes() -> None:
    with world() as one:
        one.run(turns(WORSE))
        lived, later = one.digest(), last_instant(one.service) + timedelta(days=400)
        assert concerns(one), "a case that a feed's turn would end by now"
        one.publish({HEARTBEAT: beat(later)})
        assert one.turn(HEARTBEAT, later)
        assert one.digest() == lived
        assert one.turn("complaints", later)
        assert one.digest() != lived
        assert one.replay() == one.digest()


def test_what_somebody_does_after_the_last_heartbeat_is_replayed() -> None:
    with world() as one:
        written = turns(WORSE)
        one.run(written, between=beats)
        assert concerns(one), "a case to act on"
        act_on_cases(one.service, What.CLOSED, written[-1].now)
        lived = one.digest()
        assert one.replay() == lived


def test_no_registry_and_no_file_can_name_it() -> None:
    assert not looks_like_a_code(HEARTBEAT)
    assert not looks_like_a_code(HEARTBEAT.upper())
