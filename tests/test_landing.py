"""The landing: bytes by hash, a register that stays, a key made once, all of it private."""

import json
import threading
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from monitor.errors import BadFile, BadRequest
from monitor.feeds.delivery import Delivery
from monitor.feeds.landed import Landed
from monitor.handed import deliver
from monitor.landing import Landing

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
FILE = Delivery("Jo Smith.CSV", b"a,b\n1,2\n")


COUNTS = {"source": "official", "rows": 3}


def land(home: Path, feed: str = "staff_sickness", *, now: datetime = NOW, stated: date | None = None) -> Landed:
    return Landing(home).land(FILE, feed, now=now, stated=stated, counts=COUNTS)


def test_the_first_landing_is_kept_whenever_the_bytes_come_again(tmp_path: Path) -> None:
    first = land(tmp_path)
    again = land(tmp_path, now=LATER)
    assert (again.first, again.checksum) == (NOW, first.checksum)


def test_a_file_is_known_once_it_was_published_as_this_feed(tmp_path: Path) -> None:
    Landing(tmp_path).finish(land(tmp_path), "staff_sickness")
    assert land(tmp_path).already_known
    assert not land(tmp_path, "complaints").already_known


def test_a_file_that_has_landed_and_went_no_further_is_not_known(tmp_path: Path) -> None:
    land(tmp_path)
    assert not land(tmp_path).already_known


def test_a_key_that_has_gone_is_never_replaced_silently(tmp_path: Path) -> None:
    land(tmp_path)
    (tmp_path / "key").unlink()
    with pytest.raises(BadRequest, match="restore it from the backup"):
        Landing(tmp_path).key()


def test_a_file_that_was_read_as_another_sources_is_not_known_as_this_ones(tmp_path: Path) -> None:
    def read(source: str) -> bool:
        counts = {"source": source, "rows": 3}
        landed = Landing(tmp_path).land(FILE, "sickness", now=NOW, stated=None, counts=counts)
        Landing(tmp_path).finish(landed, "sickness")
        return landed.already_known

    assert [read(source) for source in ("official", "local", "official", "local")] == [False, False, True, True]


def test_a_stated_date_holds_until_another_is_stated(tmp_path: Path) -> None:
    stated = [date(2026, 7, 1), None, date(2026, 8, 1), None]
    held = [land(tmp_path, stated=one).stated for one in stated]
    assert held == [date(2026, 7, 1), date(2026, 7, 1), date(2026, 8, 1), date(2026, 8, 1)]


def test_the_register_keeps_counts_and_no_name(tmp_path: Path) -> None:
    text = (tmp_path / "register" / f"{land(tmp_path).checksum}.json").read_text()
    assert json.loads(text)["feeds"]["staff_sickness"]["rows"] == 3
    assert "Smith" not in text
    assert json.loads(text)["suffix"] == ".csv"


def test_the_bytes_are_there_until_they_expire_and_the_register_stays(tmp_path: Path) -> None:
    kept = tmp_path / "landed" / f"{land(tmp_path).checksum}.csv"
    assert kept.read_bytes() == FILE.content
    kept.unlink()
    assert land(tmp_path, now=LATER).first == NOW


def test_everything_is_private_and_nothing_half_written_is_left(tmp_path: Path) -> None:
    land(tmp_path / "home")
    land(tmp_path / "home", stated=date(2026, 7, 1))
    Landing(tmp_path / "home").key()
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert sorted(path.suffix or path.name for path in files) == [".csv", ".json", ".turn", "key"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.parent.stat().st_mode & 0o077 for path in files} == {0}


def test_of_many_at_once_all_have_one_key_and_one_first_landing(tmp_path: Path) -> None:
    keys: set[bytes] = set()
    firsts: set[datetime] = set()

    def arrive(minutes: int) -> None:
        keys.add(Landing(tmp_path).key())
        firsts.add(land(tmp_path, now=NOW + timedelta(minutes=minutes)).first)

    arrivals = [threading.Thread(target=arrive, args=(minutes,)) for minutes in range(16)]
    for arrival in arrivals:
        arrival.start()
    for arrival in arrivals:
        arrival.join()
    assert len(keys) == len(firsts) == 1


