"""A real Airflow beside a demo: `airflow standalone` in a session of its own, asked over its REST API.

A SIGTERM to standalone leaves its children running, and each task is in a process group of its own: so every process
of its session is ended, and killed where it stays.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import psutil
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from monitor.errors import BadRequest, Outage
from monitor.evaluation.ending import undisturbed
from monitor.settings import PREFIX

HEALTHY_WITHIN = ANSWERS_WITHIN = 300.0  # for a machine that others use too; alone it is healthy after 12 s
GOES_WITHIN = 2.0
ENDS_WITHIN = 1_800.0
"""A run that has not ended by then stands still."""
LOOKS_EVERY, ASKS_EVERY = 0.5, 2.0
"""Asking after runs, and the scheduler's idle turns, cost more than a task does if they come too often."""
PARALLEL = 3
"""Tasks at once, one more than a small machine has cores: each waits for the scheduler's next turn before it starts."""
WANTED = ("scheduler", "metadatabase", "dag_processor")
OVER = ("success", "failed")
WARM = """import sys

__all__ = ()

if {"scheduler", "dag-processor"} & set(sys.argv):  # tasks and readers of DAGs are forks of these two
    import monitor.airflow
    import monitor.carrying
    import monitor.catalogue
"""
"""Airflow imports this file, `airflow_local_settings.py`, as it starts: what each task would import, once."""


class Standalone:
    """An Airflow that runs; what it can be asked for."""

    def __init__(self, address: str, session: int) -> None:
        self.address, self.session = address, session
        self._client = httpx.Client(base_url=address, timeout=ANSWERS_WITHIN)

    def ask(self, method: str, path: str, **body: object) -> Any:
        """Ask for something of its API, as the one user there is; `Outage` where it does not answer as asked."""
        return self._answer(method, f"/api/v2/{path}", body or None)

    def close(self) -> None:
        """Let go of the connection to it."""
        self._client.close()

    def log_in(self) -> None:
        """Take the token that a local Airflow without users gives to everybody; `Outage` where it gives none."""
        token = self._answer("GET", "/auth/token", None)["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def is_healthy(self) -> bool:
        """Say whether all of its parts are there."""
        try:
            parts = self.ask("GET", "monitor/health")
        except Outage:
            return False
        return all((parts.get(name) or {}).get("status") == "healthy" for name in WANTED)

    @retry(
        retry=retry_if_exception_type(Outage), stop=stop_after_delay(HEALTHY_WITHIN), wait=wait_fixed(1),
        reraise=True,
    )  # fmt: skip
    def unpause(self, dags: Iterable[str]) -> None:
        """Let these DAGs run; waits until Airflow has read their files."""
        for dag in dags:
            self.ask("PATCH", f"dags/{dag}", is_paused=False)

    def trigger(self, dags: Iterable[str]) -> dict[str, str]:
        """Start a run of each of these DAGs and give the runs' names by DAG."""
        return {dag: self.ask("POST", f"dags/{dag}/dagRuns", logical_date=None)["dag_run_id"] for dag in dags}

    def first_runs(self, dags: Iterable[str]) -> dict[str, str]:
        """Give the first run of each of these DAGs, by DAG: Airflow makes it soon after they were unpaused."""
        return {dag: self._first_run(dag) for dag in dags}

    @retry(
        retry=retry_if_exception_type(LookupError), stop=stop_after_delay(HEALTHY_WITHIN), wait=wait_fixed(LOOKS_EVERY),
        reraise=True,
    )  # fmt: skip
    def _first_run(self, dag: str) -> str:
        run: str = self.ask("GET", f"dags/{dag}/dagRuns?order_by=id")["dag_runs"][0]["dag_run_id"]
        return run

    def wait(self, runs: Mapping[str, str], enough: Callable[[], bool] = lambda: False) -> dict[str, str]:
        """Wait until these runs have ended, or `enough` says so; give how those have that have, by DAG."""
        until, ended = time.monotonic() + ENDS_WITHIN, dict[str, str]()
        while not enough() and (waited := runs.keys() - (ended := self.ended(runs)).keys()):
            if time.monotonic() > until:
                raise Outage(f"Airflow's runs of {', '.join(sorted(waited))} stand still")
            time.sleep(ASKS_EVERY)
        return ended

    def ended(self, runs: Mapping[str, str]) -> dict[str, str]:
        """Give how those of these runs have ended that have, by DAG."""
        asked = self.ask("GET", "dags/~/dagRuns?limit=100&order_by=-id")["dag_runs"]
        states = {(run["dag_id"], run["dag_run_id"]): run["state"] for run in asked}
        found = {dag: states.get((dag, name), "") for dag, name in runs.items()}
        return {dag: state for dag, state in found.items() if state in OVER}

    def _answer(self, method: str, path: str, body: Mapping[str, object] | None) -> Any:
        try:
            answer = self._client.request(method, path, json=body)
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError) as error:  # ValueError: what came is no JSON
            raise Outage(f"Airflow at {self.address}: {error}") from error


