"""What `monitor publish` says of rows put aside: short where they are many, and of one fault once."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def room(to: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (to, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_was_published_before_an_outage_is_accounted_for(run: Run, home: Path, tmp_path: Path) -> None:
    small = extract(tmp_path / "small.csv", ["R01"], lost="1000")
    large = extract(
        tmp_path / "large.csv",
        [
            f"{a}{b}{c}"
            for a in "ABCDEFGHJKLMNPRST"
            for b in "0123456789"
            for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        ],
        lost="1000",
    )
    run("publish", "staff_sickness", extract(tmp_path / "first.csv", ["R02"], lost="1000"))
    with room((home / "monitor.sqlite").stat().st_size + 100_000):
        told = run("publish", "staff_sickness", small, large, expect=4)

    assert "small.csv" in told.stdout
    assert "large.csv and what follows it are not published" in told.stderr
    assert "run it again" in told.stderr
    assert run("publish", "staff_sickness", small, large).stdout.count("yes") == 1  # one of them was known
