"""Loading, adding and listing organisations."""

import json
from collections.abc import Callable
from pathlib import Path

from .conftest import Ask, Run


def written(path: Path, document: object) -> str:
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_the_published_registries_load_with_their_counts(ask: Ask, real_file: Callable[[str], Path]) -> None:
    files = [str(real_file(f"organisation_reference/{name}")) for name in ("etr.csv", "dim_*.csv")]
    loaded = ask("organisations", "load", *files)
    assert [(one["layout"], one["organisations"]) for one in loaded] == [("etr", 218), ("dimension", 148)]
    listed = ask("organisations", "list")
    assert len(listed) == 218
    assert sum(one["type"] is not None for one in listed) == 148
    assert sum(one["start"] is not None for one in listed) == 218


def test_a_merger_shows_who_stands_there_now(ask: Ask, run: Run, tmp_path: Path) -> None:
    both = [{"code": code, "name": code, "type": "acute", "region": "London"} for code in ("R01", "R02")]
    merger = {"predecessor": "R01", "successor": "R02", "legal_date": "2024-04-01"}
    run("organisations", "load", written(tmp_path / "o.json", {"organisations": both, "successions": [merger]}))
    assert {one["code"]: one["successor"] for one in ask("organisations", "list")} == {"R01": "R02", "R02": None}


def test_adding_says_only_what_is_new(ask: Ask, run: Run) -> None:
    run("organisations", "add", "R01", "--type", "acute", "--region", "London")
    run("organisations", "add", "R01", "--name", "One", "--end", "2025-04-01", "--successor", "R02")
    (one,) = ask("organisations", "list")
    assert (one["name"], one["type"], one["end"], one["successor"]) == ("One", "acute", "2025-04-01", "R02")


def test_a_successor_needs_a_day(run: Run) -> None:
    assert "needs --end" in run("organisations", "add", "R01", "--successor", "R02", expect=2).stderr


def test_a_file_that_is_no_registry_changes_nothing(ask: Ask, run: Run, tmp_path: Path) -> None:
    good = written(tmp_path / "good.json", {"organisations": [{"code": "R01", "name": "One"}]})
    bad = written(tmp_path / "bad.json", {"people": []})
    result = run("organisations", "load", good, bad, expect=3)
    assert "bad.json" in result.stderr
    assert ask("organisations", "list") == []
