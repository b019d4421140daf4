"""A small nation's demo: what its receivers were told holds together, and is nobody else's to read."""

import re
from pathlib import Path

import pytest

from monitor.evaluation.demo import demo

pytestmark = pytest.mark.soak
FIGURES = re.compile(r"([\d.,]+) on average, usually ([\d.,]+) to ([\d.,]+)")
SHARED, STAYED = "what all peers share stood", "peers stayed about where they were expected"
USUAL = ("by itself is within the usual", "on average within the usual", "by now its usual level")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    demo(folder, seed=1, organisations=60, years=4, stage=lambda said, steps: lambda step: None)
    return folder


@pytest.fixture(scope="module")
def signals(folder: Path) -> list[str]:
    """Give each line of a message about one signal."""
    text = (folder / "messages.txt").read_text(encoding="utf-8").replace("\n    ", " ")
    return [line for line in text.splitlines() if line.startswith("  - ") and "data to " in line]


def test_no_message_says_that_peers_moved_and_stayed(signals: list[str]) -> None:
    shared = [line for line in signals if SHARED in line]
    assert len(shared) > 5
    assert [line for line in shared if STAYED in line and f"and beyond it {STAYED}" not in line] == []


def test_what_reads_as_usual_is_told_as_usual(signals: list[str]) -> None:
    read = [(line, [float(text.replace(",", "")) for text in found.groups()]) for line in signals
            if (found := FIGURES.search(line))]  # fmt: skip
    usual = [line for line, (seen, low, high) in read if low <= seen <= high]
    assert len(usual) > 5
    assert [line for line in usual if not any(words in line for words in USUAL)] == []


def test_what_a_demo_writes_beside_its_files_is_for_its_owner_alone(folder: Path) -> None:
    written = [path for path in folder.iterdir() if path.is_file()] + list((folder / "report").iterdir())
    assert len(written) > 10
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
