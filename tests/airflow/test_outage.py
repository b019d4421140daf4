"""The bus away in the middle of a publishing: the task fails and is tried again, and nothing counts twice."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from tests.airflow.conftest import Airflow, Driver
from tests.airflow.driver import until
from tests.airflow.homes import Home, by_hand, months

AWAY = "CREATE TRIGGER away BEFORE INSERT ON log WHEN NEW.position >= 1500 BEGIN SELECT RAISE(ABORT, 'away'); END"
"""From its second transaction on the bus takes nothing."""


def test_a_bus_that_is_away_in_the_middle_of_publishing_gets_everything_at_the_next_try(
    driver: Driver, home: Home, tmp_path: Path
) -> None:
    home.register()
    home.drop("staff_sickness", "big.csv", months(0, 30, codes=100))
    with closing(sqlite3.connect(home.folder / "home" / "monitor.sqlite", timeout=60)) as database:
        database.execute(AWAY)
    back = threading.Thread(target=comes_back_once_a_try_has_failed, args=(driver.airflow, home))
    back.start()
    run = driver.run("staff_sickness_quick", home)
    back.join()
    assert run.state == "success"
    assert (run.tries["file.publish", 0], run.tries["file.advance", 0]) == (2, 1)
    account = home.taken_in("staff_sickness")
    assert (account["difference"], account["applied"], account["unchanged"]) == (0, 3_000, 899)  # sent by the first try
    assert home.held("staff_sickness") == by_hand(tmp_path / "hand", home, "staff_sickness").held("staff_sickness")


def comes_back_once_a_try_has_failed(airflow: Airflow, home: Home) -> None:
    failed = "SELECT count(*) FROM task_instance WHERE task_id = 'file.publish' AND state = 'up_for_retry'"
    address = f"file:{airflow.home / 'airflow.db'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=60)) as theirs:
        until(lambda: theirs.execute(failed).fetchone()[0] > 0, "a failed try")
    with closing(sqlite3.connect(home.folder / "home" / "monitor.sqlite", timeout=60)) as database:
        database.execute("DROP TRIGGER away")
