"""Odd panels: the right answer, or one sentence that names the line and the remedy; never NaN."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from monitor.errors import BadFile, BadRequest, MonitorError, Outage
from monitor.evaluation.panels.asked import Worse
from monitor.model import Kind
from tests.evaluation.panels.panels import ROW, column, day, drawn, read, run, scores, write

HEADER = "series,period,numerator,denominator\n"
A, B = "s0,2010-01-01,5,100\n", "s1,2010-01-01,6,100\n"


def refusal(path: Path, text: str, **asked: object) -> str:
    """Give the sentence with which a panel is refused."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MonitorError) as refused:
        scores(path, **asked)
    assert not path.with_name("scores.csv").exists()
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEADER + A + B + A, "line 4: series s0 has 2010-01-01 already (line 2); keep one"),
        (HEADER + A + "\n\n" + B + A, "line 6: series s0 has 2010-01-01 already (line 2)"),
        (HEADER + A + "s1,2010-01-01,-6,100\n", "line 3: numerator -6 is negative"),
        (HEADER + A + "s1,2010-01-01,6,-100\n", "line 3: denominator -100 is negative"),
        (HEADER + A + "s1,2010-01-01,inf,100\n", "line 3: numerator inf is no finite number"),
        (HEADER + A + "s1,2010-01-01,-inf,100\n", "line 3: numerator -inf is no finite number"),
        (HEADER + A + "s1,2010-01-01,1e15,100\n", "line 3: numerator 1e+15 is more than 1e+12"),
        (HEADER + A + "s1,2010-01-01,six,100\n", "line 3: numerator 'six' is no number"),
        (HEADER + A + 's1,2010-01-01,"1,200",100\n', "line 3: numerator '1,200' is no number"),
        (HEADER + A + "s1,2010-01-15,6,100\n", "line 3: period 2010-01-15 starts no monthly period"),
        (HEADER + A + "s1,01/02/2010,6,100\n", "line 3: period '01/02/2010' is no date"),
        (HEADER + A + "s1,,6,100\n", "line 3: period '' is no date"),
        (HEADER + A + "s1,2010-02-30,6,100\n", "line 3: period '2010-02-30' is no date"),
        (HEADER + A + "s1,9999-01-01,6,100\n", "line 3: period '9999-01-01' is no date of 1900 to 2199"),
        (HEADER + A + " ,2010-01-01,6,100\n", "line 3: series is empty"),
        (HEADER + A + "s1,2010-01-01\n", "line 3: 2 cells where the header has 4"),
        (HEADER, "no rows under the header"),
        ("", "no column series"),
        ("series,period,count\n" + A, "no column numerator; a panel has series, period, numerator"),
        ("series,period,numerator,numerator\n" + A, "two columns numerator"),
        (
            "series,peer_group,period,numerator\ns0,a,2010-01-01,5\ns0,b,2010-02-01,5\n",
            "line 3: peer_group 'b', but series s0 has 'a' (line 2); a series has one",
        ),
    ],
)
def test_a_row_that_cannot_be_is_named_with_its_remedy(tmp_path: Path, text: str, says: str) -> None:
    assert says in refusal(tmp_path / "panel.csv", text)


def test_a_part_is_not_more_than_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "panel.csv"
    assert "line 3: numerator 101" in refusal(path, HEADER + A + "s1,2010-01-01,101,100\n", kind=Kind.PROPORTION)
    assert "line 2: numerator 101 is more than 100 %" in refusal(
        path, "series,period,numerator\ns0,2010-01-01,101\n", kind=Kind.PROPORTION
    )


@pytest.mark.parametrize(
    ("cadence", "right", "wrong"),
    [
        ("weekly", "2010-01-06", "2010-01-11"), ("quarterly", "2010-02-01", "2010-04-01"),
        ("yearly", "2010-04-01", "2011-01-01"), ("months:2,5,8", "2010-02-01", "2010-03-01"),
    ],
)  # fmt: skip
def test_periods_may_begin_on_any_day_that_all_of_a_panel_share(
    tmp_path: Path, cadence: str, right: str, wrong: str
) -> None:
    path = tmp_path / "panel.csv"
    path.write_text(f"series,period,numerator\ns0,{right},5\n")
    assert len(scores(path, cadence=cadence)) == 1
    path.with_name("scores.csv").unlink()
    assert "line 3: period" in refusal(path, f"series,period,numerator\ns0,{right},5\ns0,{wrong},5\n", cadence=cadence)


@pytest.mark.parametrize("cadence", ["daily", "months:1,7"])
def test_a_cadence_that_cannot_be_scored_is_refused(tmp_path: Path, cadence: str) -> None:
    assert cadence in refusal(tmp_path / "panel.csv", HEADER + A, cadence=cadence)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "panel.csv").write_bytes(b"series,period,numerator\n\xff\xfe,2010-01-01,5\n")
    (tmp_path / "panel.parquet").write_bytes(b"PAR1")
    for name in ("panel.csv", "panel.parquet"):
        with pytest.raises(BadFile, match=name):
            scores(tmp_path / name)
    for name in ("panel.xlsx", "scores.txt"):
        with pytest.raises(BadRequest, match=r"CSV or Parquet"):
            run(tmp_path / name, tmp_path / name)


def test_a_panel_is_never_written_over(tmp_path: Path) -> None:
    path = write(tmp_path / "panel.csv", drawn(2, 3))
    with pytest.raises(BadRequest, match="written over"):
        run(path, path)
    with pytest.raises(BadRequest, match="written over"):
        run(path, tmp_path / "out.csv", tmp_path / "out.csv")


