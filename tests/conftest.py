"""What every test may lean on: required parts, the real data, and hypothesis' profiles."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
SHARED_MACHINE = [HealthCheck.too_slow]  # how fast examples are made says nothing about the code

# The same examples every time, and a failure that can be pasted back: a red run is red for everybody.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True, suppress_health_check=SHARED_MACHINE)
settings.register_profile("soak", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def require(part: object, how_to_install: str) -> None:
    """Skip a test whose part is missing, with the sentence that says what to install; in CI, fail.

    Parameters
    ----------
    part
        What was looked for, such as the answer of `shutil.which`; anything false is missing.
    how_to_install
        One sentence for the person who reads the summary: what is missing and which package brings it.
    """
    if part:
        return
    if IN_CI:
        pytest.fail(f"CI must not skip this: {how_to_install}")
    pytest.skip(how_to_install)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the path of a browser that can draw a page."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    require(found, "no browser to draw the report with; on Debian: apt-get install chromium")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Give the folder of real published data; without it the test is skipped, in CI too: it is not ours to ship."""
    folder = Path(os.environ.get("MONITOR_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the published files are not on this machine; name their folder in MONITOR_REAL_DATA")
    return folder


@pytest.fixture(scope="session")
def real_file(real_data: Path) -> Callable[[str], Path]:
    """Give a function from a file's pattern inside the real data to its one path."""

    def one(pattern: str) -> Path:
        found = sorted(real_data.glob(pattern))
        if not found:
            pytest.skip(f"{pattern} is not among the published files on this machine")
        assert len(found) == 1, f"{pattern} names {len(found)} files"
        return found[0]

    return one
