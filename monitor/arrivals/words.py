"""What was taken of each name at a place, kept for good: whether what lies there now is the word of the day beside it.

Not a cache: files of one publication are told apart by it. Names are kept hashed, since they may say who is in a file.
"""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from monitor.arrivals.thing import Thing, hashed
from monitor.keeping import replace


class Word(NamedTuple):
    """What was taken of a name last: its checksum, the day stated beside it, and the day on which it was published."""

    sha256: str
    stated: str | None
    published: str | None


class Words:
    """The last word of each name at one place of a feed; each is a small file, written when its bytes are durable."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder, self._key = folder, key

    def last(self, thing: Thing) -> Word | None:
        """Give what was taken of this name last; None: nothing was."""
        try:
            return Word(**json.loads(self._path(thing).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def keep(self, thing: Thing, word: Word) -> None:
        """Remember what was taken of a name."""
        if word != self.last(thing):
            replace(self._path(thing), json.dumps(word._asdict()).encode())

    def _path(self, thing: Thing) -> Path:
        return self._folder / f"{hashed(thing.name, self._key)}.json"


def word(last: Word | None, thing: Thing, content: bytes, today: date) -> Word:
    """Say what was fetched of a name, and the day on which it was published; None: nobody states it.

    What is put in the place of another thing, with the day of that one still beside it, was published since. A day to
    come is a slip, and stays one when it has come: what corrected the thing meanwhile has an earlier day.
    """
    checksum, stated = sha256(content).hexdigest(), _text(thing.stated)
    if last is None or last.stated != stated:
        return Word(checksum, stated, stated if thing.stated and thing.stated <= today else None)
    return Word(checksum, stated, last.published if last.sha256 == checksum else None)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
