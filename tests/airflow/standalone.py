"""What tests ask of an `airflow standalone` beside what a demo does: the runs of a DAG, and their tasks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.evaluation.standalone import OVER, Standalone
from tests.airflow.driver import until


def runs(airflow: Standalone, dag: str) -> list[Mapping[str, Any]]:
    """Give the runs of a DAG."""
    found: list[Mapping[str, Any]] = airflow.ask("GET", f"dags/{dag}/dagRuns?limit=100")["dag_runs"]
    return found


def instances(airflow: Standalone, dag: str, run: str = "~") -> list[Mapping[str, Any]]:
    """Give the task instances of a run, or of all runs of a DAG."""
    path = f"dags/{dag}/dagRuns/{run}/taskInstances?limit=200"
    found: list[Mapping[str, Any]] = airflow.ask("GET", path)["task_instances"]
    return found


def finished(airflow: Standalone, dag: str, count: int = 1) -> list[str]:
    """Wait until so many runs of a DAG there are, and all are over; give their states."""

    def states() -> list[str]:
        return [run["state"] for run in runs(airflow, dag)]

    until(lambda: len(states()) >= count and set(states()) <= set(OVER), f"{dag} runs", every=0.5)
    return states()


def process_titled(title: str) -> int | None:
    """Find the process that calls itself so."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().rstrip(b"\0").decode(errors="replace") == title:
                return int(path.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return None


def processes_of(session: int) -> list[int]:
    """Give the processes of a session, those that are only not yet waited for apart (field 6 of /proc/PID/stat)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = path.read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of) == session and state != "Z":
            found.append(int(path.parent.name))
    return found