def test_a_place_that_cannot_be_written_to_leaves_nothing_behind(tmp_path: Path) -> None:
    path = write(tmp_path / "panel.csv", drawn(2, 3))
    with pytest.raises(Outage, match="cannot be written"):
        run(path, path / "scores.csv")
    assert [each.name for each in tmp_path.iterdir()] == ["panel.csv"]


def test_a_column_of_another_type_is_refused(tmp_path: Path) -> None:
    table = pa.table({"series": ["s0"], "period": ["2010-01-01"], "numerator": ["many"]})
    pyarrow.parquet.write_table(table, tmp_path / "panel.parquet")
    with pytest.raises(BadRequest, match="column numerator holds string; write it as numbers"):
        scores(tmp_path / "panel.parquet")
    table = pa.table({"series": ["s0", "s0"], "period": ["2010-01-01"] * 2, "numerator": [1, 2]})
    pyarrow.parquet.write_table(table, tmp_path / "panel.parquet")
    with pytest.raises(BadRequest, match="row 2: series s0 has 2010-01-01 already"):
        scores(tmp_path / "panel.parquet")


ODD = {
    "zeros": lambda rng, t: 0.0, "a constant": lambda rng, t: 7.0, "all missing": lambda rng, t: None,
    "one value": lambda rng, t: 5.0 if t == 30 else None, "billions": lambda rng, t: 1e9 + rng.normal(0, 1e6),
    "gaps": lambda rng, t: float(rng.poisson(20)) if t % 3 else None, "a slip": lambda rng, t: 1e11 if t == 40 else 9.0,
    "nearly nothing": lambda rng, t: float(rng.random() < 0.02), "usual": lambda rng, t: float(rng.poisson(20)),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("cadence", ["weekly", "monthly", "quarterly", "yearly"])
@pytest.mark.parametrize("divided", [True, False])
def test_odd_series_give_numbers_or_empty_cells(tmp_path: Path, kind: Kind, cadence: str, divided: bool) -> None:
    rng = np.random.default_rng(2)
    rows = [
        {"series": name, "period": day(t, cadence), "numerator": figure, "denominator": max(1000.0, 10 * (figure or 0))}
        for t in range(60)
        for name, make in ODD.items()
        for figure in (make(rng, t),)
    ]
    if kind is Kind.PROPORTION and not divided:
        rows = [row for row in rows if row["series"] not in ("billions", "a slip")]
    columns = ("series", "period", "numerator", "denominator") if divided else ("series", "period", "numerator")
    path = write(tmp_path / "panel.csv", rows, columns)
    organisations = tmp_path / "months.csv"
    found = scores(path, organisations, kind=kind, cadence=cadence, worse=Worse.BOTH)
    assert len(found) == len(rows)
    for text in (path.with_name("scores.csv").read_text(), organisations.read_text()):
        assert not {"nan", "inf", "-inf"} & {cell.lower() for line in text.splitlines() for cell in line.split(",")}
    assert np.isfinite(column([row for row in found if row["series"] == "usual"], "score")).sum() >= 30
    assert not any(row["score"] for row in found if row["series"] in ("all missing", "one value"))
    for row in found:
        assert len({row[name] == "" for name in ("expected", "low", "high", "score")}) == 1
        assert not row["low"] or float(row["low"]) <= float(row["expected"]) * (1 + 1e-12) <= float(row["high"]) * 1.01


@pytest.mark.parametrize("series", [1, 2])
def test_few_series_are_judged_by_their_own_past(tmp_path: Path, series: int) -> None:
    rows = scores(write(tmp_path / "panel.csv", drawn(series, 30)))
    assert np.isfinite(column(rows, "score")).sum() == series * 18


def test_a_series_that_begins_without_a_denominator_is_a_plain_count(tmp_path: Path) -> None:
    rows = drawn(10, 30)
    plain = [{**row, "denominator": None} if row["series"] == "s2" else row for row in rows]
    mixed = [{**row, "denominator": None} if row is rows[60] else row for row in rows]
    (told,) = run(write(tmp_path / "mixed.csv", mixed), tmp_path / "mixed_scores.csv")
    assert told.notes == ("29 denominators are not used: their series begin without one, as plain counts",)
    found = read(told.output)
    for one, other in zip(found, scores(write(tmp_path / "plain.csv", plain)), strict=True):
        assert one == other


def test_a_missing_exposure_is_carried_and_a_missing_base_is_a_missing_figure(tmp_path: Path) -> None:
    rows = drawn(10, 30)
    rows[25] = {**rows[25], "denominator": None}
    carried = [*rows[:25], {**rows[25], "denominator": rows[24]["denominator"]}, *rows[26:]]
    gone = [*rows[:25], {**rows[25], "numerator": None}, *rows[26:]]
    path = tmp_path / "panel.csv"
    assert scores(write(path, rows)) == scores(write(path, carried))
    assert scores(write(path, rows), kind=Kind.RATE) == scores(write(path, gone), kind=Kind.RATE)


def test_words_of_any_kind_come_back_as_they_were(tmp_path: Path) -> None:
    names = ["NA", "007", 'a "quoted", name', "Ångström", "nan"]
    rows = [{"Series ": name, "PERIOD": "2010-01-01T00:00:00", "numerator": 3} for name in names]
    found = scores(write(tmp_path / "panel.csv", rows))
    assert [row["series"] for row in found] == names
    assert {row["period"] for row in found} == {"2010-01-01"}
    assert tuple(found[0]) == ROW


def test_semicolons_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    text = write(tmp_path / "panel.csv", drawn(3, 15)).read_text()
    plain = scores(tmp_path / "panel.csv")
    (tmp_path / "panel.csv").write_text(text.replace(",", ";"), encoding="utf-8-sig")
    assert scores(tmp_path / "panel.csv") == plain
