"""How a demo is asked to end: by what its terminal sends, unless it was started to ignore that."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

ASKED = """
import os, signal, sys
from monitor.evaluation.ending import ending_once

signal.signal(signal.SIGHUP, getattr(signal, sys.argv[1]))
with ending_once():
    os.kill(os.getpid(), signal.SIGHUP)
print("goes on")
"""


@pytest.mark.parametrize(("before", "goes_on"), [("SIG_IGN", True), ("SIG_DFL", False)])
def test_a_terminal_that_closes_ends_a_demo_unless_nohup_began_it(before: str, goes_on: bool) -> None:
    done = subprocess.run([sys.executable, "-c", ASKED, before], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ("goes on" in done.stdout, "KeyboardInterrupt" in done.stderr) == (goes_on, not goes_on)
