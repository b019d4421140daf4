"""`monitor score` as a person types it."""

from pathlib import Path

from tests.evaluation.panels.panels import day, drawn, read, write

from .conftest import Run


def test_a_panel_is_scored_and_what_was_found_is_said(run: Run, tmp_path: Path) -> None:
    panel = write(tmp_path / "panel.csv", drawn(10, 30, cadence="quarterly"))
    result = run(
        *("score", str(panel), "--output", str(tmp_path / "out" / "scores.csv"), "--cadence", "quarterly"),
        *("--kind", "rate", "--worse", "lower", "--rate", "0.05", "--organisations", str(tmp_path / "months.csv")),
    )
    assert len(read(tmp_path / "out" / "scores.csv")) == 300
    assert {row["organisation"] for row in read(tmp_path / "months.csv")} == {f"s{place}" for place in range(10)}
    assert "scores.csv: 300 rows, 260 of them scored;" in result.stderr
    assert "chance alone gives about 26" in result.stderr
    assert result.stdout == ""


def test_a_second_row_of_a_period_ends_with_two_and_its_line(run: Run, tmp_path: Path) -> None:
    rows = drawn(3, 20)
    panel = write(tmp_path / "panel.csv", [*rows, {**rows[30], "numerator": 0}])
    result = run("score", str(panel), "--output", str(tmp_path / "scores.csv"), expect=2)
    assert result.stderr.splitlines()[-1] == (
        f"monitor: panel.csv line 62: series s1 has {day(10)} already (line 32); keep one of the two rows"
    )
    assert not (tmp_path / "scores.csv").exists()


def test_what_no_command_can_mean_ends_with_two(run: Run, tmp_path: Path) -> None:
    panel = str(write(tmp_path / "panel.csv", drawn(3, 20)))
    run("score", panel, expect=2)
    run("score", "nowhere.csv", "--output", "scores.csv", expect=2)
    run("score", panel, "--output", "scores.txt", expect=2)
    run("score", panel, "--output", "scores.csv", "--cadence", "daily", expect=2)
    run("score", panel, "--output", "scores.csv", "--rate", "0", expect=2)
    (tmp_path / "no.parquet").write_bytes(b"not this")
    run("score", str(tmp_path / "no.parquet"), "--output", "scores.csv", expect=3)
