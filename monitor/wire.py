"""The message format of a feed's topic: one JSON CloudEvent a message, versioned.

`decode(encode(message)) == message` for every message; a message of a newer schema is refused by name.
The format is CloudEvents 1.0 (CNCF 2019, "Event Format: JSON"), type `monitor.NOUN.vN`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from msgspec import Raw, Struct
from msgspec.json import Decoder, Encoder

from monitor.errors import BadRecord, FutureSchema, Reason
from monitor.model import Advance, DeadLetter, Feed, Message, Observation, Organisation, Receipt
from monitor.sound import are_plain, check

SCHEMA = 1
_NOUNS: dict[str, type[Message]] = {
    "contract": Feed,
    "organisation": Organisation,
    "observation": Observation,
    "deadletter": DeadLetter,
    "advance": Advance,
    "receipt": Receipt,
}
_NAMES = {noun: name for name, noun in _NOUNS.items()}


class _Envelope(Struct, frozen=True):
    """What of an envelope decides how its data are read; the rest is for others."""

    type: str
    data: Raw


def _number(value: object) -> float:
    """Write numpy's numbers, which are floats by inheritance alone, as what they are."""
    if isinstance(value, float):
        return float(value)
    raise TypeError(f"a {type(value).__name__} is none of the nouns")


_write = Encoder(enc_hook=_number).encode
_open = Decoder(_Envelope).decode
_READS: dict[str, Decoder[Any]] = {name: Decoder(noun) for name, noun in _NOUNS.items()}


def encode(message: Message, feed: str, origin: str | None = None) -> bytes:
    """Write a message of this feed; its id is a digest of its data, which write a set in any order.

    `origin`: the run and the file that it comes from, RUN/HASH; None: from none.
    """
    name = _NAMES[type(message)]
    data = _write(message)
    envelope = (
        f'{{"specversion":"1.0","id":"{blake2b(data, digest_size=16).hexdigest()}","source":"/feeds/{feed}",'
        f'"type":"monitor.{name}.v{SCHEMA}","datacontenttype":"application/json",'
    )
    where = b"" if origin is None else b'"origin":' + _write(origin) + b","
    return envelope.encode() + where + b'"data":' + data + b"}"


def decode(data: bytes) -> Message:
    """Read a message, or raise `BadRecord` that says what is wrong without repeating the content."""
    try:
        envelope = _open(data)
        name, body = _name(envelope.type), bytes(envelope.data)
        message: Message = _READS[name].decode(_in_days(body) if name == "contract" else body)
    except (ValueError, RecursionError) as error:  # the latter: lists in lists in lists
        raise BadRecord(Reason.BAD_MESSAGE, "message") from error
    check(message, is_plain=are_plain(body))
    return message


@lru_cache(maxsize=32)  # a topic has a few types and many messages
def _name(kind: str) -> str:
    prefix, name, version = kind.split(".")
    if prefix != "monitor" or name not in _NOUNS or not version.startswith("v"):
        raise ValueError(kind)
    if int(version[1:]) > SCHEMA:
        raise FutureSchema(Reason.FUTURE_SCHEMA, "schema", f"{int(version[1:])} (this worker reads {SCHEMA})")
    return name


def dump(noun: object) -> str:
    """Write one of the nouns, or a collection of them, as JSON, for a column of the store."""
    return _write(noun).decode()


def load(kind: Any, data: str | bytes) -> Any:
    """Read what `dump` wrote as this type."""
    return _decoder(kind).decode(_in_days(data.encode() if isinstance(data, str) else data) if kind is Feed else data)


_YEARS = re.compile(rb'"P(\d{1,3})Y(?:(\d{1,3})D)?')


def _in_days(contract: bytes) -> bytes:
    """Write a contract's spans in days: until schema 1 was read by msgspec, 400 days were kept as P1Y35D."""
    return _YEARS.sub(lambda span: b'"P%dD' % (365 * int(span[1]) + int(span[2] or 0)), contract)


@lru_cache
def _decoder(kind: Any) -> Decoder[Any]:
    return Decoder(kind)
