"""What the landing register says of a file for one feed: what was said of it, and whether it is over (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.feeds.landed import Landed

Word = Mapping[str, Any]


def is_over(word: Word) -> bool:
    """Say whether a file was published, or refused, with all that is said of it now."""
    return _said(word) in (word.get("published"), word.get("refused"))


def said_of(landed: Landed) -> Word:
    """Give what was said of a file when it was taken up, as its publishing notes it."""
    stated, turned = (at and at.isoformat() for at in (landed.stated, landed.turned))
    said = {"stated": stated, "covers": landed.covers, "turned": turned}
    return {name: value for name, value in said.items() if value is not None}


def anew(word: Word) -> dict[str, Any]:
    """Give what stays where a file is to be published again."""
    return {name: value for name, value in word.items() if name not in ("published", "refused")}


def is_known(word: Word | None, source: object) -> bool:
    """Say whether a feed has published a file before and, where it is read as a source's now (not None), as the same's.

    One that has landed and was cut short on its way, by a crash or an outage, is not known yet.
    """
    return word is not None and "published" in word and (source is None or source in _sources(word))


def with_counts(word: Word, counts: Word) -> dict[str, Any]:
    """Give a word with what was read in the file now; as whose it was ever read stays."""
    sources = sorted(_sources(word) | _sources(counts))
    return {**word, **counts, **({"sources": sources} if sources else {})}


def with_turn(word: Word, at: str, stated: str | None) -> dict[str, Any]:
    """Give a word that its source has turned back to at an instant; the day that was stated for it before is past."""
    held = {name: value for name, value in word.items() if name != "stated"}
    return {**held, "turned": at, **({"stated": stated} if stated else {})}


def _sources(word: Word) -> set[str]:
    return {*word.get("sources", ()), *([word["source"]] if "source" in word else ())}


def _said(word: Word) -> dict[str, Any]:
    """Give what is said of a file beside its bytes: new words of these make it new."""
    return {name: word[name] for name in ("stated", "covers", "turned") if name in word}
