"""What a tick writes, made ready before it keeps other writers out: words and sums as rows, arrays as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monitor.detectors.state import encode_state
from monitor.kept import Arrays, Changes
from monitor.store.names import Numbers
from monitor.store.sums import SumRows, sum_rows
from monitor.store.words import WordRows, word_rows


class Rows(NamedTuple):
    """A tick's words and sums as rows of their tables."""

    words: WordRows
    sums: SumRows


class Prepared(NamedTuple):
    """What is ready of these changes: arrays in the changes' order; no rows where a name in them is new."""

    changes: Changes
    rows: Rows | None
    settlements: Sequence[bytes]
    scores: Sequence[bytes]
    saved: Sequence[bytes]


def prepared(numbers: Numbers, feed: str, changes: Changes) -> Prepared:
    """Make ready what can be without the database."""
    return Prepared(
        changes,
        _rows(numbers, feed, changes),
        [blob(each.common) for each in changes.settlements],
        [blob(each.arrays) for each in changes.scores],
        [blob(each.state) for each in changes.saved.values()],
    )


def _rows(numbers: Numbers, feed: str, changes: Changes) -> Rows | None:
    try:
        return Rows(word_rows(numbers, feed, changes.words), sum_rows(numbers, changes.sums))
    except KeyError:  # a name or series that is new, or was not asked for yet
        return None


def blob(arrays: Arrays) -> bytes:
    """Write arrays in the order of their names, so that equal arrays are equal bytes."""
    return encode_state(dict(sorted(arrays.items())))
