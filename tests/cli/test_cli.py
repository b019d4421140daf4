"""The command line as a whole: help, speed, errors in one sentence."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from monitor.cli import Sentences, app
from monitor.errors import Outage

from .conftest import Ask, Run

PROMISED = {
    *("demo", "simulate", "publish", "worker", "relay", "settle", "replay", "cases list", "cases show", "cases ack"),
    *("cases watch", "cases note", "cases accept", "cases close", "feeds list"),
    *("organisations load", "organisations list"),
    *(
        "organisations add",
        "deadletters list",
        "accounting",
        "budget",
        "report",
        "db upgrade",
        "doctor",
        "bench detection",
        "hints",
    ),
    *("score", "backtest", "digest", "retain", "heartbeat", "organisations sync"),
    *(
        "feeds new",
        "feeds check",
        "feeds page",
        "feeds freshness",
        "deadletters show",
        "deadletters fix",
        "deadletters replay",
    ),
}
LISTING = (
    *(
        "cases list",
        "cases show",
        "feeds list",
        "feeds freshness",
        "organisations list",
        "deadletters list",
        "accounting",
        "budget",
        "doctor",
        "hints",
    ),
    *("publish", "organisations load", "feeds check", "deadletters show", "deadletters replay"),
)
HEAVY = ("sqlalchemy", "alembic", "scipy", "river", "matplotlib", "pyarrow", "pydantic", "structlog")


def commands() -> Iterator[str]:
    root = get_command(app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        yield from [f"{name} {inner}" for inner in command.commands] if hasattr(command, "commands") else [name]


def test_every_promised_command_is_there() -> None:
    assert set(commands()) == PROMISED


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_every_command_says_what_it_does(name: str) -> None:
    result = CliRunner().invoke(app, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


@pytest.mark.parametrize("name", LISTING)
def test_listing_commands_speak_json(name: str) -> None:
    assert "--json" in CliRunner().invoke(app, [*name.split(), "--help"]).output


def test_help_imports_nothing_heavy() -> None:
    script = f"import sys, monitor.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_an_error_is_one_sentence_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_CONFIG", "nowhere.toml")
    result = run("cases", "list", expect=2)
    assert result.stderr == "monitor: MONITOR_CONFIG: nowhere.toml cannot be read; name a TOML file or leave it out\n"


def test_what_is_away_is_said_with_what_to_type_then() -> None:
    lone = typer.Typer(cls=Sentences)

    @lone.callback(invoke_without_command=True)
    def lock() -> None:
        raise Outage("the database cannot be used now", remedy="run it again")

    result = CliRunner().invoke(lone, [])
    assert (result.exit_code, result.stderr) == (4, "monitor: the database cannot be used now; run it again\n")


@pytest.mark.parametrize("damaged", [b"no database" * 500, None])
def test_a_damaged_database_is_one_sentence_for_all_and_a_finding_for_the_doctor(
    run: Run, ask: Ask, home: Path, damaged: bytes | None
) -> None:
    home.mkdir()
    path = home / "monitor.sqlite"
    path.mkdir() if damaged is None else path.write_bytes(damaged)
    for command in ("cases list", "feeds list", "accounting", "worker --until-idle", "db upgrade"):
        told = run(*command.split(), expect=2).stderr
        assert told.startswith(f"monitor: {path}")
        assert told.endswith("restore it from the backup, or mend its place\n")
    (finding,) = ask("doctor", expect=1)
    assert (finding["check"], finding["ok"]) == ("database", False)
    assert "restore it from the backup" in finding["said"]
    assert "LOOK" in run("doctor", expect=1).stdout


@pytest.mark.parametrize("command", ["report", "simulate --organisations 20 --years 4", "demo"])
def test_a_place_that_takes_no_file_is_one_sentence(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("")
    told = run(*command.split(), "--output", str(tmp_path / "file" / "below"), expect=2).stderr
    assert told.splitlines()[-1].startswith("monitor: ")
    assert "Not a directory" in told
    assert "Traceback" not in told


def test_a_full_disk_is_one_sentence_with_what_to_do() -> None:
    lone = typer.Typer(cls=Sentences)

    @lone.callback(invoke_without_command=True)
    def write() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "page.html")

    result = CliRunner().invoke(lone, [])
    assert (result.exit_code, result.stderr) == (
        4,
        "monitor: page.html: No space left on device; make room there, then run it again\n",
    )


def test_wrong_usage_exits_with_two(run: Run) -> None:
    run("publish", "staff_sickness", "not-there.csv", expect=2)
    run("cases", "ack", "R01-20260101", expect=2)
    run("unheard-of", expect=2)


def test_the_process_itself_answers(home: Path) -> None:
    environment = os.environ | {"MONITOR_HOME": str(home)}
    command = [sys.executable, "-m", "monitor", "--version"]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert result.stdout.strip().count(".") == 2


def test_a_home_is_private_and_so_is_all_in_it(run: Run, home: Path) -> None:
    run("organisations", "add", "R01", "--type", "acute", "--by", "me")
    assert home.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in home.rglob("*")} == {0}


def test_a_demo_without_its_feeds_says_so_before_it_writes_anything(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MONITOR_DAGS")  # as anywhere but where the folder dags/ lies
    said = run("demo", "--output", str(tmp_path / "out"), expect=2).output
    assert "complaints, incident_reports" in said
    assert str(tmp_path / "dags") in said
    assert "MONITOR_DAGS" in said
    assert not (tmp_path / "out").exists()
