"""What lies in a folder, of a disk or of an object store: both answer as paths do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from monitor.arrivals.thing import Got, Thing
from monitor.errors import BadFile
from monitor.feeds.places import day_in
from monitor.landing import SIDECAR, deliver

log = structlog.get_logger()
UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload")
"""Endings under which programs write what they will rename when it is whole."""

UNFINISHED_LINE = "its coverage file ends within a line: it is still being written, or lacks its last line end"


def things(folder: Path, *, published: str | None, quiet: timedelta, now: datetime) -> Sequence[Thing]:
    """Give the files of a folder, the one that changed longest ago first: of two words the later landing holds.

    A folder that is not there holds nothing. A file that changes while it is read is left until next time.
    """
    if not folder.is_dir():
        return ()
    files = [path for path in folder.iterdir() if _is_delivery(path.name) and path.is_file()]
    before = (now - quiet).timestamp() if quiet else None
    return [
        Thing(path.name, partial(_fetch, path, before), day_in(path.name, published))
        for path in sorted(files, key=lambda path: (_changed(path), path.name))
    ]


def _is_delivery(name: str) -> bool:
    return not name.startswith((".", "~")) and not name.lower().endswith((*UNFINISHED, SIDECAR))


def _fetch(path: Path, quiet_since: float | None, seen: str | None) -> Got | None:
    """Read a file once, if it has rested; `quiet_since`: it must not have changed after this; None: it never rests."""
    try:
        version = _version(path)
        if version == seen and _changed(path):  # a store that states no instant of change is read each time
            return Got(version, None)
        if quiet_since is not None and max(map(_changed, (path, *_sidecars(path)))) > quiet_since:
            return None
        delivery = deliver(path)
        if isinstance(delivery.covers, bytes) and not _is_whole(delivery.covers):
            raise BadFile(UNFINISHED_LINE)
        return Got(version, delivery) if _version(path) == version else None
    except FileNotFoundError:
        return None
    except BadFile as bad:  # its name may say who is in it
        log.warning("a file of the folder cannot be read", reason=str(bad).rpartition(": ")[2])
        return None


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
