"""The clocks: the machine's, one that is moved by hand, and one that several processes share."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.errors import BadRequest

NEEDED = "holds no instant with its time zone, as 2026-11-30T12:00:00+00:00; write one, or leave the setting out"


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the present instant, aware, UTC."""
        return datetime.now(UTC)


class HandClock:
    """A clock that stands still until it is moved: for tests, demos and backtests."""

    def __init__(self, at: datetime) -> None:
        """Set it to an aware instant."""
        self.move(at)

    def now(self) -> datetime:
        """Give the instant that it was last moved to."""
        return self._at

    def move(self, at: datetime) -> None:
        """Move it to an aware instant, forwards or back."""
        if at.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        self._at = at.astimezone(UTC)


class FileClock:
    """A clock that goes on from the instant in a file, for all processes that look there: of a demo that moves it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """Give the instant that was last written, and the time since; `BadRequest` where none is."""
        try:
            with self._path.open(encoding="ascii") as file:  # one file, whoever puts another in its place meanwhile
                at, written = datetime.fromisoformat(file.read().strip()), os.fstat(file.fileno()).st_mtime
            if at.tzinfo is None:
                raise ValueError("no time zone")
            return at.astimezone(UTC) + timedelta(seconds=max(time.time() - written, 0.0))
        except (OSError, ValueError, OverflowError) as error:
            raise BadRequest(f"MONITOR_CLOCK {self._path} {NEEDED}") from error

    def move(self, at: datetime) -> None:
        """Write an aware instant; whoever looks meanwhile sees the one before."""
        aside = self._path.with_suffix(".aside")
        aside.write_text(at.isoformat(), encoding="ascii")
        aside.replace(self._path)
