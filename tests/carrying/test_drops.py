"""What lies in a drop folder and is taken, left, waited for or told of."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from monitor import carrying
from monitor.carrying import Refused
from monitor.handed import LARGEST_BYTES
from monitor.store.accounts import accounting
from monitor.worker import work
from tests.carrying.place import AUGUST, JULY, JULY_AGAIN, NOW, SICK, TRUSTS, Made, Place, held, month
from tests.feeds.samples import sickness_row


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


def test_a_link_in_a_folder_leads_nowhere(made: Made) -> None:
    place = made()
    (place.path.parent / "elsewhere.csv").write_bytes(JULY)
    os.utime(place.path.parent / "elsewhere.csv", (1, 1))
    (place.path / "a.csv").symlink_to(place.path.parent / "elsewhere.csv")
    place.drop("b.csv", AUGUST)
    (place.path / "b.coverage.csv").symlink_to(place.path.parent / "elsewhere.csv")
    assert place.look() == []
