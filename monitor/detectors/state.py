"""The saved form of a state: our own, versioned, and never a pickle.

Layout: magic, version (1 byte), length of the header (4 bytes, little-endian), a JSON header naming each
array with its type and shape, then the arrays' bytes in that order, little-endian, series first.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from monitor.detectors.contract import State

MAGIC = b"MONSTATE"
VERSION = 1
_HEAD = len(MAGIC) + 5  # magic, version and length
TYPES = ("<f8", "<i8", "|b1")


class StateVersionError(ValueError):
    """A saved state was written by a newer version, or is none: drop the cache and fold again."""


def encode_state(state: State) -> bytes:
    """Write a state; `decode_state` gives back the same values, types and shapes."""
    arrays = {name: array.astype(_type(array.dtype), order="C", copy=False) for name, array in state.items()}
    header = _header(tuple((name, array.dtype, array.shape) for name, array in arrays.items()))
    body = (array.data for array in arrays.values())
    return b"".join([MAGIC, bytes([VERSION]), len(header).to_bytes(4, "little"), header, *body])


@lru_cache(maxsize=1_000)
def _header(arrays: tuple[tuple[str, np.dtype[Any], tuple[int, ...]], ...]) -> bytes:
    """Write the header; the blobs of a block differ in their values only, so it is worked out once for many."""
    return json.dumps({name: [kind.str, shape] for name, kind, shape in arrays}).encode()


@lru_cache
def _type(kind: np.dtype[Any]) -> np.dtype[Any]:
    saved = np.dtype({"f": "<f8", "i": "<i8", "b": "|b1"}[kind.kind])
    assert kind.itemsize == saved.itemsize, kind
    return saved


def decode_state(data: bytes, only: Collection[str] | None = None) -> State:
    """Read a state back; `only`: these of its arrays, as views of the bytes that nobody can write to.

    Raises
    ------
    StateVersionError
        The bytes are no state, or one of a version that this program does not know.
    """
    state, begin = {}, _begin(data)
    for name, kind, shape, offset in _layout(_header_of(data)):
        if only is None or name in only:
            array = np.ndarray(shape, kind, data, begin + offset)
            state[name] = array.copy() if only is None else array
    return state


def decode_states(rows: Sequence[bytes], only: Collection[str]) -> list[State]:
    """Read these arrays of many states, as `decode_state` does of one; rows of one layout are read together."""
    if not rows:
        return []
    begin = _begin(rows[0])
    if any(len(row) != len(rows[0]) or row[:begin] != rows[0][:begin] for row in rows):
        return [decode_state(row, only) for row in rows]
    found: list[dict[str, np.ndarray]] = [{} for _ in rows]
    together = np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), len(rows[0]))
    for name, kind, shape, offset in _layout(_header_of(rows[0])):
        if name in only:
            start = begin + offset
            part = together[:, start : start + prod(shape) * kind.itemsize].view(kind)
            for state, array in zip(found, part.reshape(len(rows), *shape), strict=True):
                state[name] = array
    return list[State](found)


def _begin(data: bytes) -> int:
    """Give where the arrays begin."""
    return _HEAD + int.from_bytes(data[len(MAGIC) + 1 : _HEAD], "little")


def _header_of(data: bytes) -> bytes:
    """Give the header of a state that this program knows; `StateVersionError`: it does not."""
    if data[: len(MAGIC)] != MAGIC or len(data) < _HEAD:
        raise StateVersionError("no saved state: drop it and fold the series again")
    if data[len(MAGIC)] != VERSION:
        raise StateVersionError(
            f"saved state of version {data[len(MAGIC)]}; this worker reads {VERSION}: fold the series again"
        )
    return data[_HEAD : _begin(data)]


@lru_cache(maxsize=1_000)
def _layout(header: bytes) -> tuple[tuple[str, np.dtype[Any], tuple[int, ...], int], ...]:
    """Read a header, as few as `_header` writes: name, type, shape, and place after the header."""
    arrays, offset = [], 0
    for name, (kind, shape) in json.loads(header).items():
        assert kind in TYPES, kind
        arrays.append((name, np.dtype(kind), tuple(shape), offset))
        offset += prod(shape) * arrays[-1][1].itemsize
    return tuple(arrays)
