"""One row out for each row in, by what was known then, calibrated, and as the worker scores."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from monitor.calendars import calendar
from monitor.catalogue import INDICATORS
from monitor.evaluation.panels.asked import Worse
from monitor.folding import Track, fresh
from monitor.folding import run as fold
from monitor.gathering import Gathered
from monitor.kept import Block
from monitor.model import Kind, PeerGroup
from monitor.settlement import Roll
from tests.evaluation.panels.panels import ROW, column, day, drawn, read, run, scores, write

SHOWN = ("expected", "low", "high", "score", "sudden", "slow", "evidence")


def test_a_row_out_for_each_row_in_whatever_their_order(tmp_path: Path) -> None:
    rows = drawn(12, 40)
    order = np.random.default_rng(1).permutation(len(rows))
    sorted_ = scores(write(tmp_path / "sorted.csv", rows))
    mixed = scores(write(tmp_path / "mixed.csv", [rows[place] for place in order]))
    assert tuple(sorted_[0]) == ROW
    assert [(row["series"], row["period"]) for row in sorted_] == [(row["series"], row["period"]) for row in rows]
    assert [(row["series"], row["period"]) for row in mixed] == [(rows[i]["series"], rows[i]["period"]) for i in order]
    for name in SHOWN:
        np.testing.assert_allclose(column(mixed, name), column(sorted_, name)[order], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("worse", list(Worse))
def test_rows_never_see_later_periods(tmp_path: Path, kind: Kind, worse: Worse) -> None:
    rows = [{**row, "region": f"r{row['series'][1:2]}"} for row in drawn(20, 42, kind=kind)]
    rows = [row for number, row in enumerate(rows) if number % 11]  # gaps
    for place in (5, 100, 300):
        rows[place]["denominator"] = None
    until = day(30).isoformat()
    early = [row for row in rows if row["period"] <= until]
    whole = scores(write(tmp_path / "whole.csv", rows), kind=kind, worse=worse)
    cut = scores(write(tmp_path / "cut.csv", early), kind=kind, worse=worse)
    kept = [row for row in whole if row["period"] <= until]
    assert [row["signal"] for row in kept] == [row["signal"] for row in cut]
    assert np.isfinite(column(cut, "score")).sum() > 250
    for name in SHOWN:
        np.testing.assert_allclose(column(kept, name), column(cut, name), rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("kind", [Kind.COUNT, Kind.RATE, Kind.SCORE])
@pytest.mark.parametrize("worse", list(Worse))
def test_a_threshold_on_evidence_is_a_false_alarm_rate(tmp_path: Path, kind: Kind, worse: Worse) -> None:
    rows = scores(write(tmp_path / "null.csv", drawn(300, 84, kind=kind, seed=11)), kind=kind, worse=worse, rate=0.02)
    judged = [row for row in rows if row["period"] >= "2013"]
    assert 0.7 < (column(judged, "evidence") >= -np.log10(0.02)).mean() / 0.02 < 1.3
    signals = [row["signal"] for row in judged]
    ways = 1 if worse is Worse.BOTH else 2
    assert 0.7 < np.mean([signal != "none" for signal in signals]) / (ways * 0.02) < 1.3


@pytest.mark.parametrize("kind", list(Kind))
def test_the_interval_is_in_the_unit_of_the_numerator_and_holds_some_95_in_100(tmp_path: Path, kind: Kind) -> None:
    given = drawn(100, 60, kind=kind, seed=5)
    rows = scores(write(tmp_path / "panel.csv", given), kind=kind)
    low, high, expected = (column(rows, name) for name in ("low", "high", "expected"))
    figures, scored = np.array([float(row["numerator"]) for row in given]), [row["period"] >= "2012" for row in rows]
    within = (figures >= low) & (figures <= high)
    assert 0.91 < within[scored].mean() < 0.98
    assert abs(expected[scored].mean() / figures[scored].mean() - 1) < 0.02


def test_both_ways_together_are_as_rare_as_one_is(tmp_path: Path) -> None:
    path = write(tmp_path / "panel.csv", drawn(15, 40))
    up, down, both = (scores(path, worse=worse) for worse in (Worse.HIGHER, Worse.LOWER, Worse.BOTH))
    for name in ("sudden", "slow", "evidence"):
        smaller = 10 ** -np.maximum(column(up, name), column(down, name))
        np.testing.assert_allclose(column(both, name), -np.log10(np.minimum(2 * smaller, 1)), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(column(both, "score"), column(up, "score"))
    np.testing.assert_allclose(column(down, "score"), -column(up, "score"))


def shifted(change: float, periods: int = 60) -> list[dict[str, object]]:
    rows = drawn(20, periods, seed=3)
    for row in rows:
        if row["series"] == "s4" and row["period"] >= "2014":
            row["numerator"] = round(row["numerator"] * change)
    return rows


@pytest.mark.parametrize(
    ("worse", "change", "signal", "sign"),
    [
        ("higher", 2.0, "worsening", 1), ("higher", 0.4, "improving", -1), ("lower", 2.0, "improving", -1),
        ("lower", 0.4, "worsening", 1), ("both", 2.0, "worsening", 1), ("both", 0.4, "improving", -1),
    ],
)  # fmt: skip
def test_a_lasting_change_signals_with_its_direction(
    tmp_path: Path, worse: str, change: float, signal: str, sign: int
) -> None:
    rows = scores(write(tmp_path / "panel.csv", shifted(change)), worse=Worse(worse))
    after = [row for row in rows if row["series"] == "s4" and row["period"] >= "2014"][:6]
    assert [row["signal"] for row in after].count(signal) >= 3
    assert sign * column(after, "score").mean() > 1
    seen = column(after, "evidence").max() > 2
    assert seen is np.bool_(signal == "worsening" or worse == "both")


def test_what_a_region_shares_is_no_news_of_its_members(tmp_path: Path) -> None:
    rows = [{**row, "region": f"r{int(row['series'][1:]) % 4}"} for row in drawn(80, 60, seed=6)]
    for row in rows:
        if row["region"] == "r1" and row["period"] >= day(50).isoformat():
            row["numerator"] = round(row["numerator"] * 1.6)
        if row["series"] == "s9" and row["period"] >= day(50).isoformat():
            row["numerator"] *= 2
    path = tmp_path / "panel.csv"
    blank = [{**row, "region": ""} for row in rows]
    known, unknown = scores(write(path, rows)), scores(write(path, blank))
    places = [place for place, row in enumerate(rows) if row["region"] == "r1" and row["period"] >= day(50).isoformat()]

    def alarms(found: list[dict[str, str]]) -> int:
        return sum(found[place]["signal"] == "worsening" for place in places if found[place]["series"] != "s9")

    assert alarms(known) < alarms(unknown) / 2
    assert "worsening" in [known[place]["signal"] for place in places if known[place]["series"] == "s9"]
    assert unknown == scores(write(path, rows, [name for name in rows[0] if name != "region"]))


def test_a_plain_worsening_stays_on_when_it_is_no_news_any_more(tmp_path: Path) -> None:
    months = tmp_path / "months.csv"
    rows = scores(write(tmp_path / "panel.csv", shifted(2.0, 84)), months)
    after = [row for row in rows if row["series"] == "s4" and row["period"] >= "2014"]
    held = [row["latched"] == "true" for row in after]
    assert sum(held) >= 9
    assert sum(held) > [row["signal"] for row in after].count("worsening")
    assert [row["latched"] for row in rows if (row["series"], row["period"]) == ("s4", "2013-12-01")] == ["false"]
    of_organisation = [row["latched"] == "true" for row in read(months) if row["organisation"] == "s4"]
    assert of_organisation[-len(held) :] == held


def test_what_teaches_is_not_scored_and_speaks_of_nothing(tmp_path: Path) -> None:
    rows = [row for row in scores(write(tmp_path / "panel.csv", drawn(10, 14))) if row["series"] == "s3"]
    for row in rows[:12]:
        assert [row[name] for name in ROW[2:]] == ["", "", "", "", "0", "0", "0", "none", "false"]
    assert np.isfinite([column(rows[12:], name) for name in SHOWN]).all()


def test_a_missing_figure_carries_the_evidence(tmp_path: Path) -> None:
    rows = drawn(10, 30)
    rows[20]["numerator"] = None
    found = scores(write(tmp_path / "panel.csv", rows))
    assert [found[20][name] for name in ("expected", "low", "high", "score")] == [""] * 4
    assert [found[20][name] for name in ("sudden", "slow", "evidence")] == [
        found[19][name] for name in ("sudden", "slow", "evidence")
    ]


def test_parquet_and_csv_say_the_same(tmp_path: Path) -> None:
    rows = drawn(9, 20)
    table = pa.Table.from_pylist([{**row, "period": date.fromisoformat(row["period"])} for row in rows])
    pyarrow.parquet.write_table(table, tmp_path / "panel.parquet")
    run(tmp_path / "panel.parquet", tmp_path / "out.parquet")
    written = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    found = scores(write(tmp_path / "panel.csv", rows))
    assert tuple(written.column_names) == ROW
    assert [day.isoformat() for day in written["period"].to_pylist()] == [row["period"] for row in found]
    for name in SHOWN:
        np.testing.assert_array_equal(written[name].to_numpy(), column(found, name))
        assert written[name].null_count == int(np.isnan(column(found, name)).sum())


def worker_scores(rows: list[dict[str, object]], indicator: str, codes: tuple[str, ...], count: int) -> Track:
    """Fold a peer group as the worker does."""
    months = calendar("monthly")
    first = months.number(day(0))
    roll = Roll(
        Block(indicator, "local", PeerGroup.ACUTE), INDICATORS[indicator], months, timedelta(0), timedelta(days=10),
        dict.fromkeys(codes, ((first, first + count - 1),)), dict.fromkeys(codes, first), {},
    )  # fmt: skip
    blank = np.full((len(codes), count), np.nan)
    gathered = Gathered(first, blank, blank.copy(), np.zeros_like(blank), np.ones(blank.shape, dtype=bool))
    for row in rows:
        at = codes.index(str(row["series"])), months.number(date.fromisoformat(str(row["period"]))) - first
        gathered.numerator[at], gathered.denominator[at] = row["numerator"], row["denominator"]
    if INDICATORS[indicator].kind is Kind.SCORE:
        np.multiply(gathered.numerator, gathered.denominator, out=gathered.numerator)
    track = Track(roll, codes, fresh(roll, len(codes)), first, first + count - 1, gathered, gathered.denominator)
    fold([track], now=datetime(2024, 1, 1, tzinfo=UTC), tick=1)
    return track


@pytest.mark.parametrize(
    ("indicator", "worse"),
    [
        ("new_complaints", "higher"),
        ("sickness_rate", "higher"),
        ("harm_share", "higher"),
        ("engagement_score", "lower"),
    ],
)
def test_a_panel_is_scored_as_the_worker_scores_it(tmp_path: Path, indicator: str, worse: str) -> None:
    kind = INDICATORS[indicator].kind
    rows = [{**row, "peer_group": "acute"} for row in drawn(14, 40, kind=kind, seed=8)]
    codes = tuple(f"s{place}" for place in range(14))
    track = worker_scores(rows, indicator, codes, 40)
    found = scores(write(tmp_path / "panel.csv", rows), kind=kind, worse=Worse(worse))
    below = np.array([1.0 if kind is Kind.SCORE else float(row["denominator"]) for row in rows])

    def folded(name: str) -> np.ndarray:
        return np.array([one.arrays[name] for one in track.scores]).T.ravel()

    for name in ("expected", "low", "high"):
        np.testing.assert_allclose(column(found, name), folded(name) * below, rtol=1e-9)
    np.testing.assert_allclose(column(found, "score"), folded("z"), rtol=1e-9, atol=1e-9)
    for name, part in (("evidence", "worse"), ("sudden", "sudden"), ("slow", "slow")):
        np.testing.assert_allclose(column(found, name), -np.log10(np.nan_to_num(folded(part), nan=1.0)), atol=1e-9)


def test_what_was_done_is_told(tmp_path: Path) -> None:
    (told,) = run(write(tmp_path / "panel.csv", shifted(3.0)), tmp_path / "deep" / "scores.csv")
    rows = read(told.output)
    assert (told.rows, told.scored) == (1200, 20 * 48)
    assert told.by_chance == pytest.approx(2 * 960 * 0.01)
    assert told.worsening == sum(row["signal"] == "worsening" for row in rows) > 0
