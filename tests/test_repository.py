"""What holds for the repository as a whole: it names no machine, no registry, and stays readable."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT, require

LONGEST_FILE_LINES = 300  # style.md: around 100 is usual, 250 is a lot
LONG_FOR_A_REASON = {
    "monitor/store/tables.py": 330,  # every table on one page, in the order in which words become cases
}
REGISTRY = re.compile(r"pypi\.org|pythonhosted\.org|artifactory|(?<![\w-])--(?:extra-)?index-url|--trusted-host", re.I)
MACHINE_PATH = re.compile(r"(?<![\w./-])/(?:work|root|home/\w+|Users/\w+)(?:/|\b(?![\w-]))")
URL = re.compile(r"\w+://|\bgit\+|@\s*\w+:")


def tracked_texts() -> dict[str, str]:
    """Read every text file that git knows or would take in, by its path."""
    git = shutil.which("git")
    require(git and (ROOT / ".git").exists(), "not a git checkout: clone the repository, and install git")
    listing = subprocess.run(
        [str(git), "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = [ROOT / name for name in listing.split("\0") if name]
    return {str(path.relative_to(ROOT)): text for path in paths if (text := read_text(path)) is not None}


def read_text(path: Path) -> str | None:
    """Give a file's text; None for a picture, a deleted file, and this file, which names what it forbids."""
    if path == Path(__file__) or not path.is_file():
        return None
    content = path.read_bytes()
    return None if b"\0" in content else content.decode(errors="replace")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in tracked_texts().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_a_registry() -> None:
    assert not lines_with(REGISTRY)


def test_no_file_names_a_path_of_one_machine() -> None:
    assert not lines_with(MACHINE_PATH)


@pytest.mark.parametrize("path", ["/work/main/x", "see /root/.venv", "'/home/ann/data'", "/Users/ann/data", "in /work"])
def test_a_path_of_one_machine_is_seen(path: str) -> None:
    assert MACHINE_PATH.search(path)


@pytest.mark.parametrize("path", ["/workers", "docs/work/x", "a /work-around", "/usr/bin/chromium", "../work"])
def test_other_paths_are_left_alone(path: str) -> None:
    assert not MACHINE_PATH.search(path)


def test_constraints_pin_versions_and_name_no_address() -> None:
    lines = (ROOT / "deploy" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and "==" not in line and not line.startswith("#")] == []
    assert [line for line in lines if URL.search(line)] == []


def test_every_dependency_is_pinned() -> None:
    lines = (ROOT / "deploy" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0] for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [needed for needs in project["optional-dependencies"].values() for needed in needs]
    names = {re.split(r"[\[<>=~!; ]", needed)[0] for needed in [*project["dependencies"], *extras]}
    assert names - pinned == {project["name"]}  # an extra that takes in another names ourselves


def test_modules_stay_short_enough_to_read() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in sorted((ROOT / "monitor").rglob("*.py"))
    }
    bounds = {name: LONG_FOR_A_REASON.get(name, LONGEST_FILE_LINES) for name in lengths}
    assert {name: length for name, length in lengths.items() if length > bounds[name]} == {}


def test_licence_and_project_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text(encoding="utf-8")
