"""What is derived of whole blocks: settlements, scores and saved states, a blob of arrays each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, select, update

from monitor import wire
from monitor.detectors.state import StateVersionError, decode_state, decode_states
from monitor.kept import Block, Saved, Scores, Settlement
from monitor.model import PeerGroup
from monitor.store import tables
from monitor.store.columns import instant, micros
from monitor.store.lists import among
from monitor.store.names import Numbers, organisations_of, roster
from monitor.store.statements import Row, add, put

_Closed = Mapping[str, tuple[tuple[int, int], ...]]
_Lineage = Mapping[str, tuple[str, ...]]


def write_settlements(
    connection: Connection, numbers: Numbers, feed: str, settlements: Sequence[Settlement], blobs: Sequence[bytes]
) -> None:
    """Keep what the peers fixed; the periods' first closes have served. `blobs`: the arrays of each."""
    ids, names = _numbered(connection, numbers, feed, settlements)
    rows = [
        {
            "block": ids[each.block],
            "number": each.number,
            "model": each.model,
            "start": each.period[0].toordinal(),
            "end": each.period[1].toordinal(),
            "organisations": names[roster(each.organisations)],
            "common": blob,
            "at": micros(each.at),
            "tick": each.tick,
        }
        for each, blob in zip(settlements, blobs, strict=True)
    ]
    put(connection, tables.settlements, rows)
    blocks, closes = tables.blocks, tables.closes
    ends = {
        "first_settled": _least(blocks.c.first_settled, bindparam("first")),
        "last_settled": _most(blocks.c.last_settled, bindparam("last")),
    }
    _widen(connection, rows, ends)
    served = (closes.c.block == bindparam("served")) & (closes.c.number == bindparam("settled"))
    if rows:
        settled = [{"served": row["block"], "settled": row["number"]} for row in rows]
        connection.execute(closes.delete().where(served), settled)


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
    ids, names = _numbered(connection, numbers, feed, scores)
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
    _widen(connection, rows, {"last_scored": _most(tables.blocks.c.last_scored, bindparam("last"))})


def write_saved(
    connection: Connection, numbers: Numbers, feed: str, saved: Sequence[Saved], blobs: Sequence[bytes]
) -> None:
    """Keep these states as caches; `blobs`: the arrays of each."""
    ids, names = _numbered(connection, numbers, feed, saved)
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


def write_closes(
    connection: Connection, numbers: Numbers, feed: str, closes: Mapping[tuple[Block, int], datetime]
) -> None:
    """Keep when periods first closed; what was kept before stands."""
    ids = numbers.blocks.make(connection, feed, {block for block, _ in closes})
    rows = [{"block": ids[block], "number": number, "at": at} for (block, number), at in closes.items()]
    add(connection, tables.closes, rows)


def _numbered(
    connection: Connection, numbers: Numbers, feed: str, items: Sequence[Settlement | Scores | Saved]
) -> tuple[Mapping[Block, int], Mapping[str, int]]:
    ids = numbers.blocks.make(connection, feed, {each.block for each in items})
    return ids, numbers.names.make(connection, {roster(each.organisations) for each in items})


def _widen(connection: Connection, rows: Sequence[Row], ends: Mapping[str, Any]) -> None:
    """Let each block's row point at its outermost periods; `ends` reads the parameters `first` and `last`."""
    by_block: dict[int, list[int]] = {}
    for row in rows:
        by_block.setdefault(row["block"], []).append(row["number"])
    spans = [{"which": block, "first": min(some), "last": max(some)} for block, some in by_block.items()]
    if spans:
        blocks = tables.blocks
        connection.execute(update(blocks).where(blocks.c.id == bindparam("which")).values(ends), spans)


def _least(column: Any, number: Any) -> Any:
    return case((column < number, column), else_=number)  # NULL is not less: the first number holds


def _most(column: Any, number: Any) -> Any:
    return case((column > number, column), else_=number)


