"""How the database is opened and its transactions begin."""

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from monitor.errors import BadRequest, Outage
from monitor.store.engine import checkpoint, open_engine, reading, writing
from tests.conftest import require
from tests.store.conftest import TEST_DATABASE


@pytest.fixture(autouse=True)
def on_sqlite() -> None:
    if TEST_DATABASE:
        require(TEST_DATABASE.startswith("sqlite"), "these promises are SQLite's; unset MONITOR_TEST_DATABASE_URL")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_database_and_its_log_are_private_to_their_owner(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO names (text) VALUES ('x')"))
        modes = {path.name: mode(path) for path in (tmp_path / "home").iterdir()}
    assert modes == {"monitor.db": 0o600, "monitor.db-wal": 0o600, "monitor.db-shm": 0o600}
    assert mode(tmp_path / "home") == 0o700


def test_a_file_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "monitor.db"
    path.touch(mode=0o644)
    open_engine(f"sqlite:///{path}").dispose()
    assert mode(path) == 0o600


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30_000)]
)
def test_what_is_committed_survives_a_power_cut(engine: Engine, pragma: str, value: object) -> None:
    with reading(engine) as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


def test_a_writer_holds_the_lock_from_its_beginning_and_readers_go_on(engine: Engine, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "home" / "monitor.db", timeout=0)) as other, writing(engine):
        assert other.execute("SELECT count(*) FROM names").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


def test_what_was_committed_lies_in_the_file_itself_once_the_log_was_copied(engine: Engine, tmp_path: Path) -> None:
    def in_the_file() -> int:
        copy = Path(shutil.copy(tmp_path / "home" / "monitor.db", tmp_path / "alone.db"))
        with closing(sqlite3.connect(copy)) as alone:
            return int(alone.execute("SELECT count(*) FROM names").fetchone()[0])

    checkpoint(engine)  # what made the tables
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO names (text) VALUES ('x')"))
    assert in_the_file() == 0
    checkpoint(engine)
    assert in_the_file() == 1


def test_a_reader_sees_one_state_however_long_it_reads(engine: Engine) -> None:
    with reading(engine) as reader:
        before = reader.execute(text("SELECT count(*) FROM names")).scalar_one()
        with writing(engine) as writer:
            writer.execute(text("INSERT INTO names (text) VALUES ('new')"))
        assert reader.execute(text("SELECT count(*) FROM names")).scalar_one() == before


@pytest.mark.parametrize("url", ["bogus://jo:secret@host/x", "jo:secret", "", "postgresql+bogus://jo:secret@host/x"])
def test_a_url_of_no_database_names_the_setting_and_never_the_password(url: str) -> None:
    with pytest.raises(BadRequest, match="MONITOR_DATABASE_URL") as caught:
        open_engine(url)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_named_with_its_remedy(tmp_path: Path) -> None:
    path = tmp_path / "monitor.db"
    path.write_bytes(bytes(range(1, 256)) * 64)
    engine = open_engine(f"sqlite:///{path}")
    told = r"monitor\.db .*not a database.*restore it from the backup"
    for begin in (reading, writing):
        with pytest.raises(BadRequest, match=told), begin(engine):
            pytest.fail("nothing can be read of it")
    engine.dispose()


def test_a_folder_in_its_place_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "monitor.db").mkdir()
    with pytest.raises(BadRequest, match=r"monitor\.db .*directory.*restore it from the backup"):
        open_engine(f"sqlite:///{tmp_path / 'monitor.db'}")


def test_a_database_with_damaged_pages_is_named_when_they_are_met(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "home" / "monitor.db"
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO names (text) VALUES (:text)"), {"text": "x" * 50_000})
    engine.dispose()
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\x00\xff" * ((len(content) - 4096) // 2))
    with pytest.raises(BadRequest, match=r"malformed.*restore it from the backup"), reading(engine) as connection:
        connection.execute(text("SELECT * FROM names")).all()


def test_a_full_disk_is_an_outage_that_asks_for_room(engine: Engine) -> None:
    with reading(engine) as connection:
        connection.execute(text("PRAGMA max_page_count = 1"))  # of this connection; SQLite takes the present size
    with pytest.raises(Outage) as caught, writing(engine) as connection:
        connection.execute(text("INSERT INTO names (text) VALUES (:text)"), {"text": "x" * 500_000})
    assert caught.value.remedy is not None
    assert "make room" in caught.value.remedy


def test_a_locked_database_is_an_outage_and_promises_nothing(engine: Engine, tmp_path: Path) -> None:
    with reading(engine) as connection:
        connection.execute(text("PRAGMA busy_timeout = 0"))
    with closing(sqlite3.connect(tmp_path / "home" / "monitor.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Outage) as caught, writing(engine):
            pytest.fail("the lock was not held")
    assert str(caught.value) == "the database cannot be used now (database is locked)"
    assert caught.value.remedy == "run it again"


def test_a_mistake_is_no_outage(engine: Engine) -> None:
    with pytest.raises(OperationalError, match="no such table"), reading(engine) as connection:
        connection.execute(text("SELECT * FROM nowhere"))
