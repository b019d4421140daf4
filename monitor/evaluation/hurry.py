"""A demo's database outlasts no power cut: whoever loses it runs the demo again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event


def hurried(engine: Engine) -> None:
    """Let SQLite no longer wait for the disk at the end of each transaction; nothing else is different."""
    event.listen(engine, "connect", _unsynced)
    engine.dispose()  # what is open already would go on waiting


def _unsynced(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF").close()
