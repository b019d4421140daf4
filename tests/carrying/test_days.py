"""Which day a file is of, and which of two words holds, in whatever order files come and looks are made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest

from monitor import carrying
from monitor.arrivals import folder
from monitor.arrivals.thing import Got, Seen, Thing
from monitor.errors import BadRequest
from monitor.feeds.delivery import Delivery
from monitor.feeds.mending import Mending
from monitor.feeds.places import DATED, QUIET, DropFolder, Query
from monitor.feeds.table import Correction
from tests.carrying.place import AUGUST, JULY, JULY_AGAIN, NOW, SICK, Made, held, month
from tests.feeds.samples import sickness_row


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
