"""The landing: files by content hash, the register of them, and the key of this home's hashes.

HOME/landed/HASH.suffix holds the bytes until they expire; HOME/register/HASH.json never expires. Each file
is written aside, flushed to the disk and renamed, so that it is there whole or not at all; what two
processes make at once, the first one made. Everything is private to its owner.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from monitor.errors import BadFile, BadRequest
from monitor.feeds.publish import Delivery, Landed

KEY_BYTES = 32
SIDECAR = ".coverage.csv"


def deliver(path: Path, covers: str | None = None) -> Delivery:
    """Read a file once, whatever happens to it meanwhile, and what says which organisations it covers.

    Parameters
    ----------
    covers
        "all", or the path of a coverage file; None: the sidecar NAME.coverage.csv, if there is one.
    """
    content = _read(path)
    if covers == "all":
        return Delivery(path.name, content, covers)
    if covers is not None:
        return Delivery(path.name, content, _read(Path(covers)))
    sidecars = (path.with_name(f"{name}{SIDECAR}") for name in (path.stem, path.name))
    sidecar = next((one for one in sidecars if one.is_file()), None)
    return Delivery(path.name, content, _read(sidecar) if sidecar else None)


class Landing:
    """The landing of one home. Landing the same bytes again changes their counts and stated date at most."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._landed = home / "landed"
        self._register = home / "register"

    def key(self) -> bytes:
        """Give the key of this home's hashes, made once."""
        path = self._home / "key"
        if not path.exists():
            self._create(path, secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise BadRequest(f"{path} is damaged; restore it from the backup: without it every file would count again")
        return key

    def land(
        self, delivery: Delivery, feed: str, *, now: datetime, stated: date | None, counts: Mapping[str, object]
    ) -> Landed:
        """Keep the bytes, and durably their first landing with what this feed read in them."""
        checksum = sha256(delivery.content).hexdigest()
        suffix = _suffix(delivery.name)
        kept = self._landed / f"{checksum}{suffix}"
        if not kept.exists():
            self._create(kept, delivery.content)
        before = self._page(checksum, now, suffix, {feed: _word(counts, stated)})
        entry = self._read(checksum)
        word = _word(counts, stated or _stated(entry["feeds"].get(feed, {})))
        if entry["feeds"].get(feed) != word:
            entry["feeds"][feed] = word
            self._replace(checksum, entry)
        known = before is not None and feed in before["feeds"]
        return Landed(checksum, datetime.fromisoformat(entry["first"]), _stated(word), known)

    def _page(self, checksum: str, now: datetime, suffix: str, feeds: Mapping[str, Any]) -> Any:
        """Give a file's page as it was; None: it was made now."""
        if self._path(checksum).exists():
            return self._read(checksum)
        entry = {"sha256": checksum, "suffix": suffix, "first": now.isoformat(), "feeds": feeds}
        return None if self._create(self._path(checksum), _json(entry)) else self._read(checksum)

    def _read(self, checksum: str) -> Any:
        return json.loads(self._path(checksum).read_text(encoding="utf-8"))

    def _path(self, checksum: str) -> Path:
        return self._register / f"{checksum}.json"

    def _replace(self, checksum: str, entry: Mapping[str, Any]) -> None:
        path = self._path(checksum)
        _written(path, _json(entry)).replace(path)
        _flush(path.parent)

    def _create(self, path: Path, content: bytes) -> bool:
        """Make a file and say so; where another process was quicker, its file stays."""
        for folder in (self._home, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = _written(path, content)
        try:
            os.link(aside, path)
        except FileExistsError:
            return False
        finally:
            aside.unlink()
        _flush(path.parent)
        return True


def _word(counts: Mapping[str, object], stated: date | None) -> dict[str, object]:
    return dict(counts) if stated is None else {**counts, "stated": stated.isoformat()}


def _stated(word: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(word["stated"]) if "stated" in word else None


def _written(path: Path, content: bytes) -> Path:
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return aside


def _flush(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _suffix(name: str) -> str:
    """Keep a plain suffix of a name and nothing else: names may say who is in a file."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix[1:].isalnum() and len(suffix) <= 8 else ""


def _json(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, indent=1).encode()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path.name} cannot be read: {error.strerror}") from error
