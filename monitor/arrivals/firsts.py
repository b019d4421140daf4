"""Which links a page had when it was first read with the day that it states, kept for good.

A corrected file often has an address of its own, and its page the old day: it was published since, and nobody states
when. Not a cache: without it such a file would contradict the one that it corrects.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from monitor.keeping import create


class Firsts:
    """The first links of a feed's pages; each page and day is a small file, which the first reader writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def since(self, url: str, day: str, links: Sequence[str]) -> Sequence[str]:
        """Give those links of a page that have come to it after it was first read with this day."""
        path = self._folder / f"{blake2b(f'{url} {day}'.encode(), digest_size=16).hexdigest()}.json"
        if not path.exists():
            create(path, json.dumps(list(links)).encode())
        first = json.loads(path.read_text(encoding="utf-8"))
        return [link for link in links if link not in first]
