"""All that is derived, as one digest, and its clearing for a replay that derives it again.

Acts and the outbox stay: they have happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Engine, Select, select, update

from monitor.store import tables
from monitor.store.engine import reading, writing
from monitor.store.rebuilds import mark


def digest(engine: Engine, *, of_cases: bool = True) -> str:
    """Give one hash of all scores, settlements, cases and case changes, whatever order they were written in.

    `of_cases` False: of scores and settlements alone; a case names the ticks that it comes of.
    """
    total = blake2b(digest_size=16)
    with reading(engine) as connection:
        for part in _scores(connection):
            total.update(part)
        for part in _cases(connection) if of_cases else ():
            total.update(part)
    return total.hexdigest()


def _scores(connection: Connection) -> Iterator[bytes]:
    blocks, names, scores, settlements = tables.blocks, tables.names, tables.scores, tables.settlements
    place = (blocks.c.indicator, blocks.c.source, blocks.c.peer_group)
    for table, what in (
        (scores, (scores.c.number, scores.c.start, scores.c.end, scores.c.arrays)),
        (settlements, (settlements.c.number, settlements.c.model, settlements.c.at, settlements.c.common)),
    ):
        query = select(*place, names.c.text, *what).select_from(table).join(blocks).join(names)
        yield from _rows(connection, table.name, query.order_by(*place, table.c.number, *what[1:2]))


def _cases(connection: Connection) -> Iterator[bytes]:
    cases, changes = tables.cases, tables.case_changes
    yield from _rows(connection, "cases", select(cases.c.id, cases.c.body).order_by(cases.c.id))
    step = (changes.c.organisation, changes.c.number, changes.c.what, changes.c.reason, changes.c.at_start)
    steps = select(*step, changes.c.body)
    yield from _rows(connection, "changes", steps.order_by(changes.c.organisation, changes.c.number))


def _rows(connection: Connection, name: str, query: Select[Any]) -> Iterator[bytes]:
    yield name.encode()
    for row in connection.execution_options(yield_per=1_000).execute(query):
        for value in row:
            content = value if isinstance(value, bytes) else str(value).encode()
            yield len(content).to_bytes(8, "little") + content


_CASES = (tables.case_changes, tables.packs, tables.cases)


def clear_derived(engine: Engine) -> int:
    """Drop settlements, scores, saved states, cases, their changes and packs: a replay derives them again.

    Gives the replay's number: until `rebuilds.end` is told of it, no other tick is let in.
    """
    with writing(engine) as connection:
        rebuild = mark(connection, ended=False)
        for table in (tables.scores, tables.settlements, tables.saved_states, tables.closes, tables.refolds, *_CASES):
            connection.execute(table.delete())
        connection.execute(update(tables.blocks).values(first_settled=None, last_settled=None, last_scored=None))
    return rebuild
