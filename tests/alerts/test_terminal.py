import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from monitor.alerts.digest import digest
from monitor.alerts.plain import facts
from monitor.alerts.terminal import File, Terminal
from monitor.casefile import Notification, What
from monitor.errors import Outage
from tests.exhibits import AT, message_of


def notification_of(number: int = 1, body: dict[str, object] | None = None) -> Notification:
    return Notification(f"n{number}", "C-7", "terminal", What.OPENED, "first", AT, body or message_of())


@pytest.mark.parametrize("body", [message_of(), message_of(What.CORRECTED), digest(at=AT, cases=[message_of()])])
@pytest.mark.parametrize("drawn", [True, False])
def test_a_message_is_shown_once_whole_in_a_narrow_console(body: dict[str, object], drawn: bool) -> None:
    written = StringIO()
    terminal = Terminal(Console(file=written, force_terminal=drawn, width=90))
    for _ in range(2):
        terminal.send(notification_of(body=body))
    text = " ".join(written.getvalue().split())
    assert text.count("A prompt to ask, not a finding.") == 1
    assert max(len(line) for line in written.getvalue().splitlines()) < 200


def test_what_has_passed_is_told_before_why_the_case_had_opened() -> None:
    body = message_of(What.FADED) | {"reason": "its signals have left their windows", "because": "patients agree"}
    labelled = dict(facts(body))
    assert labelled["Why now"] == "its signals have left their windows"
    assert labelled["Why it opened"] == "patients agree"


@pytest.mark.parametrize("against", [[], ["short history"]])
def test_nothing_speaks_against_a_case_only_where_nothing_does_against_its_signals(against: list[str]) -> None:
    body = message_of()
    body |= {"against": [], "signals": [{**signal, "against": against} for signal in body["signals"]]}  # type: ignore[attr-defined]
    said = "nothing but what stands with its signals" if against else "nothing found that speaks against it"
    assert dict(facts(body))["Against"] == said


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    written = StringIO()
    body = message_of() | {"headline": "[bold]St[/] Mary's :smile:"}
    Terminal(Console(file=written, force_terminal=True, width=90)).send(notification_of(body=body))
    assert "[bold]St[/] Mary's :smile:" in written.getvalue()


def test_the_file_holds_one_private_line_a_message_however_often_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "out" / "messages.jsonl"
    for number in (1, 2, 1):
        File(path).send(notification_of(number))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == ["n1", "n2"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_cut_by_a_crash_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    File(path).send(notification_of(1))
    path.write_text(path.read_text(encoding="utf-8")[:50], encoding="utf-8")
    File(path).send(notification_of(1))
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[1])["id"] == "n1"


def test_a_file_that_cannot_be_written_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(Outage, match="folder"):
        File(tmp_path / "folder" / "x" / ".." / "..").send(notification_of())


def test_a_file_that_cannot_be_read_is_an_outage(tmp_path: Path) -> None:
    with pytest.raises(Outage, match=tmp_path.name):
        File(tmp_path).send(notification_of())  # a folder stands where the file should


def test_a_line_cut_inside_a_letter_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    path.write_bytes('{"id": "n1", "message": "St Mary–'.encode()[:-1])
    File(path).send(notification_of(1))
    assert json.loads(path.read_bytes().splitlines()[1])["id"] == "n1"
