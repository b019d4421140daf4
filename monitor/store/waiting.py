"""Waits until somebody else has written to the database: what idles hears of new work within milliseconds."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress

from sqlalchemy import Engine, PoolProxiedConnection, event

LOOK_SECONDS = 0.01
"""Between two looks at SQLite's count of others' writings; a hundred a second take some 2 % of a core."""


class Waiting:
    """Waits on one database; where it cannot be heard that somebody writes, for the whole time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None  # the count is only good for telling its own looks apart
        self._seen: object = None
        event.listen(engine, "engine_disposed", self._close)

    def wait(self, seconds: float) -> None:
        """Wait until somebody has written since the last wait ended, at most so long."""
        until = time.monotonic() + seconds
        if self._engine.dialect.name == "sqlite":
            with suppress(sqlite3.Error):  # whoever asks next for more than a number says what is wrong
                while not self._is_written() and time.monotonic() < until:
                    time.sleep(LOOK_SECONDS)
                return
        time.sleep(max(0.0, until - time.monotonic()))

    def _is_written(self) -> bool:
        if self._connection is None:
            self._connection = self._engine.raw_connection()
        before = self._seen
        (self._seen,) = self._connection.cursor().execute("PRAGMA data_version").fetchone()
        return self._seen != before

    def _close(self, _: Engine) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection = None
