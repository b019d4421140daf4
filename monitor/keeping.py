"""Small private files that are there whole or not at all, and turns at changing them.

Each is written aside, flushed to the disk and named; what two processes make at once, the first one made.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import NO_ROOM, Outage


def create(path: Path, content: bytes) -> bool:
    """Make a file, and its folder for its owner alone; where another process was quicker, its file stays: False."""
    with _room(path.parent):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = _written(path, content)
        try:
            os.link(aside, path)
        except FileExistsError:
            return False
        finally:
            aside.unlink()
        _flush(path.parent)
        return True


def replace(path: Path, content: bytes) -> None:
    """Put a file in the place of one, or of none."""
    with _room(path.parent):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _written(path, content).replace(path)
        _flush(path.parent)


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Wait until no other process that asks changes files of this folder, and keep them out meanwhile.

    The operating system ends the turn of a process that dies.
    """
    with _room(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # a file opened for writing, since a network file system locks nothing else (flock(2), NFS)
        handle = os.open(folder / ".turn", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _written(path: Path, content: bytes) -> Path:
    """Write a file beside its place, wholly or not at all."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    return aside


@contextmanager
def _room(folder: Path) -> Iterator[None]:
    """Raise `Outage` where a folder has no room for what is done in it."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        remedy = f"make room where {folder} lies, then run it again"
        raise Outage(f"{folder} takes no file now ({error.strerror})", remedy=remedy) from error


def _flush(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
