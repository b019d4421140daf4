"""What a tick has derived, as the bytes that are stored: made before the tick keeps other writers out (pure)."""

from __future__ import annotations

from monitor.detectors.state import encode_state
from monitor.kept import Arrays, Blobs, Changes


def blobs(changes: Changes) -> Blobs:
    """Write the arrays of a tick's changes."""
    return Blobs(
        [blob(each.common) for each in changes.settlements],
        [blob(each.arrays) for each in changes.scores],
        [blob(each.state) for each in changes.saved.values()],
    )


def blob(arrays: Arrays) -> bytes:
    """Write arrays in the order of their names, so that equal arrays are equal bytes."""
    return encode_state(dict(sorted(arrays.items())))
