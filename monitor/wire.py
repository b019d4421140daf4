"""The message format of a feed's topic: one JSON CloudEvent a message, versioned.

`decode(encode(message)) == message` for every message; a message of a newer schema is refused by name.
The format is CloudEvents 1.0 (CNCF 2019, "Event Format: JSON"), type `monitor.NOUN.vN`.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from monitor.errors import BadRecord, FutureSchema, Reason
from monitor.model import Advance, DeadLetter, Feed, Message, Observation, Organisation, Receipt
from monitor.sound import check

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
_ADAPTERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(noun) for name, noun in _NOUNS.items()}


def encode(message: Message, feed: str, origin: str | None = None) -> bytes:
    """Write a message of this feed; its id is a digest of its content, so equal words have equal ids.

    `origin`: the run and the file that it comes from, RUN/HASH; None: from none.
    """
    name = _NAMES[type(message)]
    data = _ADAPTERS[name].dump_json(message)
    envelope = (
        f'{{"specversion":"1.0","id":"{blake2b(data, digest_size=16).hexdigest()}","source":"/feeds/{feed}",'
        f'"type":"monitor.{name}.v{SCHEMA}","datacontenttype":"application/json",'
    )
    where = b"" if origin is None else b'"origin":' + to_json(origin) + b","
    return envelope.encode() + where + b'"data":' + data + b"}"


def decode(data: bytes) -> Message:
    """Read a message, or raise `BadRecord` that says what is wrong without repeating the content."""
    try:
        envelope = from_json(data, allow_inf_nan=False)
        name = _name(str(envelope["type"]))
        message: Message = _ADAPTERS[name].validate_python(envelope["data"])
    except (ValueError, TypeError, KeyError, ValidationError) as error:
        raise BadRecord(Reason.BAD_MESSAGE, "message") from error
    check(message)
    return message


@lru_cache(maxsize=32)  # a topic has a few types and many messages
def _name(kind: str) -> str:
    prefix, name, version = kind.split(".")
    if prefix != "monitor" or name not in _NOUNS or not version.startswith("v"):
        raise ValueError(kind)
    if int(version[1:]) > SCHEMA:
        raise FutureSchema(Reason.FUTURE_SCHEMA, "schema", f"{int(version[1:])} (this worker reads {SCHEMA})")
    return name


def dump(noun: object, kind: Any = None) -> str:
    """Write one of the nouns (or a collection, its type in `kind`) as JSON, for a column of the store."""
    written: Any = kind or type(noun)
    return _adapter(written).dump_json(noun).decode()


def plain(numbers: tuple[object, ...]) -> str:
    """Write numbers, and tuples of them, as `dump` would: what comes by the million, without asking for its type."""
    return to_json(numbers).decode()


def load(kind: Any, data: str | bytes) -> Any:
    """Read what `dump` wrote as this type."""
    return _adapter(kind).validate_json(data)


@lru_cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
