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
from monitor.model import Receipt

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
    """The landing of one home. Landing again the same bytes changes nothing but a newly stated date."""

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

    def land(self, delivery: Delivery, feed: str, *, now: datetime, stated: date | None) -> Landed:
        """Keep the bytes and note their first landing."""
        checksum = sha256(delivery.content).hexdigest()
        suffix = _suffix(delivery.name)
        kept = self._landed / f"{checksum}{suffix}"
        if not kept.exists():
            self._create(kept, delivery.content)
        entry = self._entry(checksum, now, suffix)
        word = entry["feeds"].setdefault(feed, {})
        if stated is not None and word.get("stated") != stated.isoformat():
            word["stated"] = stated.isoformat()
            self._replace(self._page(checksum), entry)
        known = date.fromisoformat(word["stated"]) if "stated" in word else None
        return Landed(checksum, datetime.fromisoformat(entry["first"]), known, "rows" in word)

    def account(self, checksum: str, receipt: Receipt) -> None:
        """Note the counts of a publishing."""
        entry = json.loads(self._page(checksum).read_text(encoding="utf-8"))
        entry["feeds"].setdefault(receipt.feed, {}).update(_counts(receipt))
        self._replace(self._page(checksum), entry)

    def content(self, checksum: str) -> bytes | None:
        """Give the landed bytes; None: they have expired."""
        found = next(self._landed.glob(f"{checksum}*"), None)
        return found.read_bytes() if found else None

    def _entry(self, checksum: str, now: datetime, suffix: str) -> Any:
        page = self._page(checksum)
        if not page.exists():
            entry = {"sha256": checksum, "suffix": suffix, "first": now.isoformat(), "feeds": {}}
            self._create(page, _json(entry))
        return json.loads(page.read_text(encoding="utf-8"))

    def _page(self, checksum: str) -> Path:
        return self._register / f"{checksum}.json"

    def _replace(self, path: Path, entry: Mapping[str, Any]) -> None:
        aside = _written(path, _json(entry))
        aside.replace(path)
        _flush(path.parent)

    def _create(self, path: Path, content: bytes) -> None:
        """Make a file; where another process was quicker, its file stays."""
        for folder in (self._home, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = _written(path, content)
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
        _flush(path.parent)


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


def _counts(receipt: Receipt) -> dict[str, Any]:
    return {
        "source": receipt.source,
        "rows": receipt.rows,
        "observations": receipt.observations,
        "merged": receipt.merged,
        "out_of_scope": dict(receipt.out_of_scope),
        "suppressed": receipt.suppressed,
        "dead_lettered": dict(receipt.dead_lettered),
    }


def _json(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, indent=1).encode()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path.name} cannot be read: {error.strerror}") from error