def test_a_damaged_key_is_never_replaced_silently(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(BadRequest, match="restore it from the backup"):
        Landing(tmp_path).key()


def test_a_sidecar_beside_the_file_says_what_it_covers(tmp_path: Path) -> None:
    (tmp_path / "week.csv").write_bytes(b"x")
    assert deliver(tmp_path / "week.csv").covers is None
    (tmp_path / "week.coverage.csv").write_bytes(b"organisation,from,through\n")
    assert deliver(tmp_path / "week.csv").covers == b"organisation,from,through\n"
    assert deliver(tmp_path / "week.csv", "all").covers == "all"


def test_a_file_or_a_coverage_file_that_is_not_there_is_refused_without_its_name(tmp_path: Path) -> None:
    """Whoever knows that it may be said says it: a reason is logged."""
    with pytest.raises(BadFile, match=r"^the file cannot be read: No such file"):
        deliver(tmp_path / "Jane Smith.csv")
    (tmp_path / "week.csv").write_bytes(b"x")
    with pytest.raises(BadFile, match=r"^its coverage file cannot be read: No such file"):
        deliver(tmp_path / "week.csv", str(tmp_path / "Jane Smith.csv"))


def test_bytes_expire_when_the_last_feed_that_read_them_keeps_them_no_longer(tmp_path: Path) -> None:
    landing, kept = Landing(tmp_path), {"complaints": timedelta(days=30), "incident_reports": timedelta(days=60)}

    def expired(days: int) -> tuple[str, ...]:
        return landing.expired(kept, otherwise=timedelta(days=30), now=NOW + timedelta(days=days))

    counts: dict[str, object] = {}
    one, both = Delivery("one.csv", b"one"), Delivery("both.csv", b"both")
    for feed, delivery in (("complaints", one), ("complaints", both), ("incident_reports", both)):
        landing.land(delivery, feed, now=NOW, stated=None, counts=counts)
    first, second = sha256(b"one").hexdigest(), sha256(b"both").hexdigest()
    assert expired(29) == ()
    assert expired(30) == (f"{first}.csv",)
    assert set(expired(60)) == {f"{first}.csv", f"{second}.csv"}
    assert landing.drop(f"{first}.csv", kept, otherwise=timedelta(days=30), now=NOW + timedelta(days=30))
    assert expired(30) == ()
    with pytest.raises(BadFile, match="has expired; fetch it from its source again"):
        landing.content(first)
    assert landing.landed(first, "complaints").first == NOW, "the register never expires"


def test_what_waits_to_be_published_is_kept_and_what_a_crash_left_is_not(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    checksum = landing.arrive(Delivery("one.csv", b"one"), "complaints", now=NOW, stated=None, again=False)
    (tmp_path / "landed" / ".aside.csv.0123").write_bytes(b"half of")
    later = datetime.now(UTC) + timedelta(days=365)
    names = landing.expired({}, otherwise=timedelta(days=30), now=later)
    assert set(names) == {f"{checksum}.csv", ".aside.csv.0123"}
    assert [drop(landing, name, later) for name in names] == [True, False]
    assert [path.name for path in (tmp_path / "landed").iterdir()] == [f"{checksum}.csv"]


COVERAGE = b"organisation,from,through\nRA1,2026-11-02,2026-11-09\n"
MONTH = timedelta(days=30)


def expired(landing: Landing, now: datetime) -> tuple[str, ...]:
    return landing.expired({}, otherwise=MONTH, now=now)


def drop(landing: Landing, name: str, now: datetime) -> bool:
    return landing.drop(name, {}, otherwise=MONTH, now=now)


def test_a_coverage_file_is_kept_as_long_as_the_youngest_file_that_came_with_it(tmp_path: Path) -> None:
    landing, amended = Landing(tmp_path), NOW + timedelta(days=31)
    names = [f"{sha256(content).hexdigest()}.csv" for content in (b"first", b"amended", COVERAGE)]
    for content, now in ((b"first", NOW), (b"amended", amended), (b"first", NOW)):
        landing.land(Delivery("w.csv", content, COVERAGE), "incidents", now=now, stated=None, counts={})
    assert expired(landing, amended) == (names[0],)
    assert expired(landing, amended + MONTH) == tuple(sorted(names))


def test_a_coverage_file_that_came_as_a_feed_s_own_too_is_still_kept(tmp_path: Path) -> None:
    landing, amended = Landing(tmp_path), NOW + timedelta(days=31)
    landing.land(Delivery("w.coverage.csv", COVERAGE), "incidents", now=NOW, stated=None, counts={})
    landing.land(Delivery("w.csv", b"week", COVERAGE), "incidents", now=amended, stated=None, counts={})
    assert expired(landing, amended) == ()


def test_the_coverage_file_of_what_waits_is_kept_until_it_is_published(tmp_path: Path) -> None:
    landing, late = Landing(tmp_path), NOW + timedelta(days=400)
    checksum = landing.arrive(Delivery("w.csv", b"week", COVERAGE), "incidents", now=NOW, stated=None, again=False)
    assert [drop(landing, name, late) for name in expired(landing, late)] == [False, False]
    landing.finish(landing.landed(checksum, "incidents"), "incidents")
    assert [drop(landing, name, late) for name in expired(landing, late)] == [True, True]


def test_what_is_gone_once_it_was_listed_has_not_expired(tmp_path: Path) -> None:
    """So it is with what another process writes aside; here a link that leads nowhere."""
    checksum = land(tmp_path).checksum
    (tmp_path / "landed" / ".aside.csv.0123").symlink_to("gone")
    assert expired(Landing(tmp_path), NOW + timedelta(days=400)) == (f"{checksum}.csv",)


def test_a_coverage_file_that_comes_beside_another_file_while_a_retention_works_is_kept(tmp_path: Path) -> None:
    landing, late = Landing(tmp_path), NOW + timedelta(days=45)
    landing.land(Delivery("a.csv", b"first", COVERAGE), "incidents", now=NOW, stated=None, counts={})
    names = expired(landing, late)
    second = landing.land(Delivery("b.csv", b"second", COVERAGE), "incidents", now=late, stated=None, counts={})
    assert sorted(drop(landing, name, late) for name in names) == [False, True]
    assert landing.reopened(second).covers == COVERAGE


def test_bytes_that_come_again_after_they_had_expired_are_kept_as_long_as_at_first(tmp_path: Path) -> None:
    landing, again = Landing(tmp_path), NOW + timedelta(days=40)
    name = f"{land(tmp_path).checksum}.csv"
    assert drop(landing, name, again)
    assert land(tmp_path, now=again).first == NOW
    land(tmp_path, now=LATER)
    assert expired(landing, again + MONTH - timedelta(days=1)) == ()
    assert expired(landing, again + MONTH) == (name,)
