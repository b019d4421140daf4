"""Where a period's words come from can be told long after: run, file and row, but never how many events there were."""

from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from monitor.clock import HandClock
from monitor.feeds.publish import publish
from monitor.handed import deliver
from monitor.kept import Cell
from monitor.settings import Settings
from monitor.store.origins import Origin, origins
from monitor.store.registry import load_organisations
from monitor.wiring import opened
from monitor.worker import work
from tests.factories import feed, organisations
from tests.feeds.samples import EXTRACT

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
FIGURES = (
    "local,RA00,new_complaints,2024-01-01,2024-02-01,,,,50,100,,",
    "local,RA01,new_complaints,2024-01-01,2024-02-01,,,,60,100,,",
)
EVENTS = (
    "local,RA00,new_complaints,2024-03-05,,k1,1,,1,,,",
    "local,RA00,new_complaints,2024-03-06,,k2,1,,1,,,",
)


def cell(code: str, month: int) -> Cell:
    return Cell("new_complaints", "local", code, date(2024, month, 1))


def test_run_file_and_row_of_a_figure_and_of_events_one_place_however_many_files_they_came_in(tmp_path: Path) -> None:
    with opened(Settings(home=tmp_path / "home"), HandClock(NOW)) as service:
        load_organisations(service.engine, organisations(3), (), by="test", at=NOW)
        hashes = []
        for run, rows in (("first", FIGURES), ("second", EVENTS[:1]), ("third", EVENTS[1:])):
            path = tmp_path / f"{run}.csv"
            path.write_text("\n".join([EXTRACT, *rows]))
            hashes.append(sha256(path.read_bytes()).hexdigest()[:12])
            publish(feed(), deliver(path), bus=service.bus, landing=service.landing, now=NOW, run=run)
        work(service, until_idle=True)
        asked = [cell("RA00", 1), cell("RA01", 1), cell("RA00", 3), cell("RA02", 1), cell("RA00", 2)]
        found = origins(service.engine, asked)
    assert found == {
        cell("RA00", 1): (Origin("first", hashes[0], 2),),
        cell("RA01", 1): (Origin("first", hashes[0], 3),),
        cell("RA00", 3): (Origin("third", hashes[2], None),),
    }
