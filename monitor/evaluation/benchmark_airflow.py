"""What Airflow costs a feed: reading its DAG, one run, 100,000 rows, and all that beside `monitor publish`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from monitor.calendars import calendar
from monitor.evaluation.measured import Measured
from monitor.settings import PREFIX, read_settings

FEED = "staff_sickness"
ORGANISATIONS, MONTHS = 500, 200
"""100,000 figures, one row and one observation each."""
RUNS = 3
HEADER = "source,organisation,indicator,start,numerator,denominator"
SCRIPT = """
import importlib.util, json, os, sys, time
from pathlib import Path
from airflow.sdk import DAG, Asset, BaseHook, Param, get_current_context, task, task_group

path, drops, big = map(Path, sys.argv[1:4])

def dropped(name, content):
    (drops / name).write_bytes(content)
    os.utime(drops / name, (1_700_000_000, 1_700_000_000))

def timed(what):
    begun = time.perf_counter()
    result = what()
    return time.perf_counter() - begun, result

def read():
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.dag

reading, dag = timed(read)
dag.test()  # the first in a process makes what the others use
header, *rows = big.read_bytes().splitlines(keepends=True)
runs = []
for number in range(int(sys.argv[4])):
    dropped(f"small{number}.csv", header + rows[number])
    runs.append(timed(dag.test))
dropped("big.csv", big.read_bytes())
whole, last = timed(dag.test)
states = {str(run.state) for _, run in runs} | {str(last.state)}
print(json.dumps({"import": reading, "runs": [seconds for seconds, _ in runs], "big": whole, "states": sorted(states)}))
"""
BY_HAND = """
import json, sys, time
from pathlib import Path
from monitor.cli import app

def timed(path):
    begun = time.perf_counter()
    app(["publish", sys.argv[1], str(path)], standalone_mode=False)
    return time.perf_counter() - begun

big = Path(sys.argv[2])
small = big.with_name("small.csv")
small.write_bytes(b"".join(big.read_bytes().splitlines(keepends=True)[:2]))
timed(small)  # as warm as the DAG is: imports, database, key
print(json.dumps(timed(big)))
"""


def carried(folder: Path) -> Iterator[Measured]:
    """Measure with `dag.test()`: every task as Airflow runs it, without the scheduler's waits between tasks."""
    if find_spec("airflow") is None:
        return
    big = _drawn(folder / "big.csv")
    found = _by_airflow(folder, big)
    assert found["states"] == ["success"], found
    hand = by_hand(folder, big)
    run = min(found["runs"])
    rows = ORGANISATIONS * MONTHS
    said = f"{FEED}, plain extract, dag.test() in a process that has run it once, SQLite for both databases"
    yield Measured("dag_import_seconds", found["import"], "s", {"at_most": 1.0}, f"{FEED}, after Airflow's own import")
    yield Measured("dag_run_seconds", run, "s", None, f"one row, six tasks, best of {RUNS}; {said}")
    yield Measured("dag_seconds_per_100k_rows", found["big"] * 100_000 / rows, "s", None, f"{rows:,} rows; {said}")
    yield Measured(
        "dag_overhead_ratio",
        found["big"] / hand,
        "times",
        None,
        f"over `monitor publish` of {rows:,} rows, as warm; {said}",
    )


def _drawn(path: Path) -> Path:
    months = calendar("monthly")
    first = months.last_before(months.start(55 * 12)) - MONTHS
    lines = [
        f"local,R{code:04d},sickness_rate,{months.start(first + month)},{500 + code % 97},{10_000 + month}"
        for month in range(MONTHS)
        for code in range(ORGANISATIONS)
    ]
    path.write_text("\n".join((HEADER, *lines, "")), encoding="utf-8")
    return path


def _by_airflow(folder: Path, big: Path) -> Any:
    drops = folder / "drops" / FEED
    drops.mkdir(parents=True)
    environment = _environment(
        folder / "home", AIRFLOW_HOME=folder / "airflow", AIRFLOW__CORE__LOAD_EXAMPLES=False,
        AIRFLOW__CORE__DAGS_FOLDER=_dags(), AIRFLOW__LOGGING__LOGGING_LEVEL="ERROR", MONITOR_DROPS=folder / "drops",
    )  # fmt: skip
    _run([str(Path(sys.executable).with_name("airflow")), "db", "migrate"], environment)
    arguments = (str(_dags() / f"{FEED}.py"), str(drops), str(big), str(RUNS))
    return json.loads(_run([sys.executable, "-c", SCRIPT, *arguments], environment).splitlines()[-1])


def by_hand(folder: Path, big: Path) -> float:
    """Give the seconds of `monitor publish` in a process that has published before: what it imports is not counted."""
    command = [sys.executable, "-c", BY_HAND, FEED, str(big)]
    return float(_run(command, _environment(folder / "hand")).splitlines()[-1])


def _dags() -> Path:
    return read_settings().dags.absolute()


def _environment(home: Path, **more: object) -> Mapping[str, str]:
    """Give the environment of a process that works on this home, and on no other that somebody has set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "AIRFLOW"))}
    stated = {"MONITOR_HOME": home, "MONITOR_DAGS": _dags(), "PYTHONWARNINGS": "ignore", **more}
    return kept | {name: str(value) for name, value in stated.items()}


def _run(command: list[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
    return done.stdout
