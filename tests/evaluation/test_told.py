from datetime import UTC, datetime
from pathlib import Path

from monitor.alerts.digest import Around, digest
from monitor.casefile import Notification, What
from monitor.evaluation.told import Told

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)


def notice(nth: int) -> Notification:
    body = digest(at=NOW, cases=[], data_cases=[], around=Around(organisations=nth))
    return Notification(f"digest/{nth}", "", "demo", What.DIGEST, "what could wait", NOW, body)


def test_every_word_stands_in_the_file_with_its_day(tmp_path: Path) -> None:
    told = Told(tmp_path / "messages.txt")
    told.send(notice(1))
    told.send(notice(2))
    text = (tmp_path / "messages.txt").read_text(encoding="utf-8")
    assert text.count("2025-03-01\nDigest: ") == 2
    assert told.digest is not None
    assert text.endswith(f"{told.digest}\n\n")


def test_a_message_that_comes_twice_is_told_once(tmp_path: Path) -> None:
    told = Told(tmp_path / "messages.txt")
    told.send(notice(1))
    told.send(notice(1))
    assert told.messages == 1


def test_a_new_demo_begins_its_messages_anew(tmp_path: Path) -> None:
    Told(tmp_path / "messages.txt").send(notice(1))
    assert Told(tmp_path / "messages.txt").digest is None
    assert (tmp_path / "messages.txt").read_text(encoding="utf-8") == ""


def test_what_was_told_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "messages.txt"
    path.write_text("of an earlier demo", encoding="utf-8")
    path.chmod(0o644)
    Told(path).send(notice(1))

    assert path.stat().st_mode & 0o777 == 0o600
    assert "earlier" not in path.read_text(encoding="utf-8")
