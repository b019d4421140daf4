import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from tests.conftest import ROOT

METHODS = "monitor,monitor_sudden,monitor_slow,peer_relative_z"


def detection(output: Path, *arguments: str) -> Result:
    command = ["bench", "detection", "--output", str(output), "--train-seeds", "32", "--methods", METHODS, *arguments]
    return CliRunner().invoke(app, command)


def kept(output: Path) -> dict[str, Any]:
    document = json.loads((output / "detection.json").read_text(encoding="utf-8"))
    schema = json.loads((ROOT / "monitor/schemas/detection.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    return dict(document)


@pytest.mark.parametrize(
    ("family", "goals"),
    [("A", {"G1", "G2", "G3", "G4.A.pod", "G7.A.trained"}), ("B", {"G4.B.pod6", "G5.pod12", "G6.pod6", "G7.B.theory"})],
)
def test_a_small_run_leaves_figures_tables_plots_and_goals(family: str, goals: set[str], tmp_path: Path) -> None:
    result = detection(tmp_path, "--family", family, "--seeds", "31", "--replicates", "1", "--organisations", "20")
    assert result.exit_code == 0, result.output
    document = kept(tmp_path)
    assert {goal["name"] for goal in document["goals"]} >= goals
    assert [method["name"] for method in document["methods"]] == METHODS.split(",")
    text = (tmp_path / "detection.txt").read_text(encoding="utf-8")
    for plot in ("pod_by_fpr", "found_by_delay"):
        picture = (tmp_path / f"{plot}.svg").read_text(encoding="utf-8")
        assert "peer_relative_z" in picture
    assert "share found by false alarms per series-period" in text


def test_seeds_that_are_trained_on_are_not_judged(tmp_path: Path) -> None:
    result = detection(tmp_path, "--family", "A", "--seeds", "32")
    assert (result.exit_code, "keep them apart" in result.output) == (2, True)


@pytest.mark.parametrize("seeds", ["one", "1,,2", "-1", "1,1"])
def test_seeds_are_whole_numbers_each_once(seeds: str, tmp_path: Path) -> None:
    assert detection(tmp_path, "--family", "A", "--seeds", seeds).exit_code == 2


def test_a_method_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    result = detection(tmp_path, "--family", "A", "--seeds", "1", "--methods", "magic")
    assert result.exit_code == 2
    assert "method magic: there is none of this name" in result.output
