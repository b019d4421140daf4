"""One real Airflow for the whole session: its home, its database, and processes that run the feeds' DAGs in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.settings import PREFIX
from tests.conftest import ROOT

PATIENCE_SECONDS = 300
"""For a machine that others use too."""


@dataclass(frozen=True)
class Airflow:
    """An AIRFLOW_HOME with its database made; every process that belongs to it is started here."""

    home: Path

    def environment(self, monitor_home: Path, **more: object) -> dict[str, str]:
        """Give the environment of a process that works on this home of the monitor."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "AIRFLOW"))}
        stated = {
            "AIRFLOW_HOME": self.home,
            "AIRFLOW__CORE__DAGS_FOLDER": ROOT / "dags",
            "AIRFLOW__CORE__LOAD_EXAMPLES": False,
            "AIRFLOW__CORE__PARALLELISM": 2,
            "AIRFLOW__CORE__UNIT_TEST_MODE": False,
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
            "MONITOR_HOME": monitor_home,
            "MONITOR_DROPS": monitor_home.parent / "drops",
            "MONITOR_DAGS": ROOT / "dags",
            "OMP_NUM_THREADS": 1,
            **more,
        }
        return kept | {name: str(value) for name, value in stated.items()}

    def python(self, script: str, environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a script in a process of its own, so that neither Airflow nor what it changes stays in this one."""
        command = [sys.executable, "-c", script, *arguments]
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
        assert done.returncode == 0, f"{done.stdout[-4_000:]}\n{done.stderr[-8_000:]}"
        return done


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Make an AIRFLOW_HOME with its database, once."""
    made = Airflow(tmp_path_factory.mktemp("airflow"))
    command = [str(Path(sys.executable).with_name("airflow")), "db", "migrate"]
    environment = made.environment(made.home / "none")
    subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=True, timeout=PATIENCE_SECONDS)
    return made
