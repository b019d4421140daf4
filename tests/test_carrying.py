"""What a feed's run does, without Airflow: landing, sending in two steps, and nothing that a rerun changes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
import structlog

from monitor import carrying
from monitor.arrivals import folder
from monitor.arrivals.thing import Got, Seen, Thing
from monitor.carrying import Refused, Slip
from monitor.clock import HandClock
from monitor.errors import BadRequest
from monitor.feeds.delivery import Delivery
from monitor.feeds.mending import Mending
from monitor.feeds.places import DATED, QUIET, DropFolder, Query
from monitor.feeds.publish import publish
from monitor.feeds.table import Correction
from monitor.handed import LARGEST_BYTES, deliver
from monitor.model import Advance, Feed, Observation
from monitor.settings import Settings
from monitor.store.accounts import accounting
from monitor.store.derived import digest
from monitor.store.registry import load_organisations
from monitor.wire import decode
from monitor.wiring import Service, opened
from monitor.worker import settle, work
from tests.factories import organisations
from tests.feeds.samples import INCIDENTS, SICKNESS, contract, file_of, sickness_row

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
TRUSTS = organisations(10)
SICK, REPORTS = contract("staff_sickness"), contract("incident_reports")


def month(day: str, lost: int, *more: str) -> bytes:
    return file_of(
        SICKNESS, *(sickness_row(one.code, day=day, triple=f"{lost},10000,{lost / 100}") for one in TRUSTS), *more
    )


JULY, AUGUST, JULY_AGAIN = month("31/07/2025", 510), month("31/08/2025", 520), month("31/07/2025", 560)


class Ticking(HandClock):
    """A clock on which no two looks give the same instant, as on a real one."""

    def now(self) -> datetime:
        """Give the instant, and go on by a microsecond."""
        self.move(super().now() + timedelta(microseconds=1))
        return super().now()


class Place:
    """A drop folder of one feed, and runs that look there as its DAG does."""

    def __init__(self, path: Path, service: Service, clock: HandClock, feed: Feed = SICK) -> None:
        self.path, self.service, self.clock, self.feed, self.files = path, service, clock, feed, 0
        self.untaken: tuple[str, ...] = ()
        path.mkdir()

    def drop(self, name: str, content: bytes) -> None:
        """Put a file there, a minute after the one before."""
        self.files += 1
        (self.path / name).write_bytes(content)
        at = (NOW - timedelta(days=1) + timedelta(minutes=self.files)).timestamp()
        os.utime(self.path / name, (at, at))

    def look(self, *, again: bool = False, published: str | None = None, quiet: timedelta = QUIET) -> list[Slip]:
        """Land what is there, a minute later than last time, and give the slips of the run."""
        self.clock.move(self.clock.now() + timedelta(minutes=1))

        def found(_: Seen) -> list[Thing]:
            return list(folder.things(self.path, published=published, quiet=quiet, now=self.clock.now()))

        where = DropFolder(published=published, quiet=quiet)
        self.untaken = carrying.land(self.service, self.feed, where, found, again=again)
        return list(carrying.waiting(self.service, self.feed))

    def carry(self, slip: Slip, *, run: str = "run:1") -> None:
        """Take every step with one file."""
        carrying.read(self.service, self.feed, slip)
        carrying.check(self.service, self.feed, slip)
        carrying.publish(self.service, self.feed, slip, run)
        carrying.advance(self.service, self.feed, slip, run)

    def run(self, **how: object) -> int:
        """Run the DAG once and give the number of files that it carried."""
        slips = self.look(**how)  # type: ignore[arg-type]
        for slip in slips:
            self.carry(slip)
        return len(slips)

    def advances(self) -> list[Advance]:
        """Give the advances on the topic."""
        said = [decode(message) for message in self.service.bus.read(self.feed.key, 0, 100_000).messages]
        return [message for message in said if isinstance(message, Advance)]


Made = Callable[..., Place]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Make a place with a home of its own, in which ten trusts are registered."""
    closing = []

    def make(name: str = "one", feed: Feed = SICK) -> Place:
        clock, home = Ticking(NOW), tmp_path / name
        context = opened(Settings(home=home, config=home / "none.toml"), clock)
        closing.append(context)
        service = context.__enter__()
        load_organisations(service.engine, TRUSTS, (), by="tests", at=NOW)
        return Place(tmp_path / f"{name} drops", service, clock, feed)

    yield make
    for context in closing:
        context.__exit__(None, None, None)


