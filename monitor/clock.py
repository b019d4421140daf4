"""The two clocks: the machine's, and one that is moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime


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
