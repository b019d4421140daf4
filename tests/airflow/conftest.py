"""One real Airflow for the whole session: its home, its database, and a process that runs the feeds' DAGs in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from monitor.settings import PREFIX
from tests.airflow.driver import Run, serve
from tests.airflow.homes import Home
from tests.conftest import ROOT

PATIENCE_SECONDS = 300
"""For a machine that others use too."""
QUICK = """
from datetime import timedelta
from monitor.airflow import feed_dag
from monitor.feeds.folder import feed
from monitor.feeds.places import DropFolder, Page
from pathlib import Path

FEED = feed("staff_sickness", Path({dags!r}))
PLACES = (DropFolder(), Page("quick_publisher", "/list", links="csv$"))
dag = feed_dag(FEED, *PLACES, name="quick", retry_after=timedelta(seconds=1), schedule="@monthly")
brief = feed_dag(FEED, *PLACES, name="brief", schedule="@monthly")
for name in ("land", "look_again"):
    brief.get_task(name).execution_timeout = timedelta(seconds=8)
"""
"""Two more DAGs of that contract: one is tried again after a second instead of half a minute, one looks for eight."""


@dataclass(frozen=True)
class Airflow:
    """An AIRFLOW_HOME with its database made; every process that belongs to it gets its environment here."""

    home: Path

    @property
    def dags(self) -> Path:
        """Give the folder of its DAGs."""
        return self.home / "dags"

    def copied(self, to: Path) -> Airflow:
        """Make one more, in whose database nothing has run either."""
        return Airflow(Path(shutil.copytree(self.home, to)))

    def stated(self, **more: object) -> dict[str, str]:
        """Give what a process of this Airflow finds in its environment."""
        stated = {
            "AIRFLOW_HOME": self.home,
            "AIRFLOW__CORE__DAGS_FOLDER": self.dags,
            "AIRFLOW__CORE__LOAD_EXAMPLES": False,
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
            # stated here, since the airflow.cfg of a copied home names the database of the first
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.home}/airflow.db",
            "OMP_NUM_THREADS": 1,
            "PYTHONWARNINGS": "ignore",  # Airflow's own, in its own processes
            **more,
        }
        return {name: str(value) for name, value in stated.items()}

    def environment(self, **more: object) -> dict[str, str]:
        """Give the whole environment of a process of this Airflow."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "AIRFLOW"))}
        return kept | self.stated(**more)

    def command(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Run a command of Airflow's and give what it prints."""
        command = [str(Path(sys.executable).with_name("airflow")), *arguments]
        done = subprocess.run(
            command, env=environment or self.environment(), cwd=ROOT, capture_output=True, text=True,
            timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout[-4_000:]}\n{done.stderr[-8_000:]}"
        return done.stdout


@dataclass(frozen=True)
class Driver:
    """Runs DAGs with `dag.test()`, all in one process of its own."""

    airflow: Airflow
    pipe: Connection
    dags: tuple[str, ...]

    def run(
        self, dag: str, home: Home, *, conf: Mapping[str, Any] | None = None, at: datetime | None = None,
        patience: float = PATIENCE_SECONDS, **more: object,
    ) -> Run:  # fmt: skip
        """Run a DAG once on a home of the monitor. `at`: its logical date, None: now."""
        self.pipe.send((dag, home.environment(**more), conf, at))
        assert self.pipe.poll(patience), f"{dag} is still running"
        answer = self.pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Run)
        return answer


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Make an AIRFLOW_HOME with its database and the DAGs of this repository, once; what runs, runs in a copy."""
    made = Airflow(tmp_path_factory.mktemp("airflow"))
    made.dags.mkdir()
    for path in (ROOT / "dags").glob("*.py"):
        shutil.copy(path, made.dags)
    (made.dags / "quick.py").write_text(QUICK.format(dags=str(ROOT / "dags")))
    made.command("db", "migrate")
    return made


@pytest.fixture(scope="session")
def driver(airflow: Airflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """Start the process that runs DAGs, in an AIRFLOW_HOME of its own."""
    own = airflow.copied(tmp_path_factory.mktemp("driver") / "airflow")
    processes = get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=serve, args=(theirs, own.environment()), daemon=True)
    process.start()
    assert ours.poll(PATIENCE_SECONDS), "Airflow does not read the DAGs"
    yield Driver(own, ours, tuple(ours.recv()))
    process.kill()  # asked to end, it waits for threads of Airflow's that do not
    process.join()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give a home of the monitor that nobody has used, with an empty folder for drops."""
    return Home(tmp_path)
