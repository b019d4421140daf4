"""One thing that lies at a place and can be fetched, and what is remembered of it between two looks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from monitor.feeds.delivery import Delivery
from monitor.keeping import replace


class Got(NamedTuple):
    """What fetching gave: the version that lay there, and its content; None: it is the version seen before."""

    version: str
    delivery: Delivery | None


@dataclass(frozen=True, slots=True)
class Thing:
    """A file at a place.

    `fetch` is given the version seen before (None: never, or it must be read anew) and gives None where the thing is
    gone; `BadFile` says why it cannot be taken as it lies there now. `stated`: the day on which its source published
    it.
    """

    name: str
    fetch: Callable[[str | None], Got | None]
    stated: date | None = None


class Seen:
    """What was seen at a place last time: versions by hashed name, what could not be taken, and pages with their links.

    Only a cache: without it everything is fetched again, and known by its content. So with what cannot be read of it.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key
        self._before = _read(path)
        self._now: dict[str, Any] = {"things": {}, "pages": {}}

    def version(self, name: str) -> str | None:
        """Give the version of a thing seen last; None: none."""
        version: str | None = self._thing(name).get("version")
        return version

    def note(self, thing: Thing, got: Got) -> None:
        """Remember the version of a thing that has been taken."""
        self._now["things"][hashed(thing.name, self._key)] = {"version": got.version}

    def untaken(self, thing: Thing, now: datetime) -> datetime:
        """Remember that a thing cannot be taken; give since when it could not be at any look."""
        since: str = self._thing(thing.name).get("untaken", now.isoformat())
        self._now["things"][hashed(thing.name, self._key)] = {"untaken": since}
        return datetime.fromisoformat(since)

    def page(self, url: str) -> Mapping[str, Any] | None:
        """Give what a page held when it was read last."""
        page: Mapping[str, Any] | None = self._before["pages"].get(url)
        return page

    def note_page(self, url: str, page: Mapping[str, Any]) -> None:
        """Remember what a page holds; pages and their links are public."""
        self._now["pages"][url] = page

    def keep(self, *, whole: bool) -> None:
        """Write it down; after a `whole` look what was not seen is forgotten, else it stays as it was."""
        now = self._now if whole else {kind: {**self._before[kind], **self._now[kind]} for kind in self._now}
        if now != self._before:
            replace(self._path, json.dumps(now, indent=1).encode())

    def _thing(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._before["things"].get(hashed(name, self._key), {})
        return found


def hashed(name: str, key: bytes) -> str:
    """Hash a thing's name, which may say who is in it, for what is kept of it."""
    return blake2b(os.fsencode(name), key=key, digest_size=16).hexdigest()


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        found = None
    return {"things": _sound(found, "things", _is_thing), "pages": _sound(found, "pages", _is_page)}


def _sound(found: Any, kind: str, is_sound: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Give what was kept as it is kept here; whatever else stands there was not seen."""
    kept = found.get(kind) if isinstance(found, dict) else None
    entries = kept.items() if isinstance(kept, dict) else ()
    return {name: entry for name, entry in entries if isinstance(entry, dict) and is_sound(entry)}


def _is_thing(entry: dict[str, Any]) -> bool:
    if "untaken" in entry:
        return _reads(_instant, entry["untaken"])
    return isinstance(entry.get("version"), str)


def _is_page(entry: dict[str, Any]) -> bool:
    links, stated = entry.get("links"), entry.get("stated")
    is_linking = isinstance(links, list) and all(isinstance(link, str) for link in links)
    is_dated = stated is None or _reads(date.fromisoformat, stated)
    return isinstance(entry.get("version"), str) and is_linking and is_dated


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("of no zone: no instant")
    return found


def _reads(read: Callable[[str], object], text: Any) -> bool:
    try:
        read(text)
    except (TypeError, ValueError):
        return False
    return True
