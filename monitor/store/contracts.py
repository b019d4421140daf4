"""The contracts that feeds have sent: every version is kept, the last one holds."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection, select

from monitor import wire
from monitor.model import Feed
from monitor.store import tables
from monitor.store.statements import put


def read_contracts(connection: Connection, *, through: int | None = None) -> dict[str, Feed]:
    """Give every feed's contract as last sent; `through` a tick's sequence: as this tick knew it."""
    table = tables.contracts
    query = select(table.c.feed, table.c.body).order_by(table.c.feed, table.c.tick)
    rows = connection.execute(query if through is None else query.where(table.c.tick <= through))
    last = {row[0]: row[1] for row in rows}
    return {feed: _read(body) for feed, body in last.items()}


def write_contract(connection: Connection, contract: Feed, *, sequence: int) -> None:
    """Keep a contract that says something new from this tick on."""
    if read_contracts(connection).get(contract.key) != contract:
        put(connection, tables.contracts, [{"feed": contract.key, "tick": sequence, "body": wire.dump(contract)}])


@lru_cache(maxsize=100)
def _read(body: str) -> Feed:
    found: Feed = wire.load(Feed, body)
    return found
