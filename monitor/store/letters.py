"""Dead letters: what was put aside, with its remedy, and which of it has been taken after all.

A row that was put aside and is taken later, as its registry, its reader or a correction has changed, stays listed as
replayed; told again, it lies aside again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import Connection, Engine, select, update

from monitor.errors import Reason, remedy
from monitor.model import DeadLetter
from monitor.store import tables
from monitor.store.engine import reading, writing
from monitor.store.lists import among
from monitor.store.statements import chunks, insert, put

ID_BYTES = 5
"""Enough that two of a million letters are unlikely (.5) to share an id, and short enough to type."""
SHORT = 12
"""Digits of a checksum by which an observation names its file, and so what the worker puts aside."""
Place = tuple[str, int]
"""File (a checksum, or its first digits) and row."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A dead letter as it is kept; `replayed`: when its row was taken after all, None: it still lies aside."""

    letter: DeadLetter
    at: datetime
    replayed: datetime | None

    @property
    def id(self) -> str:
        """Give what a person names it by: the same for the same row, field and reason of a file."""
        one = self.letter
        text = "\x1f".join((one.feed, one.file, str(one.row), one.field, one.reason.value))
        return blake2b(text.encode(), digest_size=ID_BYTES).hexdigest()

    def row(self) -> dict[str, object]:
        """Give it as scripts read it."""
        one = self.letter
        return {
            "id": self.id,
            "feed": one.feed,
            "stage": one.stage,
            "file": one.file,
            "row": one.row,
            "field": one.field,
            "reason": one.reason.value,
            "value": one.value,
            "organisation": one.organisation,
            "at": self.at.isoformat(),
            "replayed": self.replayed and self.replayed.isoformat(),
            "remedy": remedy(one.reason, one.value or one.organisation),
        }


def write(connection: Connection, letters: Sequence[DeadLetter], at: datetime) -> None:
    """Keep letters; what was replayed and is put aside again lies aside again."""
    rows = [
        {
            "feed": letter.feed,
            "file": letter.file,
            "row": letter.row,
            "field": letter.field,
            "reason": letter.reason.value,
            "value": letter.value,
            "organisation": letter.organisation,
            "stage": letter.stage,
            "at": at,
            "replayed": None,
        }
        for letter in letters
    ]
    put(connection, tables.dead_letters, rows)


def taken(connection: Connection, feed: str, places: Collection[Place], at: datetime) -> None:
    """Note that the worker has taken these rows now, and count what it had put them aside for."""
    table = tables.dead_letters
    for file in sorted({file for file, _ in places}):
        rows = among(table.c.row, [row for name, row in places if name == file])
        mine = (table.c.feed == feed, table.c.file == file, rows, table.c.stage == "worker")
        _solve(connection, feed, mine, at)


def _solve(connection: Connection, feed: str, these: Sequence[object], at: datetime) -> int:
    table = tables.dead_letters
    open_ = update(table).where(*these, table.c.replayed.is_(None)).values(replayed=at)  # type: ignore[arg-type]
    # rowcount is -1 under psycopg (SQLAlchemy 2.1): count what comes back
    reasons = connection.scalars(open_.returning(table.c.reason)).all()
    rows = [{"feed": feed, "name": f"replayed:{reason}", "n": reasons.count(reason)} for reason in sorted(set(reasons))]
    if rows:
        statement = insert(connection, tables.counts)
        more = {"n": tables.counts.c.n + statement.excluded.n}
        connection.execute(statement.on_conflict_do_update(index_elements=["feed", "name"], set_=more), rows)
    return len(reasons)


def read_again(
    engine: Engine,
    feed: str,
    checksum: str,
    still: Collection[tuple[int, str, str]],
    drafted: Collection[int],
    at: datetime,
) -> int:
    """Note what no longer holds of a file that was published again, and give how much that is.

    Parameters
    ----------
    still
        Row, field and reason of what its reader puts aside now.
    drafted
        Rows that went to the worker, which says itself whether it takes them.
    """
    table = tables.dead_letters
    files = table.c.file.in_((checksum, checksum[:SHORT]))
    mine = (table.c.feed == feed, files, table.c.replayed.is_(None))
    columns = (table.c.file, table.c.row, table.c.field, table.c.reason, table.c.stage)
    with reading(engine) as connection:
        rows = connection.execute(select(*columns).where(*mine)).all()
    gone = [
        (file, row, field, reason)
        for file, row, field, reason, stage in sorted(map(tuple, rows))
        if (row not in drafted if stage == "worker" else (row, field, reason) not in still)
    ]
    solved = 0
    for some in chunks(gone):
        with writing(engine) as connection:
            for file, row, field, reason in some:
                here = (table.c.feed == feed, table.c.file == file, table.c.row == row)
                solved += _solve(connection, feed, (*here, table.c.field == field, table.c.reason == reason), at)
    return solved


def read_put_aside(connection: Connection, feed: str) -> frozenset[Place]:
    """Give file and row of what the worker has put aside and not taken since."""
    table = tables.dead_letters
    mine = (table.c.feed == feed, table.c.stage == "worker", table.c.replayed.is_(None))
    return frozenset((row.file, row.row) for row in connection.execute(select(table.c.file, table.c.row).where(*mine)))


def kept(engine: Engine, feed: str, *, with_replayed: bool = False) -> list[Kept]:
    """Give what was put aside of a feed, the newest first; what was taken after all only `with_replayed`."""
    table = tables.dead_letters
    query = select(table).where(table.c.feed == feed)
    if not with_replayed:
        query = query.where(table.c.replayed.is_(None))
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(table.c.at.desc(), table.c.file, table.c.row, table.c.field)).all()
    return [
        Kept(
            DeadLetter(
                row.feed, row.file, row.row, row.field, Reason(row.reason), row.value, row.organisation, row.stage
            ),
            row.at,
            row.replayed,
        )
        for row in rows
    ]


def dead_letters(engine: Engine, feed: str) -> list[dict[str, object]]:
    """Give what still lies aside of a feed, the newest first, each with its remedy."""
    return [each.row() for each in kept(engine, feed)]
