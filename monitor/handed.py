"""From a path to a delivery: one file as it was handed over, read whole, with what says whom it covers."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

from monitor.errors import BadFile
from monitor.feeds.delivery import Delivery

LARGEST_BYTES = 10**9
"""A file is read whole, since its hash is its name: a larger one is refused before."""
SIDECAR = ".coverage.csv"
COVERAGE = "its coverage file"


def deliver(path: Path, covers: str | None = None) -> Delivery:
    """Read a file once, and what says which organisations it covers; `BadFile` where it changes meanwhile.

    Parameters
    ----------
    covers
        "all", or the path of a coverage file; None: the sidecar NAME.coverage.csv, if there is one.
    """
    content = _read(path)
    if covers == "all":
        return Delivery(path.name, content, covers)
    if covers is not None:
        return Delivery(path.name, content, _read(Path(covers), COVERAGE))
    sidecar = next(iter(beside(path)), None)
    return Delivery(path.name, content, _read(sidecar, COVERAGE) if sidecar else None)


def sidecars(path: Path) -> tuple[Path, ...]:
    """Give the paths at which a file's coverage file may lie: of w.csv, w.coverage.csv and w.csv.coverage.csv.

    Of two that lie there the first is read.
    """
    return tuple(path.with_name(f"{name}{SIDECAR}") for name in dict.fromkeys((path.stem, path.name)))


def beside(path: Path) -> Sequence[Path]:
    """Give the coverage files that lie beside a file."""
    return [one for one in sidecars(path) if _lies(one)]


def _lies(path: Path) -> bool:
    """Say whether a file is there; none is of a name too long for its disk, as one with a longer ending may be."""
    try:
        return path.is_file()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise


def _read(path: Path, what: str = "the file") -> bytes:
    """Read a file whole; `BadFile` where it cannot be, or is written to meanwhile: half of it is another file.

    Its name may say who is in it, and a reason is logged: only `what` it is is told.
    """
    try:
        before = _state(path)
        if before[0] > LARGEST_BYTES:
            raise BadFile(f"{what} has more than {LARGEST_BYTES // 10**6:,} MB; split it, by month")
        content = path.read_bytes()
        if before != _state(path) or len(content) != before[0]:
            raise BadFile(f"{what} changed while it was read; publish it once it is whole")
    except OSError as error:
        raise BadFile(f"{what} cannot be read: {error.strerror}") from error
    return content


def _state(path: Path) -> tuple[int, float]:
    found = path.stat()  # of an object store: size and instant at least
    return found.st_size, found.st_mtime
