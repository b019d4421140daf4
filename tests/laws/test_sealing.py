"""What expires changes nothing that was said: sums, scores, cases and accounts stand, and a replay gives the same."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, select

from monitor.calendars import calendar
from monitor.clock import HandClock
from monitor.errors import Outage, PositionMoved, Reason
from monitor.model import Contribution, Message, Observation
from monitor.retention import EVENTS, SEALED, Step, months_before, retain
from monitor.rules import Rules
from monitor.store import tables
from monitor.store.accounts import accounting
from monitor.store.derived import clear_derived
from monitor.store.engine import reading
from monitor.store.seals import due, seal
from monitor.wiring import opened
from monitor.worker import Worker
from tests.laws.nation import COMPLAINTS, Event, Nation, Turn, What, turns
from tests.laws.world import RECEIVERS, World, examples, marks, prepared, world

pytestmark = marks
AFTER = timedelta(days=26 * 31)
"""The last periods of a history settled so long ago that all of them are sealed."""
LEFT = (
    *(tables.words, tables.forgotten, tables.log, tables.dead_letters),
    *(tables.seals, tables.period_sums, tables.vintages),
)
SMALL = Nation(7, 12, ("complaints",), (Event(What.REVISED, 2, 1, 0),))


def of_events(written: list[Turn]) -> list[Turn]:
    """Make every other word of a history an event's."""
    for turn in written:
        for feed, said in turn.said.items():
            turn.said[feed] = [_event(message) for message in said]
    return written


def _event(message: Message) -> Message:
    if isinstance(message, Observation) and sum(message.subject.encode()) % 2:
        return replace(message, is_event=True)
    return message


@cache
def kept(nation: Nation) -> tuple[bytes, list[Turn]]:
    """Run a history of events once, and keep its database."""
    written = of_events(turns(nation))
    with world() as one:
        one.run(written)
        one.service.engine.dispose()
        with one.service.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return (one.service.settings.home / "monitor.sqlite").read_bytes(), written


@contextmanager
def lived(nation: Nation = SMALL) -> Iterator[tuple[World, list[Turn]]]:
    """Open a service two years after a history of events."""
    content, written = kept(nation)
    with tempfile.TemporaryDirectory() as folder:
        settings = prepared(Path(folder))
        Path(folder, "monitor.sqlite").write_bytes(content)
        with opened(settings, HandClock(written[-1].now + AFTER)) as service:
            yield World(service, Worker(service.store, service.bus, Rules(receivers=RECEIVERS), 2_000)), written


def take_in(one: World, *said: Message) -> dict[str, Any]:
    """Let a worker take these in, and give the accounts."""
    one.publish({COMPLAINTS.key: said})
    while one.turn(COMPLAINTS.key, clock(one).now()):
        pass
    return accounting(one.service.engine, one.service.bus, COMPLAINTS.key)


def clock(one: World) -> HandClock:
    assert isinstance(one.service.clock, HandClock)
    return one.service.clock


def rows(one: World, *which: Table) -> list[Any]:
    with reading(one.service.engine) as connection:
        return [sorted(map(repr, connection.execute(select(table)).all())) for table in which]


def said(written: list[Turn], *, is_event: bool) -> Observation:
    """Give an early word of some figures."""
    found = (each for each in written[0].said[COMPLAINTS.key] if isinstance(each, Observation))
    return next(each for each in found if each.contributions and each.is_event is is_event)


@pytest.mark.parametrize("nation", [SMALL, replace(SMALL, seed=8, keys=("complaints", "incident_reports"))])
def test_sealing_changes_no_sum_no_score_no_case_and_no_replay(nation: Nation) -> None:
    with lived(nation) as (one, _):
        before, derived = rows(one, tables.period_sums, tables.vintages), one.digest()
        steps = list(retain(one.service))
        assert {step.what for step in steps} >= {EVENTS, SEALED}
        assert rows(one, tables.period_sums, tables.vintages) == before
        assert one.digest() == derived
        assert one.replay() == derived
        assert all(accounting(one.service.engine, one.service.bus, feed)["difference"] == 0 for feed in one.feeds)
        assert list(step for step in retain(one.service) if step.number) == []


def test_a_dry_run_tells_what_would_go_and_drops_nothing() -> None:
    with lived() as (one, _):
        before = rows(one, *LEFT)
        told = _totals(retain(one.service, dry_run=True))
        assert rows(one, *LEFT) == before
        assert _totals(retain(one.service)) == told


