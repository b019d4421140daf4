"""Opens the database and begins its transactions: reading ones see one committed state, writing ones take turns.

On SQLite every writing transaction is `BEGIN IMMEDIATE`: a deferred one that reads and then writes fails with
"locked" at once, whatever the time-out (platform.md, PostgreSQL).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from monitor.errors import BadRequest, Outage

BUSY_SECONDS = 30  # longer than any writer holds the lock, a replay apart
CACHE_KIB = 65_536
PAGE_BYTES = 16_384
"""A period's scores lie on one page and not on two of SQLite's own 4,096; of a file that is made anew."""
MAPPED_BYTES = 2**31 - 2**16
"""So much of the file is read where it lies, as whatever another process writes voids SQLite's own cache; the most
that SQLite is built to map. A file that is cut short under a running service, as by copying a backup over it, ends the
process by SIGBUS where it would have been an error; nothing is lost, as a tick is written whole or not at all."""
CHECKPOINT_BYTES = 32_768_000
"""Of the log, after which its pages are copied into the database's file; SQLite's own is 1,000 pages of 4,096 bytes.

A page that several ticks wrote is copied once. Beside 200,000 words, 1,000 more took 33 ms to commit instead of 60.
"""
_FULL = 13
_PASSING = {5, 6, 10, _FULL, 14}  # SQLITE_BUSY, _LOCKED, _IOERR, _FULL, _CANTOPEN: waiting can help
_DAMAGED = {11, 26}  # SQLITE_CORRUPT, _NOTADB: only a copy helps


def open_engine(url: str) -> Engine:
    """Open the database of this SQLAlchemy URL; an SQLite file is made private to its owner.

    Raises `BadRequest` where the URL names no database that can be opened here; it may hold a password, and
    is not repeated. A file that holds no database shows at the first transaction.
    """
    try:
        address = make_url(url)
        if address.get_backend_name() != "sqlite":
            return create_engine(address)
    except ArgumentError as error:
        raise BadRequest(
            "MONITOR_DATABASE_URL names no kind of database that is known; write it as "
            "postgresql+psycopg://USER@HOST/NAME, or leave it out for an SQLite file in the home"
        ) from error
    except ImportError as error:
        raise BadRequest(
            f"MONITOR_DATABASE_URL asks for the driver {error.name}, which is not installed; install it, "
            "or leave the setting out for an SQLite file in the home"
        ) from error
    if address.database:
        _make_private(Path(address.database))
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Begin a short transaction that sees one committed state; `Outage` where the database is away.

    `BadRequest` where its file is damaged.
    """
    with _outages(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that writes all or nothing; `Outage` where the database is away or stays locked.

    `BadRequest` where its file is damaged.
    """
    with _outages(engine), engine.connect() as connection:
        connection = connection.execution_options(immediate=True)
        with connection.begin():
            yield connection


def checkpoint(engine: Engine) -> None:
    """Copy SQLite's log into the database's file, as far as nobody reads what the file holds; nobody waits for it."""
    if engine.dialect.name == "sqlite":
        with reading(engine) as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").close()


def _make_private(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)  # SQLite gives -wal and -shm the mode of the file itself
        try:
            os.fchmod(file, 0o600)
        finally:
            os.close(file)
    except OSError as error:
        raise unusable(path, error.strerror) from error


def unusable(path: str | Path | None, why: object) -> BadRequest:
    """Say that a database's file cannot be used as it is, and what helps."""
    return BadRequest(f"{path} cannot be used as the database ({why}): restore it from the backup, or mend its place")


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own transactions begin deferred, and only at the first write
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        f"page_size = {PAGE_BYTES}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"cache_size = -{CACHE_KIB}",
        f"mmap_size = {MAPPED_BYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()  # a file of before keeps the pages it has
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_BYTES // page_bytes}").close()


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def _outages(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        code = getattr(error.orig, "sqlite_errorcode", None)
        kind = None if code is None else code & 0xFF
        if kind in _DAMAGED:
            raise unusable(engine.url.database, error.orig) from error
        if not isinstance(error, OperationalError) or not (kind is None or kind in _PASSING):
            raise
        remedy = f"make room where {engine.url.database} lies, then run it again" if kind == _FULL else "run it again"
        raise Outage(f"the database cannot be used now ({error.orig})", remedy=remedy) from error
