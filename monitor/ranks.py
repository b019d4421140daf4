"""How recent a word is, and which words of one stated day are level, though people have corrected some (pure)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from monitor.calendars import LONDON, day_of
from monitor.model import Rank

HAIR = timedelta(microseconds=1)
"""By so much later than its file each correction makes a word: it holds over what was sent of that file before.

A file that states no day ranks by its landing, and none lands in between. One that states a day ranks at its midnight,
as every other of that day does: there a hair tells nothing of which of two files is the newer, see `are_level`.
"""
HAIRS = timedelta(seconds=1)
"""Less than this is hairs: no word is corrected a million times."""


@lru_cache(maxsize=1_000)
def midnight(day: date) -> datetime:
    """Give the instant at which a published day begins: what it says holds over what landed before."""
    return datetime.combine(day, time(), LONDON)


def are_level(one: Rank, other: Rank) -> bool:
    """Say whether two ranks are of one revision and of one stated day, but for hairs."""
    (revision, published), (another, day) = one, other
    return revision == another and abs(published - day) < HAIRS and _is_stated(published) and _is_stated(day)


def _is_stated(published: datetime) -> bool:
    return published - midnight(day_of(published)) < HAIRS