def _totals(steps: Any) -> dict[tuple[str | None, str], int]:
    totals: dict[tuple[str | None, str], int] = {}
    for step in steps:
        assert isinstance(step, Step)
        totals[step.feed, step.what] = totals.get((step.feed, step.what), 0) + step.number
    return {place: number for place, number in totals.items() if number}


@given(st.integers(0, 12))
@examples(4)
def test_a_crash_between_two_steps_and_another_run_leave_what_one_run_leaves(steps: int) -> None:
    with lived() as (steady, _), lived() as (crashed, _):
        list(retain(steady.service))
        list(islice(retain(crashed.service), steps))
        list(retain(crashed.service))
        assert rows(crashed, *LEFT) == rows(steady, *LEFT)


def test_figures_stay_and_are_corrected_however_old_and_late_events_are_put_aside() -> None:
    with lived() as (one, written):
        event, figure = said(written, is_event=True), said(written, is_event=False)
        list(retain(one.service))
        assert not one.service.store.words(COMPLAINTS.key, [event.subject])
        assert one.service.store.words(COMPLAINTS.key, [figure.subject])
        before = rows(one, tables.period_sums)
        again = [replace(event, rank=(9, event.rank[1])), replace(event, subject="unheard of"), event]
        account = take_in(one, *again)
        assert account["dead_lettered_by_worker"] == {Reason.SEALED.value: 3}
        assert account["difference"] == 0
        assert rows(one, tables.period_sums) == before
        part = figure.contributions[0]
        corrected = replace(figure, rank=(9, figure.rank[1]), contributions=(replace(part, numerator=77.0),))
        take_in(one, corrected)
        assert one.service.store.words(COMPLAINTS.key, [figure.subject])[figure.subject] == corrected


@pytest.mark.parametrize("says", ["moved", "withdrawn"])
def test_an_event_that_has_expired_counts_once_whatever_it_says_later(says: str) -> None:
    with lived() as (one, written):
        event = said(written, is_event=True)
        list(retain(one.service))
        before = rows(one, tables.period_sums, tables.words)
        later = {"moved": (_moved(event.contributions[0], clock(one).now().date()),), "withdrawn": ()}[says]
        account = take_in(one, replace(event, rank=(9, event.rank[1]), contributions=later))
        assert account["dead_lettered_by_worker"] == {Reason.SEALED.value: 1}
        assert account["difference"] == 0
        assert rows(one, tables.period_sums, tables.words) == before


def _moved(part: Contribution, today: date) -> Contribution:
    """Let it have happened in the last period before today."""
    periods = calendar(COMPLAINTS.sources["local"].calendars[part.indicator])
    return replace(part, period=periods.period(periods.last_before(today)))


def test_an_event_that_was_withdrawn_or_moved_out_of_a_sealed_period_is_late_too() -> None:
    with lived() as (one, written):
        event = said(written, is_event=True)
        next(step for step in retain(one.service) if step.what == SEALED)  # its word is still there
        account = take_in(one, replace(event, rank=(9, event.rank[1]), contributions=()))
        assert account["dead_lettered_by_worker"] == {Reason.SEALED.value: 1}


def test_a_worker_that_read_before_a_seal_reads_again() -> None:
    with lived() as (one, written):
        take_in(one)
        memory = one.worker.memories[COMPLAINTS.key]
        event = said(written, is_event=True)
        list(retain(one.service))
        one.publish({COMPLAINTS.key: [replace(event, rank=(9, event.rank[1]))]})
        assert one.worker.memories[COMPLAINTS.key] is memory
        with pytest.raises(PositionMoved):
            type(one.worker).turn.__wrapped__(one.worker, COMPLAINTS.key, clock(one).now())
        assert take_in(one)["dead_lettered_by_worker"] == {Reason.SEALED.value: 1}


def test_nothing_is_sealed_while_a_replay_is_under_way() -> None:
    with lived() as (one, _):
        clear_derived(one.service.engine)
        with pytest.raises(Outage, match="a replay is under way"):
            list(retain(one.service))


def test_of_two_runs_at_once_the_one_that_reaches_further_holds() -> None:
    with lived() as (one, _):
        engine, now = one.service.engine, clock(one).now()
        early = due(engine, COMPLAINTS.key, months_before(now, 28))
        late = due(engine, COMPLAINTS.key, months_before(now, 25))
        assert early
        assert early != late
        for found in (early, late, early):
            seal(engine, COMPLAINTS.key, found)
        assert one.service.store.seals(COMPLAINTS.key) == late


def test_what_settled_less_than_two_years_ago_keeps_its_events() -> None:
    with lived() as (one, written):
        clock(one).move(written[-1].now + timedelta(days=31))
        assert EVENTS not in {step.what for step in retain(one.service) if step.number}
