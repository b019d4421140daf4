"""What the README says works as it says."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.clock import HandClock
from monitor.feeds.folder import feed
from monitor.feeds.publish import publish
from monitor.handed import deliver
from monitor.settings import Settings
from monitor.store.registry import load_organisations
from monitor.wiring import opened
from monitor.worker import settle
from tests.conftest import ROOT
from tests.factories import organisations

README = (ROOT / "README.md").read_text(encoding="utf-8")
TRUSTS = organisations(10)


def _weeks(count: int) -> list[date]:
    return [date(2024, 1, 1) + timedelta(weeks=number) for number in range(count)]


def _extract(path: Path, weeks: list[date]) -> Path:
    """Write an extract of handovers, as the README lays it out."""
    header = re.search(r"`(source,organisation,[a-z,]+)`", README)
    assert header is not None
    rows = [
        f"local,{trust.code},late_handovers_share,{week},{week + timedelta(weeks=1)},,,,12,100,,"
        for trust in TRUSTS
        for week in weeks
    ]
    path.write_text("\n".join([header[1], *rows]) + "\n", encoding="utf-8")
    return path


def test_a_feed_is_one_file_as_the_readme_writes_it(tmp_path: Path) -> None:
    block = next(block for block in re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL) if "FEED" in block)
    (tmp_path / "handovers.py").write_text(block, encoding="utf-8")
    contract = feed("handovers", tmp_path)
    clock = HandClock(datetime(2024, 12, 1, 12, tzinfo=UTC))

    with opened(Settings(home=tmp_path / "home"), clock) as service:
        load_organisations(service.engine, TRUSTS, (), by="test", at=clock.now())
        file = _extract(tmp_path / "handovers.csv", _weeks(40))
        told = publish(contract, deliver(file), bus=service.bus, landing=service.landing, now=clock.now())
        turned = settle(service, "handovers")

    assert (told.receipt.rows, told.receipt.observations, told.receipt.difference) == (400, 400, 0)
    assert len(turned.changes.settlements) == 40


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def _panel(path: Path, months: int) -> None:
    """Write a panel of ten trusts with the columns that the README names, every so many months."""
    (header, *_) = _blocks("csv")[0].splitlines()
    rows = [
        f"{trust.code} x,acute,{trust.code},{2010 + number // 12}-{number % 12 + 1:02d}-01,7,100"
        for trust in TRUSTS
        for number in range(0, 120, months)
    ]
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def test_a_table_is_scored_as_the_readme_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _panel(tmp_path / "complaints.csv", 1)
    _panel(tmp_path / "engagement.csv", 3)
    (tmp_path / "panels.toml").write_text(_blocks("toml")[0], encoding="utf-8")

    for block in _blocks("sh"):
        for command in block.splitlines():
            if command.startswith("monitor score"):
                result = CliRunner().invoke(app, command.split()[1:])
                assert result.exit_code == 0, result.output

    header, *rows = (tmp_path / "scores.csv").read_text().splitlines()
    assert set(header.split(",")[2:]) <= set(re.findall(r"`(\w+)`", README))
    assert len(rows) == 10 * 120
    assert {path.name for path in (tmp_path / "scores").iterdir()} == {"complaints.csv", "engagement.csv"}
    assert (tmp_path / "months.csv").read_text().startswith("organisation,period,evidence,families,signal,latched\n")


def test_airflow_is_told_every_path_that_would_else_be_sought_where_its_tasks_start() -> None:
    fields = Settings.model_fields.items()
    relative = {name for name, field in fields if isinstance(field.default, Path) and not field.default.is_absolute()}
    block = next(
        block for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL) if "airflow standalone" in block
    )
    assert set(re.findall(r"MONITOR_(\w+)=\$PWD/", block)) == {name.upper() for name in relative}


def test_every_file_that_the_readme_names_exists() -> None:
    paths = set(re.findall(r"`((?:monitor|dags|deploy|tests)/[a-z_/.]+\.[a-z]+)`", README))

    assert paths
    assert not [path for path in paths if not (ROOT / path).exists()]
