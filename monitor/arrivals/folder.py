"""What lies in a folder, of a disk or of an object store: both answer as paths do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from monitor.arrivals.thing import Got, Thing
from monitor.errors import BadFile
from monitor.feeds.places import day_in
from monitor.handed import SIDECAR, beside, deliver, sidecars

UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload")
"""Endings under which programs write what they will rename when it is whole."""
UNFINISHED_NAME = f"its name ends as one of {', '.join(UNFINISHED)}: whoever puts it there has not finished"
RESTLESS = "it changes all the time: let it rest, or write it elsewhere and move it there"
ALONE = f"it is a coverage file beside no file: it must be named NAME{SIDECAR} as its file is named NAME.csv"
UNFINISHED_LINE = "its coverage file ends within a line: it is still being written, or lacks its last line end"
LINK = "it is a link, which may lead anywhere: put the file itself there"


def things(folder: Path, *, published: str | None, quiet: timedelta, now: datetime) -> Sequence[Thing]:
    """Give the files of a folder, the one that changed longest ago first: of two words the later landing holds.

    A folder that is not there holds nothing. What begins with a point or ~ is some program's own, and none.
    """
    if not folder.is_dir():
        return ()
    files = [path for path in folder.iterdir() if not path.name.startswith((".", "~")) and path.is_file()]
    theirs = {one.name for path in files for one in sidecars(path)}
    return [
        Thing(path.name, partial(_fetch, path, now, quiet), day_in(path.name, published))
        for path in sorted(files, key=lambda path: (_changed(path), path.name))
        if path.name not in theirs
    ]


def _fetch(path: Path, now: datetime, quiet: timedelta, seen: str | None) -> Got | None:
    """Read a file once, if it has rested for so long; what comes whole need not.

    `BadFile` where it has not, or cannot be read.
    """
    if path.name.lower().endswith((*UNFINISHED, SIDECAR)):
        raise BadFile(ALONE if path.name.lower().endswith(SIDECAR) else UNFINISHED_NAME)
    try:
        version = _version(path)
        if version == seen and _changed(path):  # a store that states no instant of change is read each time
            return Got(version, None)
        if any(one.is_symlink() for one in (path, *beside(path))):
            raise BadFile(LINK)
        changed = max(_changed_by(one, now) for one in (path, *beside(path)))
        if quiet and changed > (now - quiet).timestamp():
            raise BadFile(RESTLESS)
        delivery = deliver(path)
        if isinstance(delivery.covers, bytes) and not _is_whole(delivery.covers):
            raise BadFile(UNFINISHED_LINE)
        if _version(path) != version:
            raise BadFile(RESTLESS)
        return Got(version, delivery)
    except FileNotFoundError:
        return None


def _changed_by(path: Path, now: datetime) -> float:
    """Say when a file changed last; a program may have set an instant to come, and the disk notes its own."""
    changed, stat = _changed(path), path.stat()
    return changed if changed <= now.timestamp() else float(getattr(stat, "st_ctime", changed))


def _version(path: Path) -> str:
    """Say how a file and its sidecar stand, so that any change of them shows."""
    return " ".join(map(_stat, (path, *beside(path))))


def _is_whole(coverage: bytes) -> bool:
    """Say whether a coverage file ends as a line does: a day that is cut short may be another day."""
    return coverage.rstrip(b"\0").endswith((b"\n", b"\r"))  # UTF-16 ends a line with a 0 behind


def _stat(path: Path) -> str:
    """Say how a file stands: programs set the instant of change as they like, but not when they did so, nor the file.

    Of an object of a store: its size and the instant of its change.
    """
    stat: Any = path.stat()
    changed = getattr(stat, "st_mtime_ns", None) or stat.st_mtime
    own = (stat.st_ino, stat.st_ctime_ns) if isinstance(stat, os.stat_result) else ()
    return ":".join(map(str, (stat.st_size, changed, *own)))


def _changed(path: Path) -> float:
    try:
        return float(path.stat().st_mtime)
    except FileNotFoundError:
        return 0.0
