"""The demo with a real Airflow: it carries the years before, and the last months as files that are dropped.

Everything else is the demo without one (`demo.py`): the same nation, the same days, the same cases. Airflow works
beside the demo's own days: what it carries is seen when the demo's clock gets there (`dated.py`).
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from monitor.bus.embedded import EmbeddedBus
from monitor.clock import FileClock
from monitor.errors import Outage
from monitor.evaluation.arrivals import Arrival
from monitor.evaluation.byhand import ByHand, noon
from monitor.evaluation.dated import Coming, DatedBus
from monitor.evaluation.demo import Carried, promised
from monitor.evaluation.standalone import Standalone, ready, standalone
from monitor.feeds.publish import HASH_DIGITS
from monitor.handed import sidecars
from monitor.settings import PREFIX, read_settings
from monitor.wiring import Service

LAST_DAYS = 61
"""Of the live time, how many days' files are dropped for Airflow: some 50 of four tasks each, two in three seconds."""
RESTED = timedelta(hours=1)
"""How long a dropped file has lain there: longer than any drop folder waits for copies to end."""


@contextmanager
def beside(output: Path) -> Iterator[tuple[str, Carried]]:
    """Start an Airflow for a demo in this folder; give its address, and how it comes to carry the files."""
    dags = read_settings().dags
    promised(dags)
    for name in ("airflow", "drops"):
        shutil.rmtree(output / name, ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)
    clock, drops = output / "clock", output / "drops"
    stated = {"HOME": output / "home", "DROPS": drops, "CLOCK": clock, "DAGS": dags}
    environment = {f"{PREFIX}{name}": str(path.absolute()) for name, path in stated.items()}
    with standalone(output / "airflow", dags, environment) as airflow:
        yield (
            airflow.address,
            lambda by_hand, service, arrivals: nullcontext(ByAirflow(by_hand, airflow, drops, FileClock(clock))),
        )


@dataclass(slots=True)
class ByAirflow:
    """Brings files by dropping them where the feeds' DAGs look; days between are brought by hand."""

    by_hand: ByHand
    airflow: Standalone
    drops: Path
    clock: FileClock
    last: dict[Arrival, str] = field(default_factory=dict)  # the first digits of each file's hash
    runs: dict[str, str] = field(default_factory=dict)  # those that carry the last files, by DAG

    def bus(self, service: Service, arrivals: Sequence[Arrival]) -> EmbeddedBus:
        until = max(arrival.arrives for arrival in arrivals)
        self.last = {
            one: sha256((self.by_hand.files / one.path).read_bytes()).hexdigest()[:HASH_DIGITS]
            for one in arrivals
            if one.arrives > until - timedelta(days=LAST_DAYS)
        }
        comes = {
            file: Coming(arrival.arrives, number)
            for number, (arrival, file) in reversed([*enumerate(self.last.items(), 1)])  # of two copies the first
        }
        return DatedBus(service.engine, service.clock, comes)

    def load(self, service: Service, arrivals: Sequence[Arrival]) -> Iterator[tuple[str, int]]:
        """Let one run of each feed take the years before; then drop the last months, which it takes beside us.

        Who asks scores each feed while the next ones are under way.
        """
        ready(self.airflow)
        files = Counter(arrival.feed for arrival in arrivals)
        self._drop(arrivals, service.clock.now())
        self.airflow.unpause(sorted(files))
        runs = self.airflow.first_runs(sorted(files))
        for feed, run in runs.items():
            self._went(self.airflow.wait({feed: run}))
            yield feed, files[feed]
        assert isinstance(service.bus, DatedBus)
        service.bus.hold()
        self._drop(self.last, noon(max(arrival.arrives for arrival in self.last)))
        self.runs = self.airflow.trigger(sorted({arrival.feed for arrival in self.last}))

    def bring(self, service: Service, arrival: Arrival) -> None:
        """Bring a file by hand, or see that Airflow has; with the last of them, that its runs went well."""
        if arrival not in self.last:
            self.by_hand.bring(service, arrival)
            return
        bus, feed, file = service.bus, arrival.feed, self.last[arrival]
        assert isinstance(bus, DatedBus)
        self._went(self.airflow.wait({feed: self.runs[feed]}, lambda: bus.is_whole(feed, file)))
        if arrival == next(reversed(self.last)):
            self._went(self.airflow.wait(self.runs))

    def _went(self, ended: Mapping[str, str]) -> None:
        """Raise where a run ended otherwise than well."""
        failed = sorted(dag for dag, state in ended.items() if state != "success")
        if failed:
            logs = self.drops.with_name("airflow") / "logs"
            raise Outage(f"Airflow's runs of {', '.join(failed)} failed; {logs} says why")

    def _drop(self, arrivals: Iterable[Arrival], now: datetime) -> None:
        """Put files where their feed's DAG looks, in the order in which they came."""
        self.clock.move(now)
        for place, arrival in enumerate(arrivals):
            written = self.by_hand.files / arrival.path
            folder = self.drops / arrival.feed
            folder.mkdir(parents=True, exist_ok=True)
            at = (now - RESTED).timestamp() + place
            for path in (*sidecars(written), written):
                if path.exists():
                    name = path.name.replace(written.stem, f"{written.stem}_{arrival.source}", 1)
                    os.utime(shutil.copyfile(path, folder / name), (at, at))
