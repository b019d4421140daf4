"""`airflow standalone` as a person starts it, in a session of its own, asked over its REST API."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.airflow.driver import until
from tests.conftest import ROOT

OVER = {"success", "failed"}
GRACE_SECONDS = 15


@dataclass
class Standalone:
    """A running Airflow: its address, its environment, and the token of its one user."""

    address: str
    environment: Mapping[str, str]
    session: int
    token: str = field(default="", repr=False)

    def ask(self, method: str, path: str, document: Mapping[str, Any] | None = None) -> Any:
        """Send a request and read its answer."""
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        body = None if document is None else json.dumps(document).encode()
        with urlopen(Request(f"{self.address}{path}", body, headers, method=method), timeout=60) as answer:
            return json.loads(answer.read())

    def is_ready(self) -> bool:
        """Say whether scheduler and DAG processor are well and every DAG is known."""
        try:
            health = self.ask("GET", "/api/v2/monitor/health")
            if not self.token:
                self.token = self.ask("GET", "/auth/token")["access_token"]
            known = {dag["dag_id"] for dag in self.ask("GET", "/api/v2/dags")["dags"]}
        except (URLError, ConnectionError, TimeoutError):
            return False
        return health["scheduler"]["status"] == "healthy" and {"complaints", "staff_sickness_quick"} <= known

    def unpause(self, dag: str) -> None:
        """Let a DAG run."""
        self.ask("PATCH", f"/api/v2/dags/{dag}", {"is_paused": False})

    def trigger(self, dag: str, conf: Mapping[str, Any] | None = None) -> str:
        """Start a run and give its id."""
        run: str = self.ask("POST", f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None, "conf": conf or {}})[
            "dag_run_id"
        ]
        return run

    def runs(self, dag: str) -> list[Mapping[str, Any]]:
        """Give the runs of a DAG."""
        found: list[Mapping[str, Any]] = self.ask("GET", f"/api/v2/dags/{dag}/dagRuns?limit=100")["dag_runs"]
        return found

    def instances(self, dag: str, run: str = "~") -> list[Mapping[str, Any]]:
        """Give the task instances of a run, or of all runs of a DAG."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances?limit=200"
        found: list[Mapping[str, Any]] = self.ask("GET", path)["task_instances"]
        return found

    def finished(self, dag: str, count: int = 1) -> list[str]:
        """Wait until so many runs of a DAG there are, and all are over; give their states."""
        until(
            lambda: len(self.runs(dag)) >= count and all(run["state"] in OVER for run in self.runs(dag)), f"{dag} runs"
        )
        return [run["state"] for run in self.runs(dag)]


@contextmanager
def standalone(environment: Mapping[str, str], log: Path) -> Iterator[Standalone]:
    """Start it, and leave no process of it behind: SIGTERM alone leaves its children running (platform.md)."""
    ports = free_ports(3)
    address = f"http://127.0.0.1:{ports[0]}"
    binaries = Path(sys.executable).parent
    stated = {
        **environment,
        "PATH": f"{binaries}{os.pathsep}{environment['PATH']}",  # it starts its parts by their name
        "AIRFLOW__API__PORT": str(ports[0]),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(ports[1]),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(ports[2]),
    }
    command = [str(binaries / "airflow"), "standalone"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=stated, cwd=ROOT, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
        )
    running = Standalone(address, stated, process.pid)
    try:
        until(running.is_ready, "airflow standalone")
        yield running
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a session of processes: TERM to the group, a while, KILL to whoever is left of the session."""
    os.killpg(process.pid, signal.SIGTERM)
    end = time.monotonic() + GRACE_SECONDS
    while processes_of(process.pid) and time.monotonic() < end:
        process.poll()
        time.sleep(0.1)
    for pid in processes_of(process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait(30)


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


def process_titled(title: str) -> int | None:
    """Find the process that calls itself so."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().rstrip(b"\0").decode(errors="replace") == title:
                return int(path.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return None


def free_ports(count: int) -> list[int]:
    """Give ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
