"""The demo through a real Airflow lives the same history as the one without, and leaves nothing running."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from monitor.evaluation.airflow_demo import beside
from monitor.evaluation.demo import demo
from monitor.evaluation.ending import ENDS
from tests.airflow.driver import until
from tests.conftest import ROOT

SMALL = {"seed": 3, "organisations": 40, "years": 4}
PARTS = {"scheduler", "dag-processor", "api-server", "triggerer"}


@pytest.mark.soak
def test_the_scorecard_and_the_cases_are_those_of_the_demo_without_airflow(tmp_path: Path) -> None:
    def stage(title: str, steps: int | None) -> object:
        return lambda done: None

    demo(tmp_path / "plain", **SMALL, stage=stage)  # type: ignore[arg-type]
    with beside(tmp_path / "airflow") as (address, carried):
        demo(tmp_path / "airflow", **SMALL, stage=stage, carried=carried)  # type: ignore[arg-type]
    for name in ("scorecard.json", "cases.json", "truth.json"):
        plain, through = (json.loads((tmp_path / which / name).read_text()) for which in ("plain", "airflow"))
        assert through == plain, name
    assert address.startswith("http://127.0.0.1:")


@pytest.fixture
def _heard() -> Iterator[None]:
    """Let what a test starts hear every signal, though it runs where Ctrl-C is ignored itself (`make test &`)."""
    before = {one: signal.signal(one, signal.SIG_DFL) for one in ENDS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for one, how in before.items():
        signal.signal(one, how)


@pytest.mark.usefixtures("_heard")
@pytest.mark.parametrize("ends", [(signal.SIGINT, signal.SIGINT), (signal.SIGHUP, signal.SIGTERM)])
def test_whoever_stops_a_demo_half_way_leaves_no_process_of_it(
    tmp_path: Path, ends: tuple[signal.Signals, ...]
) -> None:
    """Ctrl-C twice, as a terminal sends it to all in front of it; a terminal that closes on a system that goes down."""
    command = [sys.executable, "-m", "monitor", "demo", "--airflow", "--output", str(tmp_path), "--organisations", "20"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, process_group=0, **quiet) as running:
        until(lambda: parts(running) >= PARTS, "the parts of Airflow")
        theirs = psutil.Process(running.pid).children(recursive=True)
        for one in ends:
            os.killpg(running.pid, one)
            time.sleep(0.3)
        assert running.wait(60) == 130
    assert [one for one in theirs if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []


def parts(running: subprocess.Popen[bytes]) -> set[str]:
    """Name the parts of Airflow that a demo has started so far."""
    found = set()
    for one in psutil.Process(running.pid).children(recursive=True):
        try:
            found |= PARTS & set(one.cmdline())
        except psutil.NoSuchProcess:
            continue
    return found
