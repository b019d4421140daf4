"""A DAG run for each month of two years: what files cover is in the files, so the result is that of one publishing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from tests.airflow.conftest import Driver
from tests.airflow.homes import MONTHLY, Home, by_hand, months

BEGIN = MONTHLY.number(date(2023, 1, 1))
DATES = [datetime.combine(MONTHLY.start(BEGIN + number), datetime.min.time(), UTC) for number in range(24)]


def test_a_backfill_over_24_months_leaves_what_one_publishing_does(driver: Driver, home: Home, tmp_path: Path) -> None:
    home.register()
    for number in range(2):
        home.drop("staff_sickness", f"{number}.csv", months(12 * number, 12), order=number)
    runs = [driver.run("staff_sickness_quick", home, at=at) for at in reversed(DATES)]
    assert [run.states("land") for run in runs] == [["success"], *[["skipped"]] * 23]
    assert [run.events for run in runs] == [2, *[0] * 23]
    assert len({run.run_id for run in runs}) == 24
    assert home.held("staff_sickness") == by_hand(tmp_path / "hand", home, "staff_sickness").held("staff_sickness")