def outcome(place: Place) -> tuple[str, dict[str, object]]:
    """Settle at one instant; give the hash of all that is derived, and of the account what may not differ."""
    place.clock.move(NOW + timedelta(days=1))
    settle(place.service, place.feed.key)
    account = accounting(place.service.engine, place.service.bus, place.feed.key)
    assert account["difference"] == 0
    return digest(place.service.engine), {
        name: account[name] for name in ("applied", "pending", "dead_lettered_by_worker")
    }


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


def test_a_day_stated_between_the_steps_is_published_before_anything_is_complete(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY)
    (slip,) = place.look()
    carrying.publish(place.service, SICK, slip, "run:1")
    place.drop("2025-11-27_a.csv", JULY)
    (stated,) = place.look(published=DATED)
    with pytest.raises(BadRequest, match="does not say what was published of it"):
        carrying.advance(place.service, SICK, slip, "run")
    place.carry(stated)
    assert place.look(published=DATED) == []


def test_what_had_not_happened_when_it_was_published_is_not_complete_when_it_is_advanced(made: Made) -> None:
    """Read on the day after, the file would say more than was sent."""
    place = made()
    place.clock.move(datetime(2025, 8, 30, 20, tzinfo=UTC))
    place.drop("a.csv", AUGUST)
    os.utime(place.path / "a.csv", (0, 0))
    (slip,) = place.look()
    carrying.publish(place.service, SICK, slip, "run:1")
    place.clock.move(datetime(2025, 9, 2, tzinfo=UTC))
    carrying.advance(place.service, SICK, slip, "run")
    assert place.advances() == []


def test_what_was_corrected_since_is_published_before_it_is_complete(made: Made) -> None:
    """As many rows as before, and one of an organisation of which no word was sent: its advance would be a zero."""
    place = made()
    place.drop("a.csv", month("31/07/2025", 510, sickness_row("R9Z", day="31/07/2025", triple="510,10000,5.1")))
    (slip,) = place.look()
    carrying.publish(place.service, SICK, slip, "run:1")
    correction = Correction(12, "org_code", "RB1")
    place.service.landing.mend(slip["sha256"], SICK.key, Mending("A. Name", NOW, correction))
    with pytest.raises(BadRequest, match="does not say what was published of it"):
        carrying.advance(place.service, SICK, slip, "run")
    place.carry(slip)
    assert place.look() == []


@pytest.mark.parametrize("lost", [False, True])
def test_what_is_put_in_a_file_s_place_under_its_day_was_published_since(made: Made, lost: bool) -> None:
    """Whether what was seen last is remembered or lost: it is a cache."""
    place = made()
    place.drop("2025-10-30_x.csv", JULY)
    assert place.run(published=DATED) == 1
    if lost:
        shutil.rmtree(place.service.settings.home / "seen")
    place.drop("2025-10-30_x.csv", JULY_AGAIN)
    assert place.run(published=DATED) == 1
    assert held(place) == {560}


@pytest.mark.parametrize("again", [False, True])
def test_a_day_that_had_not_come_stays_a_slip_when_it_has(made: Made, again: bool) -> None:
    """Whether what was seen last is lost, or everything is taken up again: what corrected the file still does."""
    place = made()
    place.drop("2026-11-20_x.csv", JULY)
    assert place.run(published=DATED) == 1
    place.clock.move(datetime(2026, 11, 18, 9, tzinfo=UTC))
    place.drop("2026-11-18_y.csv", JULY_AGAIN)
    assert place.run(published=DATED) == 1
    place.clock.move(datetime(2026, 11, 25, 9, tzinfo=UTC))
    shutil.rmtree(place.service.settings.home / "seen")
    assert place.run(published=DATED, again=again) == 2 * again
    assert held(place) == {560}


def test_what_was_taken_stays_known_however_its_place_is_looked_at(made: Made) -> None:
    """Another rest, another pattern: what lies in a file's place is still another than what lay there."""
    place = made()
    place.drop("2025-10-30_x.csv", JULY)
    assert place.run(published=DATED) == 1
    place.drop("2025-10-30_x.csv", JULY_AGAIN)
    assert place.run(published=DATED.replace("_", "[_-]"), quiet=timedelta(seconds=20)) == 1
    assert held(place) == {560}
    assert len(list((place.service.settings.home / "register").glob("staff_sickness-*"))) == 1


def test_killed_before_it_is_remembered_a_file_is_another_than_what_takes_its_place(made: Made) -> None:
    place = made()
    place.drop("2025-10-30_x.csv", JULY)

    def killed(_: Seen) -> Iterator[Thing]:
        yield from folder.things(place.path, published=DATED, quiet=QUIET, now=place.clock.now())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carrying.land(place.service, SICK, DropFolder(published=DATED), killed)
    shutil.rmtree(place.service.settings.home / "seen")  # as if no handler had run
    place.drop("2025-10-30_x.csv", JULY_AGAIN)
    assert place.run(published=DATED) == 2
    assert held(place) == {560}


