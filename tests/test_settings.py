"""Settings: defaults, the file, the environment over it, and errors in words."""

import re
from pathlib import Path

import pytest

from monitor.errors import BadRequest
from monitor.settings import PREFIX, Settings, read_settings
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Settings:
    path = tmp_path / "other.toml"
    path.write_text(text)
    monkeypatch.setenv("MONITOR_CONFIG", str(path))
    return read_settings()


def test_a_laptop_needs_no_settings() -> None:
    settings = read_settings()
    assert settings.home == Path(".monitor")
    assert settings.database.startswith("sqlite:////")
    assert settings.database.endswith("/.monitor/monitor.sqlite")
    assert [receiver.name for receiver in settings.receivers] == ["terminal"]


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_SETTLE_AFTER_DAYS", "0")
    settings = configured(tmp_path, monkeypatch, "settle_after_days = 3\nchance_cases_per_month = 2\n")
    assert settings.settle_after_days == 0
    assert settings.chance_cases_per_month == 2


def test_receivers_come_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = configured(
        tmp_path, monkeypatch, '[[receivers]]\nname = "north"\nby = "file"\nregions = ["North West"]\n'
    )
    (receiver,) = settings.receivers
    assert (receiver.name, receiver.regions) == ("north", frozenset({"North West"}))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("chance_cases_per_month = 0", "chance_cases_per_month: 0: "),
        ("batch_messages = 'x'", "batch_messages: 'x': "),
        ("budget = 1", "budget: 1: "),
        ("[[receivers]]\nname = 'x'\nby = 'pigeon'", "receivers.0.by: 'pigeon': "),
        ("database_url = 5", "database_url: Input"),
        ("= 3", "TOML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, named: str) -> None:
    with pytest.raises(BadRequest, match=named):
        configured(tmp_path, monkeypatch, text)


def test_a_named_file_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_CONFIG", "nowhere.toml")
    with pytest.raises(BadRequest, match=r"nowhere\.toml cannot be read"):
        read_settings()


def test_the_committed_file_holds_only_settings_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_CONFIG", str(ROOT / "deploy" / "monitor.toml"))
    read_settings()


WRITTEN_OUT = {
    "database_url": "SQLite in the home",
    "store": "none",
    "organisations": "none",
    "events": "none",
    "clock": "none",
    "receivers": "one, `terminal`",
}
"""Defaults that the table says in words."""


def test_the_readme_lists_every_setting_and_no_other_with_its_default() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `MONITOR_([A-Z_]+)` \| ([^|]+) \|", text, flags=re.MULTILINE))
    assert listed == {name.upper(): WRITTEN_OUT.get(name, f"`{_default(name)}`") for name in Settings.model_fields}


def test_the_defaults_that_the_readme_says_in_words_are_these() -> None:
    assert (Settings().database_url, [one.name for one in Settings().receivers]) == (None, ["terminal"])


def _default(name: str) -> str:
    default = Settings.model_fields[name].default
    return f"{default:g}" if isinstance(default, float) else str(default)
