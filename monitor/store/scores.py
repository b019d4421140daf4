"""The scores of a block's periods, a blob of arrays each; and whose past was scored again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, select

from monitor.detectors.state import decode_state, decode_states
from monitor.kept import Block, Scores
from monitor.store import tables
from monitor.store.blocks import most, numbered, widen
from monitor.store.lists import among
from monitor.store.names import Numbers, organisations_of, roster
from monitor.store.statements import put

_again = tables.refolds.c
_AGAIN = (
    select(tables.refolds)
    .where(among(_again.organisation, "organisations"))
    .order_by(_again.organisation, _again.block)
)
_scores = tables.scores.c
_SCORES = (
    select(tables.scores)
    .where(_scores.block == bindparam("block"), _scores.number.between(bindparam("first"), bindparam("last")))
    .order_by(_scores.number)
)


def write_scores(
    connection: Connection,
    numbers: Numbers,
    feed: str,
    scores: Sequence[Scores],
    blobs: Sequence[bytes],
    *,
    sequence: int,
) -> None:
    """Put these scores in place of what a refold has made stale; `blobs`: the arrays of each."""
    ids, names = numbered(connection, numbers, feed, scores)
    rows = [
        {
            "block": ids[each.block],
            "number": each.number,
            "start": each.period[0].toordinal(),
            "end": each.period[1].toordinal(),
            "organisations": names[roster(each.organisations)],
            "arrays": blob,
            "tick": sequence,
        }
        for each, blob in zip(scores, blobs, strict=True)
    ]
    put(connection, tables.scores, rows)
    widen(connection, rows, {"last_scored": most(tables.blocks.c.last_scored, bindparam("last"))})


def read_scores(
    connection: Connection,
    numbers: Numbers,
    block: Block,
    first: int,
    last: int,
    only: Collection[str] | None = None,
) -> list[Scores]:
    """Give the scores of periods first..last, oldest first; `only`: these of their arrays."""
    number = numbers.blocks.find(connection, [block]).get(block)
    rows = connection.execute(_SCORES, {"block": number, "first": first, "last": last}).all()
    texts = numbers.names.texts(connection, {row.organisations for row in rows})
    lists = {number: organisations_of(texts[number]) for number in {row.organisations for row in rows}}
    blobs = [row.arrays for row in rows]
    states = [decode_state(blob) for blob in blobs] if only is None else decode_states(blobs, only)
    return [
        Scores(
            block, row.number, (date.fromordinal(row.start), date.fromordinal(row.end)), lists[row.organisations], state
        )
        for row, state in zip(rows, states, strict=True)
    ]


def write_refolds(
    connection: Connection,
    numbers: Numbers,
    feed: str,
    refolded: Collection[tuple[Block, str]],
    *,
    sequence: int,
    at: datetime,
) -> None:
    """Note whose settled past was scored again: what a case has shown of it may have to be corrected."""
    ids = numbers.blocks.make(connection, feed, {block for block, _ in refolded})
    rows = [{"block": ids[block], "organisation": code, "tick": sequence, "at": at} for block, code in refolded]
    put(connection, tables.refolds, rows)


def read_refolds(connection: Connection, organisations: Collection[str]) -> dict[str, dict[int, tuple[int, datetime]]]:
    """Give, by organisation and block, the last tick that scored its past again."""
    found: dict[str, dict[int, tuple[int, datetime]]] = {}
    for row in connection.execute(_AGAIN, {"organisations": organisations}) if organisations else ():
        found.setdefault(row.organisation, {})[row.block] = row.tick, row.at
    return found
