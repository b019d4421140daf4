"""A home of its own for every test of the command line, and a runner that asks it things."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from monitor.settings import PREFIX, Settings
from tests.conftest import ROOT

Run = Callable[..., Result]
Ask = Callable[..., Any]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that nobody has used, with the feeds of this repository."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    monkeypatch.setenv("MONITOR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MONITOR_DAGS", str(ROOT / "dags"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def run(home: Path) -> Run:
    """Run a command, expecting an exit code."""

    def command(*arguments: str, expect: int = 0) -> Result:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == expect, (result.output, result.exception)
        return result

    return command


@pytest.fixture
def ask(run: Run) -> Ask:
    """Run a command with --json and read its answer."""

    def command(*arguments: str, expect: int = 0) -> Any:
        return json.loads(run(*arguments, "--json", expect=expect).stdout)

    return command
