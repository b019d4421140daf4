"""What lies in a folder, of a disk or of an object store: both answer as paths do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from monitor.arrivals.thing import Got, Thing
from monitor.errors import BadFile
from monitor.feeds.places import day_in
from monitor.handed import SIDECAR, deliver

UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload")
"""Endings under which programs write what they will rename when it is whole."""

UNFINISHED_LINE = "its coverage file ends within a line: it is still being written, or lacks its last line end"
LINK = "it is a link, which may lead anywhere: put the file itself there"


def things(folder: Path, *, published: str | None, quiet: timedelta, now: datetime) -> Sequence[Thing]:
    """Give the files of a folder, the one that changed longest ago first: of two words the later landing holds.

    A folder that is not there holds nothing. A file that changes while it is read is left until next time.
    """
    if not folder.is_dir():
        return ()
    files = [path for path in folder.iterdir() if _is_delivery(path.name) and path.is_file()]
    return [
        Thing(path.name, partial(_fetch, path, now, quiet), day_in(path.name, published), _since(path))
        for path in sorted(files, key=lambda path: (_changed(path), path.name))
    ]


def _is_delivery(name: str) -> bool:
    return not name.startswith((".", "~")) and not name.lower().endswith((*UNFINISHED, SIDECAR))


def _fetch(path: Path, now: datetime, quiet: timedelta, seen: str | None) -> Got | None:
    """Read a file once, if it has rested for so long; what comes whole need not.

    `BadFile` where it cannot be read.
    """
    try:
        version = _version(path)
        if version == seen and _changed(path):  # a store that states no instant of change is read each time
            return Got(version, None)
        if any(one.is_symlink() for one in (path, *_sidecars(path))):
            raise BadFile(LINK)
        changed = max(_changed_by(one, now) for one in (path, *_sidecars(path)))
        if quiet and changed > (now - quiet).timestamp():
            return None
        delivery = deliver(path)
        if isinstance(delivery.covers, bytes) and not _is_whole(delivery.covers):
            raise BadFile(UNFINISHED_LINE)
        return Got(version, delivery) if _version(path) == version else None
    except FileNotFoundError:
        return None


def _changed_by(path: Path, now: datetime) -> float:
    """Say when a file changed last; a program may have set an instant to come, and the disk notes its own."""
    changed, stat = _changed(path), path.stat()
    return changed if changed <= now.timestamp() else float(getattr(stat, "st_ctime", changed))


def _version(path: Path) -> str:
    """Say how a file and its sidecar stand, so that any change of them shows."""
    return " ".join(map(_stat, (path, *_sidecars(path))))


def _sidecars(path: Path) -> Sequence[Path]:
    found = {path.with_name(f"{name}{SIDECAR}") for name in (path.stem, path.name)}
    return [one for one in sorted(found, key=str) if one.is_file()]


def _is_whole(coverage: bytes) -> bool:
    """Say whether a coverage file ends as a line does: a day that is cut short may be another day."""
    return coverage.rstrip(b"\0").endswith((b"\n", b"\r"))  # UTF-16 ends a line with a 0 behind


def _stat(path: Path) -> str:
    stat: Any = path.stat()  # of an object store: size and instant at least
    return f"{stat.st_size}:{getattr(stat, 'st_mtime_ns', None) or stat.st_mtime}"


def _changed(path: Path) -> float:
    try:
        return float(path.stat().st_mtime)
    except FileNotFoundError:
        return 0.0


def _since(path: Path) -> datetime | None:
    """Say since when a file has lain there as it is, whatever instant it brought with it; None: nothing says so."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    instant = getattr(stat, "st_ctime", stat.st_mtime)
    return datetime.fromtimestamp(instant, UTC) if instant else None