def read_settlements(
    connection: Connection, numbers: Numbers, block: Block, first: int, last: int, model: str
) -> list[Settlement]:
    """Give what this model settled of periods first..last, oldest first."""
    table, number = tables.settlements, numbers.blocks.find(connection, [block]).get(block)
    query = select(table).where(table.c.block == number, table.c.number.between(first, last))
    rows = connection.execute(query.where(table.c.model == model).order_by(table.c.number)).all()
    texts = numbers.names.texts(connection, {row.organisations for row in rows})
    lists = {number: organisations_of(texts[number]) for number in {row.organisations for row in rows}}
    return [
        Settlement(
            block,
            row.number,
            (date.fromordinal(row.start), date.fromordinal(row.end)),
            lists[row.organisations],
            decode_state(row.common),
            row.model,
            instant(row.at),
            row.tick,
        )
        for row in rows
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


_again, _scores = tables.refolds.c, tables.scores.c
_AGAIN = (
    select(tables.refolds)
    .where(among(_again.organisation, "organisations"))
    .order_by(_again.organisation, _again.block)
)
_SCORES = (
    select(tables.scores)
    .where(_scores.block == bindparam("block"), _scores.number.between(bindparam("first"), bindparam("last")))
    .order_by(_scores.number)
)


def read_refolds(connection: Connection, organisations: Collection[str]) -> dict[str, dict[int, tuple[int, datetime]]]:
    """Give, by organisation and block, the last tick that scored its past again."""
    found: dict[str, dict[int, tuple[int, datetime]]] = {}
    for row in connection.execute(_AGAIN, {"organisations": organisations}) if organisations else ():
        found.setdefault(row.organisation, {})[row.block] = row.tick, row.at
    return found


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


def read_settled(connection: Connection, feed: str) -> dict[Block, tuple[int, int]]:
    """Give the first and last settled period number of each of this feed's blocks."""
    table = tables.blocks
    query = select(table).where(table.c.feed == feed, table.c.last_settled.is_not(None)).order_by(table.c.id)
    return {
        Block(row.indicator, row.source, PeerGroup(row.peer_group)): (row.first_settled, row.last_settled)
        for row in connection.execute(query)
    }


def read_settled_by(
    connection: Connection, peer_group: PeerGroup | None, sequence: int
) -> list[tuple[str, Block, int]]:
    """Give, by feed and block of a peer group, the last period that was settled when a tick had ended, by its place."""
    blocks, table, ticks = tables.blocks, tables.settlements, tables.ticks
    # both are looked up backwards, as what came since is little; by ticks, since several can have one instant
    ended = select(ticks.c.number).where(ticks.c.feed == blocks.c.feed, ticks.c.sequence <= sequence)
    tick = ended.order_by(ticks.c.number.desc()).limit(1).correlate(blocks).scalar_subquery()
    then = select(table.c.number).where(table.c.block == blocks.c.id, table.c.tick <= tick)
    last = then.order_by(table.c.number.desc()).limit(1).correlate(blocks).scalar_subquery()
    query = select(blocks, last.label("last")).where(blocks.c.peer_group == peer_group).order_by(blocks.c.id)
    return [
        (row.feed, Block(row.indicator, row.source, PeerGroup(row.peer_group)), row.last)
        for row in connection.execute(query)
        if row.last is not None
    ]


def read_closes(connection: Connection, feed: str) -> dict[tuple[Block, int], datetime]:
    """Give when each not yet settled period first closed."""
    blocks, table = tables.blocks, tables.closes
    query = select(blocks.c.indicator, blocks.c.source, blocks.c.peer_group, table.c.number, table.c.at).join(table)
    rows = connection.execute(query.where(blocks.c.feed == feed).order_by(blocks.c.id, table.c.number))
    return {(Block(row[0], row[1], PeerGroup(row[2])), row[3]): row[4] for row in rows}
