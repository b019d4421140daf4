"""A published table goes through as it is, but for the names of its columns."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from monitor.model import Kind
from tests.evaluation.panels.panels import column, scores, write


def test_published_sickness_is_scored_and_signals_as_often_as_said(
    real_file: Callable[[str], Path], tmp_path: Path
) -> None:
    with real_file("sickness_absence_official_2013_2022/sickness_by_org_month_long.csv").open() as file:
        rows = [
            {
                "series": row["org_code"],
                "period": f"{row['month']}-01",
                "numerator": row["sickness_absence_rate_percent"],
            }
            for row in csv.DictReader(file)
            if row["org_code"].startswith("R")
        ]
    found = scores(write(tmp_path / "sickness.csv", rows), kind=Kind.RATE)
    quiet = [row for row in found if "2015" <= row["period"] < "2020" and row["score"]]
    assert len(found) == len(rows) > 20_000
    assert len(quiet) > 12_000
    assert 0.3 < (column(quiet, "evidence") >= 2).mean() / 0.01 < 1.7
    assert np.nanstd(column(quiet, "score")) < 1.2
