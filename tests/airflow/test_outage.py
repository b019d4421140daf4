"""The bus away in the middle of a publishing: the task fails and is tried again, and nothing counts twice."""

from __future__ import annotations

from pathlib import Path

from tests.airflow.conftest import Driver
from tests.airflow.homes import Home, by_hand, months

FULL = 3_500_000
"""Bytes at which the disk is full: more than Airflow's own files have, less than the publishing needs."""


def test_a_disk_full_in_the_middle_of_publishing_is_an_outage_and_tried_again(
    driver: Driver, home: Home, tmp_path: Path
) -> None:
    home.register()
    home.drop("staff_sickness", "big.csv", months(0, 60, codes=200))
    run = driver.run("staff_sickness_quick", home, largest=FULL)
    assert run.state == "success"
    assert run.tries["file.publish", 0] == 2
    assert run.tries["file.advance", 0] == 1
    again = home.taken_in("staff_sickness")
    assert (again["difference"], again["applied"]) == (0, 12_000)
    assert again["unchanged"] >= 1_000  # what the first try had sent before it failed
    assert home.held("staff_sickness") == by_hand(tmp_path / "hand", home, "staff_sickness").held("staff_sickness")
