"""What `monitor publish` says of rows put aside: short where they are many, and of one fault once."""

from pathlib import Path

import pytest

from .conftest import Run
from .test_way_of_a_figure import HEADER


def extract(path: Path, codes: list[str], *, lost: str, of: str = "100000") -> str:
    rows = [f"local,{code},stress_sickness_rate,2024-01-01,2024-02-01,,,,{lost},{of},," for code in codes]
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("many", "named"),
    [(9, "too many rows of R01, R02, R03, R04, R05, R06, R07, R08, R09 were"),
     (40, "too many rows of R01, R02, R03 and 37 organisations more were")],
)  # fmt: skip
def test_of_many_organisations_three_are_named(run: Run, tmp_path: Path, many: int, named: str) -> None:
    codes = [f"R{number:02}" for number in range(1, many + 1)]
    told = run("publish", "staff_sickness", extract(tmp_path / "wide.csv", codes, lost="95000"))

    assert named in told.stderr.replace("\n", " ")


def test_what_put_nearly_the_whole_file_aside_is_said_once_with_its_remedy(run: Run, tmp_path: Path) -> None:
    codes = [f"R{number:02}" for number in range(1, 41)]
    bad = extract(tmp_path / "unit.csv", codes, lost="95000")
    good = extract(tmp_path / "good.csv", codes, lost="1000")
    told = run("publish", "staff_sickness", bad, good).stderr

    assert told.count("unit.csv: 40 of 40 rows: out of range; check the unit") == 1
    assert "good.csv:" not in told
