"""A demo in a hurry: its transactions do not wait for the disk, whichever connection they take."""

from pathlib import Path

from monitor.evaluation.hurry import hurried
from monitor.store.engine import open_engine, writing


def test_no_transaction_of_a_hurried_database_waits_for_the_disk(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'demo.sqlite'}")
    with writing(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    hurried(engine)
    for _ in range(2):
        with writing(engine) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 0
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
