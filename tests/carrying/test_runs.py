"""What a feed's run does, without Airflow: landing, sending in two steps, and nothing that a rerun changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest

from monitor import carrying
from monitor.arrivals.thing import Got, Thing
from monitor.carrying import Refused
from monitor.errors import BadRequest
from monitor.feeds.delivery import Delivery
from monitor.feeds.places import Query
from monitor.feeds.publish import publish
from monitor.handed import deliver
from monitor.model import Observation
from monitor.wire import decode
from monitor.worker import work
from tests.carrying.place import AUGUST, JULY, JULY_AGAIN, SICK, TRUSTS, Made, outcome


def test_several_files_at_once_are_carried_and_the_next_look_finds_nothing(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY)
    place.drop("b.csv", AUGUST)
    assert (place.run(), place.run()) == (2, 0)
    assert [(one.start, one.end) for one in place.advances()] == [
        (date(2025, 7, 1), date(2025, 8, 1)),
        (date(2025, 8, 1), date(2025, 9, 1)),
    ]


def test_a_run_gives_what_publishing_by_hand_gives(made: Made) -> None:
    by_dag, by_hand = made("dag"), made("hand")
    for place in (by_dag, by_hand):
        place.drop("a.csv", JULY)
        place.drop("b.csv", JULY_AGAIN)
    by_dag.run()
    for name in ("a.csv", "b.csv"):
        by_hand.clock.move(by_hand.clock.now() + timedelta(minutes=1))
        publish(
            SICK, deliver(by_hand.path / name), bus=by_hand.service.bus, landing=by_hand.service.landing,
            now=by_hand.clock.now(), registered=[one.code for one in TRUSTS],
        )  # fmt: skip
    assert outcome(by_dag) == outcome(by_hand)
    assert by_hand.run() == 0  # what was published by hand is not new to a run either


@pytest.mark.parametrize("order", ["ab", "ba", "aabb", "abab"])
def test_in_whichever_order_files_are_carried_the_later_landing_holds(made: Made, order: str) -> None:
    wanted, place = made("wanted"), made("tried")
    for one in (wanted, place):
        one.drop("a.csv", JULY)
        one.drop("b.csv", JULY_AGAIN)
    wanted.run()
    slips = dict(zip("ab", place.look(), strict=True))
    for step in order:
        place.carry(slips[step], run=f"run:{step}")
    assert outcome(place)[0] == outcome(wanted)[0]  # which of two words came first is counted, and that is all


def test_august_before_july_is_the_same_as_july_before_august(made: Made) -> None:
    forward, backward = made("forward"), made("backward")
    for place, contents in ((forward, (JULY, AUGUST)), (backward, (AUGUST, JULY))):
        for number, content in enumerate(contents):
            place.drop(f"{number}.csv", content)
            place.run()
    assert outcome(forward)[1] == outcome(backward)[1]
    assert forward.service.store.coverage(SICK.key) == backward.service.store.coverage(SICK.key)


def test_steps_of_two_runs_between_each_other_change_nothing(made: Made) -> None:
    wanted, place = made("wanted"), made("tried")
    for one in (wanted, place):
        one.drop("a.csv", JULY)
    wanted.run()
    (first,), (second,) = place.look(), place.look()
    carrying.publish(place.service, SICK, first, "one:1")
    carrying.publish(place.service, SICK, second, "two:1")
    carrying.advance(place.service, SICK, second, "two")
    carrying.advance(place.service, SICK, first, "one")
    assert place.look() == []
    assert outcome(place) == outcome(wanted)


def test_killed_after_landing_the_next_run_takes_it_up(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY)
    (slip,) = place.look()  # and here it was killed
    (place.path / "a.csv").unlink()
    assert place.look() == [slip]
    place.carry(slip)
    assert place.look() == []


def test_nothing_is_advanced_that_was_not_published(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY)
    (slip,) = place.look()
    with pytest.raises(BadRequest, match="has not been published; clear its publish task"):
        carrying.advance(place.service, SICK, slip, "run")
    assert place.advances() == []


def test_a_contract_that_breaks_its_promise_sends_nothing_and_the_file_waits_until_it_is_mended(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY)
    place.run()
    work(place.service, until_idle=True)
    sent = place.service.bus.end(SICK.key)
    calendars = dict.fromkeys(SICK.sources["official"].calendars, "quarterly")
    place.feed = replace(SICK, sources={"official": replace(SICK.sources["official"], calendars=calendars)})
    place.drop("b.csv", AUGUST)
    (slip,) = place.look()
    for step in (lambda: carrying.check(place.service, place.feed, slip), lambda: place.carry(slip)):
        with pytest.raises(
            Refused, match=r"feed staff_sickness: .*calendar monthly before, quarterly now; keep the old"
        ):
            step()
    assert place.service.bus.end(SICK.key) == sent
    place.feed = SICK
    assert place.run() == 1


def test_origins_name_the_run_the_file_and_the_row(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY)
    (slip,) = place.look()
    place.carry(slip, run="staff_sickness:scheduled__2026-11-16T06:17:00+00:00:2")
    said = [decode(message) for message in place.service.bus.read(SICK.key, 0, 1_000).messages]
    origins = [message.origin for message in said if isinstance(message, Observation)]
    assert origins[0] == f"staff_sickness:scheduled__2026-11-16T06:17:00+00:00:2/{slip['sha256'][:12]}/2"


def test_clearing_a_run_whose_bytes_have_expired_leaves_its_file_published(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY)
    (slip,) = place.look()
    place.carry(slip)
    register = place.service.settings.home / "register" / f"{slip['sha256']}.json"
    before = register.read_text()
    name, now = f"{slip['sha256']}.csv", place.clock.now()
    assert place.service.landing.drop(name, {}, otherwise=timedelta(0), now=now)
    for step in (carrying.read, carrying.check):
        with pytest.raises(Refused, match="has expired; fetch it from its source again"):
            step(place.service, SICK, slip)
    assert register.read_text() == before


def test_what_two_looks_find_at_once_at_two_places_is_one_file(made: Made) -> None:
    place, both = made(), Barrier(2, timeout=30)

    def fetch(_: str | None) -> Got:
        both.wait()  # neither has landed anything before the other has it in hand too
        return Got("", Delivery("answer.csv", JULY))

    def look(sql: str) -> None:
        carrying.land(place.service, SICK, Query("local", sql), lambda _: [Thing("local", fetch)])

    looks = [Thread(target=look, args=(sql,)) for sql in ("one", "another")]
    for one in looks:
        one.start()
    for one in looks:
        one.join()
    (slip,) = carrying.waiting(place.service, SICK)
    place.carry(slip)
    assert len(list((place.service.settings.home / "landed").iterdir())) == 1
    assert carrying.waiting(place.service, SICK) == []
