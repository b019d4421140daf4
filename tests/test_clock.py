"""The clocks: what they show, and what a shared one says where it cannot be read."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.clock import FileClock
from monitor.errors import BadRequest


def test_a_shared_clock_goes_on_from_what_was_last_written(tmp_path: Path) -> None:
    clock, at, hour = FileClock(tmp_path / "clock"), datetime(2026, 11, 30, 12, tzinfo=UTC), timedelta(hours=1)
    clock.move(at)
    written = (tmp_path / "clock").stat().st_mtime
    for set_at, begins in ((written - hour.total_seconds(), at + hour), (written + hour.total_seconds(), at)):
        os.utime(tmp_path / "clock", (set_at, set_at))
        first, then = clock.now(), clock.now()
        assert begins <= first <= then < begins + hour


@pytest.mark.parametrize("written", [None, "", "soon", "2020-01-01", "0001-01-01T00:00:00+05:00"])
def test_a_shared_clock_without_an_instant_names_its_setting_and_the_remedy(
    tmp_path: Path, written: str | None
) -> None:
    if written is not None:
        (tmp_path / "clock").write_text(written)
    with pytest.raises(BadRequest, match=r"MONITOR_CLOCK .*time zone"):
        FileClock(tmp_path / "clock").now()
