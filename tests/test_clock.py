"""The clocks: what they show, and what a shared one says where it cannot be read."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.clock import FileClock
from monitor.errors import BadRequest


def test_a_shared_clock_shows_what_was_last_written(tmp_path: Path) -> None:
    clock, at = FileClock(tmp_path / "clock"), datetime(2026, 11, 30, 12, tzinfo=UTC)
    clock.move(at)
    assert clock.now() == at


@pytest.mark.parametrize("written", [None, "", "soon", "2020-01-01"])
def test_a_shared_clock_without_an_instant_names_its_setting_and_the_remedy(
    tmp_path: Path, written: str | None
) -> None:
    if written is not None:
        (tmp_path / "clock").write_text(written)
    with pytest.raises(BadRequest, match=r"MONITOR_CLOCK .*time zone"):
        FileClock(tmp_path / "clock").now()
