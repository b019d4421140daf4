"""A series that somebody named after a formula is text in the CSV that we write, and itself in Parquet."""

import csv
from pathlib import Path

import pyarrow.parquet
import pytest

from tests.evaluation.panels.panels import drawn, read, run, scores, write

FORMULAS = ("=HYPERLINK(1)", "+1+cmd|x", "-2+3", "@SUM(A1)", "＝1+1", '=1,"2"')


def named(name: str) -> list[dict[str, object]]:
    return [{**row, "series": row["series"].replace("s0", name)} for row in drawn(2, 20)]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_scores_or_months_begins_a_formula(tmp_path: Path, formula: str) -> None:
    months = tmp_path / "months.csv"
    path = write(tmp_path / "panel.csv", [{**row, "organisation": row["series"]} for row in named(formula)])
    found = {row["series"] for row in scores(path, months)}
    assert found == {f"'{formula}", "s1"}
    for file in (path.with_name("scores.csv"), months):
        with file.open(encoding="utf-8", newline="") as text:
            assert not [cell for line in csv.reader(text) for cell in line if cell[:1] in ("=", "+", "@", "\t", "＝")]
    assert {row["organisation"] for row in read(months)} == found


def test_parquet_runs_nothing_and_keeps_the_name(tmp_path: Path) -> None:
    path = write(tmp_path / "panel.csv", named("=1+1"))
    run(path, tmp_path / "scores.parquet")
    found = pyarrow.parquet.read_table(tmp_path / "scores.parquet").column("series").to_pylist()
    assert set(found) == {"=1+1", "s1"}
