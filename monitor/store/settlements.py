"""What the peers fixed of each period, when periods first closed, and how far each block is settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, select

from monitor.detectors.state import decode_state
from monitor.kept import Block, Settlement
from monitor.model import PeerGroup
from monitor.store import tables
from monitor.store.blocks import least, most, numbered, widen
from monitor.store.columns import instant, micros
from monitor.store.names import Numbers, organisations_of, roster
from monitor.store.statements import add, put


def write_settlements(
    connection: Connection, numbers: Numbers, feed: str, settlements: Sequence[Settlement], blobs: Sequence[bytes]
) -> None:
    """Keep what the peers fixed; the periods' first closes have served. `blobs`: the arrays of each."""
    ids, names = numbered(connection, numbers, feed, settlements)
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
        "first_settled": least(blocks.c.first_settled, bindparam("first")),
        "last_settled": most(blocks.c.last_settled, bindparam("last")),
    }
    widen(connection, rows, ends)
    served = (closes.c.block == bindparam("served")) & (closes.c.number == bindparam("settled"))
    if rows:
        settled = [{"served": row["block"], "settled": row["number"]} for row in rows]
        connection.execute(closes.delete().where(served), settled)


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


def write_closes(
    connection: Connection, numbers: Numbers, feed: str, closes: Mapping[tuple[Block, int], datetime]
) -> None:
    """Keep when periods first closed; what was kept before stands."""
    ids = numbers.blocks.make(connection, feed, {block for block, _ in closes})
    rows = [{"block": ids[block], "number": number, "at": at} for (block, number), at in closes.items()]
    add(connection, tables.closes, rows)


def read_closes(connection: Connection, feed: str) -> dict[tuple[Block, int], datetime]:
    """Give when each not yet settled period first closed."""
    blocks, table = tables.blocks, tables.closes
    query = select(blocks.c.indicator, blocks.c.source, blocks.c.peer_group, table.c.number, table.c.at).join(table)
    rows = connection.execute(query.where(blocks.c.feed == feed).order_by(blocks.c.id, table.c.number))
    return {(Block(row[0], row[1], PeerGroup(row[2])), row[3]): row[4] for row in rows}