@pytest.mark.parametrize("stated", [None, date(2025, 10, 30)])
def test_an_answer_that_goes_back_to_an_earlier_one_holds(made: Made, stated: date | None) -> None:
    place, asked = made(), Query("local", "select")
    for content in (JULY, JULY, JULY_AGAIN, JULY, JULY, JULY_AGAIN, JULY):
        place.clock.move(place.clock.now() + timedelta(minutes=1))
        answer = Thing("local", lambda _, content=content: Got("", Delivery("answer.csv", content)), stated)  # type: ignore[misc]
        carrying.land(place.service, SICK, asked, lambda _, answer=answer: [answer])  # type: ignore[misc]
        slips = carrying.waiting(place.service, SICK)
        for slip in slips:
            place.carry(slip)
        assert held(place) == {510 if content == JULY else 560}
    assert len(place.advances()) == 5


def test_of_two_looks_at_once_the_word_of_the_later_one_holds(made: Made) -> None:
    place, asked, others = made(), Query("local", "select"), list[Thread]()

    def look(answer: Callable[[], bytes]) -> None:
        thing = Thing("local", lambda _: Got("", Delivery("answer.csv", answer())))
        carrying.land(place.service, SICK, asked, lambda _: [thing])

    def old() -> bytes:
        """Be asked, and answer only when another look has had its time to ask and keep a newer answer."""
        others.append(Thread(target=look, args=(lambda: JULY_AGAIN,)))
        others[0].start()
        others[0].join(timeout=0.5)
        return JULY

    look(old)
    others[0].join()
    for slip in carrying.waiting(place.service, SICK):
        place.carry(slip)
    assert held(place) == {560}


def test_an_old_file_that_lies_in_a_folder_again_changes_nothing(made: Made) -> None:
    place = made()
    for content, carried in ((JULY, 1), (JULY_AGAIN, 1), (JULY, 0)):
        place.drop("a.csv", content)
        assert place.run() == carried
    assert held(place) == {560}


def held(place: Place) -> set[float]:
    """Give the numerators that the store holds, once a worker has taken everything in; nothing lies aside."""
    work(place.service, until_idle=True)
    assert accounting(place.service.engine, place.service.bus, SICK.key)["dead_lettered"] == {}
    figures = place.service.store.figures("sickness_rate", "official", "monthly", 0, 3_000).numerator
    return {float(figure) for figure in figures.ravel() if figure == figure}


def test_a_file_of_another_feed_stops_and_is_left_alone_until_it_is_asked_for_again(made: Made) -> None:
    place = made()
    place.drop("a.csv", b"ward,nurse\n1,2\n")
    (slip,) = place.look()
    with pytest.raises(Refused, match="no header in this file"):
        carrying.read(place.service, SICK, slip)
    assert place.look() == []
    assert place.look(again=True) == [slip]


def test_of_a_partial_file_the_good_is_published_and_nothing_is_complete_past_the_hole(made: Made) -> None:
    place = made()
    place.drop(
        "a.csv",
        month("31/07/2025", 510, *(sickness_row(TRUSTS[0].code, day=f"3{n}/07/2025", triple="x,1,1") for n in "01")),
    )
    place.run()
    (advance,) = place.advances()
    assert advance.organisations == {one.code for one in TRUSTS[1:]}
    work(place.service, until_idle=True)
    account = accounting(place.service.engine, place.service.bus, SICK.key)
    assert (account["applied"], account["dead_lettered"], account["difference"]) == (10, {"bad number": 2}, 0)


def test_a_file_that_is_still_being_written_waits_until_it_has_rested(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY[:200])
    at = (place.clock.now() + timedelta(minutes=1)).timestamp()
    os.utime(place.path / "a.csv", (at - 5, at - 5))
    assert place.look() == []
    (place.path / "a.csv").write_bytes(JULY)
    os.utime(place.path / "a.csv", (at, at))
    assert place.run() == 1
    assert len(place.advances()) == 1


def test_a_file_that_says_it_is_of_a_day_to_come_is_taken_once_it_has_rested(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY)
    written = (place.path / "a.csv").stat().st_ctime
    to_come = written + 86_400 * 365
    place.clock.move(datetime.fromtimestamp(written, UTC) - timedelta(seconds=59))
    os.utime(place.path / "a.csv", (to_come, to_come))
    assert place.look() == []
    assert place.run() == 1


