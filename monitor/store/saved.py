"""The cached states of blocks, a blob of arrays each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from monitor import wire
from monitor.detectors.state import StateVersionError, decode_state
from monitor.kept import Block, Saved
from monitor.model import PeerGroup
from monitor.store import tables
from monitor.store.blocks import numbered
from monitor.store.names import Numbers, organisations_of, roster
from monitor.store.statements import put

_Closed = Mapping[str, tuple[tuple[int, int], ...]]
_Lineage = Mapping[str, tuple[str, ...]]


def write_saved(
    connection: Connection, numbers: Numbers, feed: str, saved: Sequence[Saved], blobs: Sequence[bytes]
) -> None:
    """Keep these states as caches; `blobs`: the arrays of each."""
    ids, names = numbered(connection, numbers, feed, saved)
    rows = [
        {
            "block": ids[each.block],
            "first": each.first,
            "through": each.through,
            "organisations": names[roster(each.organisations)],
            "state": blob,
            "closed": wire.dump(each.closed),
            "lineage": wire.dump(each.lineage),
            "model": each.model,
        }
        for each, blob in zip(saved, blobs, strict=True)
    ]
    put(connection, tables.saved_states, rows)


def read_saved(connection: Connection, numbers: Numbers, feed: str) -> dict[Block, Saved]:
    """Give the cached states of this feed's blocks; one of another version is absent."""
    blocks, table = tables.blocks, tables.saved_states
    query = select(blocks.c.indicator, blocks.c.source, blocks.c.peer_group, table).join(table)
    rows = connection.execute(query.where(blocks.c.feed == feed).order_by(blocks.c.id)).all()
    texts = numbers.names.texts(connection, {row.organisations for row in rows})
    found = {}
    for row in rows:
        try:
            state = decode_state(row.state)
        except StateVersionError:
            continue  # only a cache: whoever asks folds it anew
        block = Block(row.indicator, row.source, PeerGroup(row.peer_group))
        closed, lineage = wire.load(_Closed, row.closed), wire.load(_Lineage, row.lineage)
        codes = organisations_of(texts[row.organisations])
        found[block] = Saved(block, row.first, row.through, codes, state, closed, lineage, row.model)
    return found
