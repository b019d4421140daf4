"""Feed files are read in a moment, without network, with Airflow and without it; the worker never sees Airflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

PATIENCE_SECONDS = 300
FILES = sorted(path.name for path in (ROOT / "dags").glob("*.py"))

WITHOUT_NETWORK = """
import importlib.util, json, sys, time

def refused(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        raise AssertionError(f"a feed file must not {event} when it is read")

def read(name):
    spec = importlib.util.spec_from_file_location(name, f"dags/{name}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
"""
TIMED = """
import airflow.sdk
from airflow.sdk import DAG, Asset, BaseHook, Param, get_current_context, task, task_group  # as any DAG file does
import airflow.exceptions
import os
os.environ["MONITOR_POOL"] = "feeds"
sys.addaudithook(refused)
begun = time.process_time()
modules = [read(name) for name in sys.argv[1:]]
seconds = time.process_time() - begun
values = [value for module in modules for value in vars(module).values()]
dags = [value for value in values if isinstance(value, DAG)]
said = {dag.dag_id: dag.doc_md or "" for dag in dags}
pools = {dag.dag_id: sorted({task.pool for task in dag.tasks}) for dag in dags}
print(json.dumps({"seconds": seconds, "dags": said, "pools": pools}))
"""
BLOCKED = """
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "airflow":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
sys.addaudithook(refused)
modules = {name: read(name) for name in sys.argv[1:]}
print(json.dumps({name: getattr(module, "dag", None) is None for name, module in modules.items()}))
"""
WORKER = """
import monitor.worker, monitor.cli, monitor.wiring, monitor.carrying
import monitor.airflow, monitor.airflow_tasks, monitor.airflow_operations
from monitor.feeds.folder import feeds
from pathlib import Path
feeds(Path("dags"))
print(json.dumps(sorted(name for name in sys.modules if name.partition(".")[0] == "airflow")))
"""


def answer(script: str, *arguments: str) -> object:
    """Run a script in a process of its own and read what it prints last."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "MONITOR"))}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_NETWORK + script, *arguments],
        cwd=ROOT, env=kept | {"AIRFLOW_HOME": "/nonexistent/airflow"}, capture_output=True, text=True,
        timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4_000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Read all files in one process of Airflow's; processor time, since others use this machine too."""
    found = answer(TIMED, *FILES)
    assert isinstance(found, dict)
    return found


def test_all_dags_are_made_in_less_than_a_second_beyond_airflow_itself(timed: dict[str, object]) -> None:
    assert isinstance(timed["seconds"], float)
    assert timed["seconds"] < 1.0


def test_every_feed_file_makes_its_dag_with_its_contract_in_words(timed: dict[str, object]) -> None:
    dags = timed["dags"]
    assert isinstance(dags, dict)
    assert {"staff_sickness", "incident_reports", "incident_reports_events"} <= dags.keys()
    assert "| sickness_rate | % | local | monthly |" in dags["staff_sickness"]
    assert "Owner: workforce team" in dags["staff_sickness"]


def test_the_pool_of_the_settings_is_the_feeds_alone(timed: dict[str, object]) -> None:
    pools = timed["pools"]
    assert isinstance(pools, dict)
    named = {dag: "default_pool" if dag.startswith("operations.") else "feeds" for dag in pools}
    assert pools == {dag: [pool] for dag, pool in named.items()}
    assert set(named.values()) == {"default_pool", "feeds"}


def test_without_airflow_every_file_is_read_and_makes_no_dag() -> None:
    assert answer(BLOCKED, *FILES) == dict.fromkeys(FILES, True)


def test_worker_commands_and_contracts_never_import_airflow() -> None:
    assert answer(WORKER) == []