def test_what_has_lain_for_hours_and_cannot_be_read_is_told_without_its_name(made: Made) -> None:
    place = made()
    place.drop("Jane Smith.csv", b"")
    os.truncate(place.path / "Jane Smith.csv", LARGEST_BYTES + 1)
    place.drop("b.csv", AUGUST)
    place.clock.move(datetime.fromtimestamp((place.path / "b.csv").stat().st_ctime, UTC))
    with structlog.testing.capture_logs() as lines:
        assert place.run() == 1
        assert place.untaken == ()  # it may be on its way still
        place.clock.move(place.clock.now() + timedelta(hours=7))
        place.look()
    (told,) = place.untaken
    assert told.startswith("since 2026-")
    assert told.endswith(" UTC: the file has more than 1,000 MB; split it, by month")
    assert "Jane" not in str(lines) + told


def test_a_file_whose_name_leaves_no_room_for_a_coverage_file_s_is_taken_and_holds_up_no_other(made: Made) -> None:
    place = made()
    place.drop(f"{'n' * 243}.csv", JULY)
    place.drop("z.csv", AUGUST)
    assert (place.run(), place.untaken) == (2, ())


def keeps_changing(place: Place) -> None:
    """Write a file as it is being written at the very look that comes next."""
    at = (place.clock.now() + timedelta(seconds=58)).timestamp()
    (place.path / "a.csv").write_bytes(JULY)
    os.utime(place.path / "a.csv", (at, at))


def test_a_file_that_changes_at_every_look_is_told_of_after_hours_and_forgotten_once_it_rests(made: Made) -> None:
    place, told = made(), []
    for _ in range(9):
        keeps_changing(place)
        assert place.run() == 0
        told.append(len(place.untaken))
        place.clock.move(place.clock.now() + timedelta(hours=1))
    assert told == [0] * 6 + [1] * 3
    place.clock.move(place.clock.now() + timedelta(minutes=1))
    assert (place.run(), place.untaken) == (1, ())
    keeps_changing(place)
    assert (place.run(), place.untaken) == (0, ()), "it was taken between: the hours begin anew"


@pytest.mark.parametrize(
    ("name", "why"),
    [("a.csv.part", "has not finished"), ("b.coverage.csv", "beside no file"), ("b.COVERAGE.csv", "beside no file")],
)
def test_what_is_left_under_a_name_that_is_no_file_s_is_told_of_after_hours(made: Made, name: str, why: str) -> None:
    place = made()
    place.drop("a.csv", JULY)
    place.drop("a.coverage.csv", b"organisation,from,through\n")
    place.drop(name, AUGUST)
    assert (place.run(), place.untaken) == (1, ())
    place.clock.move(place.clock.now() + timedelta(hours=7))
    assert place.run() == 0
    (told,) = place.untaken
    assert why in told
    (place.path / name).unlink()
    assert (place.run(), place.untaken) == (0, ())


def test_of_a_store_that_states_no_instant_of_change_what_is_put_in_its_place_is_seen(made: Made) -> None:
    place = made()
    for content in (JULY, JULY_AGAIN):
        place.drop("a.csv", content)
        os.utime(place.path / "a.csv", (0, 0))
        assert (place.run(), place.run()) == (1, 0)
    assert len(JULY) == len(JULY_AGAIN)


def test_what_is_put_in_a_file_s_place_with_its_instant_of_change_is_seen(made: Made) -> None:
    """As programs do that unpack or copy with all attributes."""
    place = made()
    for content in (JULY, JULY_AGAIN):
        place.drop("a.csv", content)
        os.utime(place.path / "a.csv", (NOW.timestamp() - 3_600,) * 2)
        assert (place.run(), place.run()) == (1, 0)
    assert held(place) == {560}


def test_a_name_that_is_no_text_stops_nothing(made: Made) -> None:
    place = made()
    place.drop(os.fsdecode(b"caf\xe9.csv"), JULY)
    place.drop("b.csv", AUGUST)
    assert (place.run(), place.run()) == (2, 0)


@pytest.mark.parametrize("name", ["a.csv.part", ".a.csv", "~a.csv", "a.tmp", "a.coverage.csv"])
def test_what_is_no_delivery_is_left_where_it_lies(made: Made, name: str) -> None:
    place = made()
    place.drop(name, JULY)
    assert place.look() == []


def test_a_file_dropped_while_a_run_is_going_is_the_next_run_s(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY)
    (slip,) = place.look()
    place.drop("b.csv", AUGUST)
    place.carry(slip)
    assert place.run() == 1
    assert len(place.advances()) == 2


