"""A scheduled command is a process of its own, ends as it ends, and leaves nothing that others can read."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import Outage
from monitor.settings import Settings
from monitor.starting import Failed, Unneeded, filled, perform, start
from monitor.store.derived import clear_derived
from monitor.wiring import opened
from tests.directory import Site, serving

MINUTES = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MONITOR_{name.upper()}", raising=False)
    monkeypatch.setenv("MONITOR_HOME", str(tmp_path / "home"))


def test_it_ends_with_the_commands_own_code_and_words() -> None:
    code, said = start(("cases", "show", "nobody"), MINUTES)
    assert (code, "case nobody: there is none of this id" in said) == (2, True)


def test_what_it_writes_is_its_owners_alone(tmp_path: Path) -> None:
    assert start(("report", "--output", str(tmp_path / "report")), MINUTES).code == 0
    written = [path for path in (tmp_path / "report").rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if path.stat().st_mode & 0o077]


def test_one_that_takes_too_long_is_killed() -> None:
    assert start(("worker",), timedelta(seconds=0.5)).code is None


def test_of_one_that_is_killed_its_words_are_kept_and_no_other_try_is_said_to_help(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITOR_LOG_LEVEL", "info")
    with serving(Site({}, instead={number: (503, {"Retry-After": "200"}) for number in range(1, 9)})) as site:
        for seconds in (4, 8, 16, 64):  # until its words come before its end, on however slow a machine
            with pytest.raises(Failed, match="monitor organisations was killed after 0:"):
                perform(("organisations", "sync", "--source", site.url), None, timedelta(seconds=seconds))
            if "waiting for the directory" in capsys.readouterr().out:
                return
    pytest.fail("it was killed before it could speak, or its words are lost")


def test_a_setting_stands_for_its_value() -> None:
    assert filled(("x", "--output", "{home}/y"), Settings(home=Path("z"))) == ("x", "--output", "z/y")


def test_it_is_told_apart_whether_nothing_was_to_do_another_try_helps_or_none_does() -> None:
    with pytest.raises(Unneeded, match="MONITOR_EVENTS is not set"):
        perform(("backtest", "{events}"), "events", MINUTES)
    with pytest.raises(Failed, match="ended with exit code 2"):
        perform(("digest", "nobody"), None, MINUTES)
    with opened() as service:
        clear_derived(service.engine)
    with pytest.raises(Outage):
        perform(("digest",), None, MINUTES)
