"""The contracts that feeds have sent: every version is kept, the last one holds."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection, bindparam, select

from monitor import wire
from monitor.model import Feed
from monitor.store import tables
from monitor.store.statements import put

_sent = tables.contracts.c
_ALL = select(_sent.feed, _sent.body).order_by(_sent.feed, _sent.tick)
_THROUGH = _ALL.where(_sent.tick <= bindparam("through"))


def read_contracts(connection: Connection, *, through: int | None = None) -> dict[str, Feed]:
    """Give every feed's contract as last sent; `through` a tick's sequence: as this tick knew it."""
    rows = connection.execute(_ALL) if through is None else connection.execute(_THROUGH, {"through": through})
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