def test_a_coverage_file_that_comes_after_its_events_completes_them(made: Made) -> None:
    place = made("one", REPORTS)
    code = TRUSTS[0].code
    place.drop("week.csv", file_of(INCIDENTS, f"A-1,1,,P1,2026-09-28,2026-10-07,{code},1,5,4,"))
    assert place.run() == 1
    assert place.advances() == []
    place.drop("week.coverage.csv", f"organisation,from,through\n{code},2026-10-05,2026-10-11\n".encode())
    assert (place.run(), place.run()) == (1, 0)
    (advance,) = place.advances()
    assert (advance.start, advance.organisations) == (date(2026, 10, 5), {code})


def test_a_coverage_file_that_is_still_being_copied_completes_nothing(made: Made) -> None:
    """Cut short, it says that the first of October is covered, and not the twelfth."""
    place, code = made("one", REPORTS), TRUSTS[0].code
    coverage = f"organisation,through,from\n{code},2026-11-01,2026-10-12\n".encode()
    place.drop("week.csv", file_of(INCIDENTS, f"A-1,1,,P1,2026-10-14,2026-10-14,{code},1,5,4,"))
    place.drop("week.coverage.csv", coverage[:-2])
    assert place.look() == []  # however long it has lain there
    place.drop("week.coverage.csv", coverage)
    at = place.clock.now().timestamp() + 55
    os.utime(place.path / "week.coverage.csv", (at, at))
    assert place.look() == []  # it has not rested
    assert place.run() == 1
    assert [advance.start for advance in place.advances()] == [date(2026, 10, 12)]


def test_what_completes_something_new_says_so_once(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY)
    (slip,) = place.look()
    carrying.publish(place.service, SICK, slip, "one:1")
    assert [carrying.advance(place.service, SICK, slip, run) for run in ("one", "one", "two")] == [True, False, False]
    assert place.look(again=True) == [slip]
    assert carrying.advance(place.service, SICK, slip, "three"), "it was asked for"


def test_check_asks_for_a_coverage_file_only_where_there_is_none(made: Made) -> None:
    place, code = made("one", REPORTS), TRUSTS[0].code
    bad = f"A-2,1,,P1,2026-10-41,2026-10-14,{code},1,5,4,"
    place.drop("week.csv", file_of(INCIDENTS, f"A-1,1,,P1,2026-09-28,2026-10-07,{code},1,5,4,", bad))
    said = []
    for _ in range(2):
        (slip,) = place.look()
        with structlog.testing.capture_logs() as lines:
            carrying.check(place.service, REPORTS, slip)
        said.append([line["event"].partition(":")[0] for line in lines if line["log_level"] == "warning"])
        place.drop("week.coverage.csv", f"organisation,from,through\n{code},2026-10-05,2026-10-11\n".encode())
    put_aside, uncovered = "too many rows were put aside", "no coverage file says what these events cover"
    assert said == [[put_aside, uncovered], [put_aside]]


def test_events_complete_something_new_once_it_is_said_what_they_cover(made: Made) -> None:
    place, code = made("one", REPORTS), TRUSTS[0].code
    place.drop("week.csv", file_of(INCIDENTS, f"A-1,1,,P1,2026-09-28,2026-10-07,{code},1,5,4,"))
    for is_new in (False, True):
        (slip,) = place.look()
        carrying.publish(place.service, REPORTS, slip, "run:1")
        assert carrying.advance(place.service, REPORTS, slip, "run") == is_new
        place.drop("week.coverage.csv", f"organisation,from,through\n{code},2026-10-05,2026-10-11\n".encode())


def test_origins_name_the_run_the_file_and_the_row(made: Made) -> None:
    place = made()
    place.drop("a.csv", JULY)
    (slip,) = place.look()
    place.carry(slip, run="staff_sickness:scheduled__2026-11-16T06:17:00+00:00:2")
    said = [decode(message) for message in place.service.bus.read(SICK.key, 0, 1_000).messages]
    origins = [message.origin for message in said if isinstance(message, Observation)]
    assert origins[0] == f"staff_sickness:scheduled__2026-11-16T06:17:00+00:00:2/{slip['sha256'][:12]}/2"


def test_a_link_in_a_folder_leads_nowhere(made: Made) -> None:
    place = made()
    (place.path.parent / "elsewhere.csv").write_bytes(JULY)
    os.utime(place.path.parent / "elsewhere.csv", (1, 1))
    (place.path / "a.csv").symlink_to(place.path.parent / "elsewhere.csv")
    place.drop("b.csv", AUGUST)
    (place.path / "b.coverage.csv").symlink_to(place.path.parent / "elsewhere.csv")
    assert place.look() == []


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
