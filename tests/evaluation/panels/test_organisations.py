"""The evidence of organisations by month: fused as the worker fuses it, of what is fresh and nothing later."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from monitor.errors import BadRequest
from monitor.evaluation.panels.asked import Worse
from monitor.fusion import cauchy, combine
from monitor.model import Kind
from tests.evaluation.panels.panels import Row, column, day, drawn, read, run, scores, write

LIST = """
[[panel]]
path = "figures/staff.csv"
family = "workforce"
kind = "rate"

[[panel]]
path = "figures/ward.csv"
indicator = "ward"
family = "workforce"
cadence = "quarterly"

[[panel]]
path = "figures/voice.csv"
family = "staff voice"
cadence = "yearly"
kind = "score"
worse = "lower"
"""


def named(rows: list[Row], count: int) -> list[Row]:
    """Give the series of a panel to so many organisations."""
    return [{**row, "organisation": f"o{int(row['series'][1:]) % count}"} for row in rows]


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Three panels of ten organisations, and the file that lists them."""
    figures = tmp_path / "figures"
    figures.mkdir()
    write(figures / "staff.csv", named(drawn(20, 120, kind=Kind.RATE), 10))
    write(figures / "ward.csv", named(drawn(10, 40, cadence="quarterly", seed=2), 10))
    write(figures / "voice.csv", named(drawn(9, 10, cadence="yearly", kind=Kind.SCORE, seed=3), 10))
    (tmp_path / "panels.toml").write_text(LIST, encoding="utf-8")
    return tmp_path / "panels.toml"


def test_a_months_evidence_is_what_was_fresh_by_its_end(three: Path) -> None:
    months, out = three.with_name("months.csv"), three.with_name("out")
    run(three, out, months)
    found = {(row["organisation"], row["period"]): row for row in read(months)}
    tails = {name: read(out / f"{name}.csv") for name in ("staff", "ward", "voice")}

    def tail(panel: str, series: str, period: str) -> float:
        (row,) = [row for row in tails[panel] if (row["series"], row["period"]) == (series, period)]
        return 10 ** -float(row["evidence"])

    # May 2018 of o3: two indicators as May ends, the quarter that ended with March, the year that ended with 2017
    of_staff = [tail("staff", name, "2018-05-01") for name in ("s3", "s13")]
    workforce = cauchy([*of_staff, tail("ward", "s3", "2018-01-01")])
    voice = tail("voice", "s3", "2017-01-01")
    row = found["o3", "2018-05-01"]
    assert float(row["evidence"]) == pytest.approx(-np.log10(combine([workforce, voice])), rel=1e-9)
    agreeing = [name for name, p in (("workforce", workforce), ("staff voice", voice)) if p <= 0.05]
    assert row["families"] == ";".join(agreeing)


def test_organisations_stand_together_and_begin_with_their_first_score(three: Path) -> None:
    months = three.with_name("months.csv")
    run(three, three.with_name("out"), months)
    rows = read(months)
    order = [(int(row["organisation"][1:]), row["period"]) for row in rows]
    assert order == sorted(order)
    assert len(order) == len(set(order)) == 10 * 108
    assert min(period for _, period in order) == "2011-01-01"
    assert all(np.isfinite(column(rows, "evidence")))


def test_months_that_are_over_do_not_change_with_later_figures(tmp_path: Path) -> None:
    rows = named(drawn(12, 120, cadence="weekly"), 12)
    until = (date.fromisoformat("2012-01-01") - timedelta(days=6)).isoformat()
    early = [row for row in rows if row["period"] <= until]
    whole, cut = tmp_path / "whole.csv", tmp_path / "cut.csv"
    scores(write(tmp_path / "a.csv", rows), whole, cadence="weekly")
    scores(write(tmp_path / "b.csv", early), cut, cadence="weekly")
    kept = [row for row in read(whole) if row["period"] <= "2011-11-30"]
    assert [row for row in read(cut) if row["period"] <= "2011-11-30"] == kept
    assert len(kept) > 12 * 12


def test_evidence_lapses_when_nothing_more_comes(tmp_path: Path) -> None:
    rows = [row for row in drawn(12, 48) if row["series"] != "s5" or row["period"] < day(24).isoformat()]
    months = tmp_path / "months.csv"
    scores(write(tmp_path / "panel.csv", rows), months)
    silent = [row["period"] for row in read(months) if row["organisation"] == "s5"]
    assert (min(silent), max(silent)) == ("2011-01-01", "2012-03-01")  # 92 days from the end of December 2011


def test_a_threshold_on_the_evidence_of_organisations_is_a_false_alarm_rate(tmp_path: Path) -> None:
    months = tmp_path / "months.csv"
    scores(write(tmp_path / "panel.csv", named(drawn(400, 84, seed=4), 200)), months, rate=0.02)
    rows = [row for row in read(months) if row["period"] >= "2013"]
    assert 0.5 < (column(rows, "evidence") >= -np.log10(0.02)).mean() / 0.02 < 1.7  # as for series under chance
    assert {row["signal"] for row in rows} == {"none", "worsening", "improving"}


def test_a_change_either_way_is_no_improvement(tmp_path: Path) -> None:
    months = tmp_path / "months.csv"
    scores(write(tmp_path / "panel.csv", named(drawn(40, 60), 20)), months, worse=Worse.BOTH, rate=0.1)
    assert {row["signal"] for row in read(months)} == {"none", "worsening"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names no panel"),
        ("panel = 3", "names no panel"),
        ("[[panel", "no TOML file"),
        ("[[panel]]\nkind = 'rate'", "panel 1: no path"),
        (
            "[[panel]]\npath = 'figures/staff.csv'\nworst = 'up'",
            "panel 1: worst is unknown; a panel has path",
        ),
        ("[[panel]]\npath = 7", "panel 1: path 7 is no text"),
        ("[[panel]]\npath = 'none.csv'", "panel 1: .*none.csv is no file"),
        ("[[panel]]\npath = 'figures/staff.csv'\nkind = 'sum'", "panel 1: kind sum, .* one of count, rate"),
        ("[[panel]]\npath = 'figures/staff.csv'\n" * 2, "two panels are called staff.csv"),
    ],
)
def test_a_list_that_cannot_be_is_refused(three: Path, text: str, says: str) -> None:
    three.write_text(text, encoding="utf-8")
    with pytest.raises(BadRequest, match=says):
        run(three, three.with_name("out"))


def test_several_panels_need_a_folder(three: Path) -> None:
    with pytest.raises(BadRequest, match="need a folder"):
        run(three, three.with_name("out.csv"))
