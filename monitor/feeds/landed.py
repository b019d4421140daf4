"""What the landing register knows of a file, and what a publishing asks of the landing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from monitor.feeds.delivery import Delivery
from monitor.feeds.table import Correction


@dataclass(frozen=True, slots=True)
class Landed:
    """What the landing register knows of a file: when it first came, and what was said of it.

    `stated`: the day it was published. `covers`: the checksum of the coverage file that came with it; None: none did.
    `corrections`: what people have corrected in it since. `source`: whose figures it was read as; None: not yet read.
    `turned`: when its source last came back to it, after it had said something else; None: never.
    """

    checksum: str
    first: datetime
    stated: date | None
    already_known: bool
    covers: str | None = None
    corrections: tuple[Correction, ...] = ()
    source: str | None = None
    turned: datetime | None = None

    @property
    def ranked(self) -> datetime:
        """Give the instant that tells which of two files holds."""
        return self.turned or self.first


class Landing(Protocol):
    """Files by content hash, and the register of them."""

    def key(self) -> bytes:
        """Give the key of this home's hashes; it never leaves the home."""

    def corrected(self, delivery: Delivery, feed: str) -> Delivery:
        """Give a delivery with all that people have corrected in these bytes for this feed, if they landed before."""

    def land(
        self, delivery: Delivery, feed: str, *, now: datetime, stated: date | None, counts: Mapping[str, object]
    ) -> Landed:
        """Keep the bytes, and durably their first landing; a stated date holds until another is stated."""

    def finish(self, landed: Landed, feed: str) -> bool:
        """Note that this feed has wholly published the file: what it says, and what it completes; False: it had."""
