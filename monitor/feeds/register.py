"""What the landing register says of a file for one feed: what was said of it, and whether it is over (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Word = Mapping[str, Any]


def is_over(word: Word) -> bool:
    """Say whether a file was published, or refused, with all that is said of it now."""
    return _said(word) in (word.get("published"), word.get("refused"))


def anew(word: Word) -> dict[str, Any]:
    """Give what stays where a file is to be published again."""
    return {name: value for name, value in word.items() if name not in ("published", "refused")}


def _said(word: Word) -> dict[str, Any]:
    """Give what is said of a file beside its bytes: new words of these make it new."""
    return {name: word[name] for name in ("stated", "covers") if name in word}