@contextlib.contextmanager
def standalone(home: Path, dags: Path, environment: Mapping[str, str]) -> Iterator[Standalone]:
    """Start Airflow and end it again, with every process of its session.

    Parameters
    ----------
    home
        Its AIRFLOW_HOME, made where it is missing: database, logs.
    environment
        What its tasks find in theirs beside Airflow's own settings.
    """
    program = Path(sys.executable).with_name("airflow")
    if not program.exists():
        raise BadRequest("Airflow is not installed here; install the extra `airflow`, or leave it out")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "airflow_local_settings.py").write_text(WARM)
    port, inner = _free_ports(2)
    stated = _environment(home, dags, port, inner) | dict(environment)
    with (home / "standalone.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "standalone"], env=_inherited() | stated, stdout=log, stderr=log, start_new_session=True
        )
    try:
        one = Standalone(f"http://127.0.0.1:{port}", process.pid)
        Thread(target=_woken, args=[one.address], daemon=True).start()
        try:
            yield one
        finally:
            one.close()
    finally:
        with undisturbed():
            _end(process)


@retry(
    retry=retry_if_exception_type(httpx.HTTPError), stop=stop_after_delay(HEALTHY_WITHIN), wait=wait_fixed(LOOKS_EVERY),
    retry_error_callback=lambda _: None,
)  # fmt: skip
def _woken(address: str) -> None:
    """Ask what its tasks will ask before the first one does: the first question costs Airflow some seconds."""
    httpx.get(f"{address}/execution/health", timeout=ANSWERS_WITHIN)


def ready(one: Standalone) -> None:
    """Wait until it is healthy, and log in."""
    until = time.monotonic() + HEALTHY_WITHIN
    while not one.is_healthy():
        if time.monotonic() > until:
            raise Outage(f"Airflow at {one.address} does not get healthy; its log is standalone.log in its home")
        time.sleep(LOOKS_EVERY)
    one.log_in()


def _inherited() -> dict[str, str]:
    """Give what it takes over of this process's environment: nothing that would send it to another home."""
    return {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "AIRFLOW"))}


def _environment(home: Path, dags: Path, port: int, inner: int) -> dict[str, str]:
    stated = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # it starts its parts by their name
        "AIRFLOW_HOME": home.absolute(),
        "AIRFLOW__CORE__DAGS_FOLDER": dags.absolute(),
        "AIRFLOW__CORE__LOAD_EXAMPLES": False,
        "AIRFLOW__CORE__PARALLELISM": PARALLEL,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": True,  # it listens to this machine only
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": port,
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": inner,
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": 0,
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": 0.5,
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": 600,  # by default every file is read anew each 30 s
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": 1,  # so long a task's end can be overlooked; by default 5 s
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": int(ANSWERS_WITHIN),  # by default a task fails after 5 s
        "PYTHONWARNINGS": "ignore",  # Airflow's own
        "OMP_NUM_THREADS": 1,
    }
    return {name: str(value) for name, value in stated.items()}


def _free_ports(many: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(many)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def processes_of(session: int) -> list[psutil.Process]:
    """Give the processes of a session that still run."""
    return [one for one in psutil.process_iter() if _session(one) == session]


def _session(one: psutil.Process) -> int | None:
    """Give the session of a process; None: it has ended, and at most waits for its parent to see it."""
    try:
        return None if one.status() == psutil.STATUS_ZOMBIE else os.getsid(one.pid)
    except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End every process of its session: nothing that it started is left."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        until = time.monotonic() + GOES_WITHIN
        for one in processes_of(process.pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(how)
        while processes_of(process.pid) and time.monotonic() < until:
            time.sleep(LOOKS_EVERY)
            process.poll()
    process.wait()
