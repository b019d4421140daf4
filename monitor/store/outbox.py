"""What must be said, queued in the transaction that caused it, until a receiver has seen it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, func, or_, select, update

from monitor import wire
from monitor.casefile import How, Notification, What
from monitor.errors import Outage
from monitor.store import tables
from monitor.store.engine import reading, writing
from monitor.store.lists import among
from monitor.store.statements import add

_queued = tables.outbox.c
_UNSENT = _queued.sent.is_(None), _queued.how == How.MESSAGE
_WAITS = (
    select(_queued.receiver, func.min(_queued.place).label("place"))
    .where(*_UNSENT, _queued.next_try > bindparam("now"))
    .group_by(_queued.receiver)
    .subquery()
)
_PENDING = (
    select(_queued.body)
    .outerjoin(_WAITS, _WAITS.c.receiver == _queued.receiver)
    .where(*_UNSENT, or_(_WAITS.c.place.is_(None), _queued.place < _WAITS.c.place))
    .order_by(_queued.place)
    .limit(bindparam("most"))
)
_FIRST = (
    select(_queued.receiver, func.min(_queued.queued).label("at"))
    # only these come as a message to whom the case is new; a digest and a heartbeat are of no case
    .where(_queued.how == How.MESSAGE, _queued.what.in_([What.OPENED, What.WORSENED]))
    .group_by(_queued.receiver, _queued.case)
    .subquery()
)
_HELD = select(_queued.body).where(_queued.sent.is_(None), _queued.how == How.DIGEST).order_by(_queued.place)


class Outbox:
    """The relay's side of the queue: a crash between sending and `sent` repeats a notification, and loses none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def pending(self, now: datetime, limit: int) -> Sequence[Notification]:
        """Give what is to be sent by now, oldest first.

        A receiver has its messages in the order in which they were queued: behind one that waits for its next try,
        all that were queued later wait too.
        """
        with reading(self._engine) as connection:
            bodies = connection.scalars(_PENDING, {"now": now, "most": limit})
            return [wire.load(Notification, body) for body in bodies]

    def held(self) -> Sequence[Notification]:
        """Give what waits for a digest and is in none yet, oldest first."""
        with reading(self._engine) as connection:
            return [wire.load(Notification, body) for body in connection.scalars(_HELD)]

    def gather(self, digest: Notification, entries: Sequence[str]) -> bool:
        """Queue a digest and note that its entries are told by it, in one transaction.

        False: a digest of this id was queued before, and nothing is changed.
        `Outage` where another relay has told some of them meanwhile: nothing is queued then.
        """
        table = tables.outbox
        with writing(self._engine) as connection:
            if connection.scalar(select(table.c.id).where(table.c.id == digest.id)) is not None:
                return False
            held = among(table.c.id, entries) & table.c.sent.is_(None)
            told = connection.execute(update(table).where(held).values(sent=digest.queued).returning(table.c.id)).all()
            if len(told) != len(entries):
                raise Outage(f"another relay has told some of what {digest.receiver}'s digest holds; try again")
            queue(connection, [digest])
        return True

    def journey(self, id: str) -> tuple[datetime, datetime | None] | None:
        """Give when a notification was queued, and when it was sent (None: not yet); None: there is none of this id."""
        table = tables.outbox
        with reading(self._engine) as connection:
            row = connection.execute(select(table.c.queued, table.c.sent).where(table.c.id == id)).first()
        return None if row is None else (row.queued, row.sent)

    def sent(self, id: str, at: datetime) -> None:
        """Note that the receiver has it; the first time counts."""
        table = tables.outbox
        with writing(self._engine) as connection:
            connection.execute(update(table).where(table.c.id == id, table.c.sent.is_(None)).values(sent=at))

    def failed(self, id: str, at: datetime, error: str, next_try: datetime) -> None:
        """Note that an attempt at this instant failed and when the next is due."""
        table = tables.outbox
        again = {"attempts": table.c.attempts + 1, "next_try": next_try, "last_error": f"{at.isoformat()} {error}"}
        with writing(self._engine) as connection:
            connection.execute(update(table).where(table.c.id == id).values(again))

    def oldest_pending(self) -> datetime | None:
        """Give when the oldest unsent notification was queued; None: all is said."""
        table = tables.outbox
        with reading(self._engine) as connection:
            oldest: datetime | None = connection.scalar(select(func.min(table.c.queued)).where(table.c.sent.is_(None)))
        return oldest


def messages_since(engine: Engine, instant: datetime) -> dict[str, int]:
    """Count the cases whose first message to each receiver was queued from this instant on."""
    with reading(engine) as connection:
        return read_messages_since(connection, instant)


def read_messages_since(connection: Connection, instant: datetime) -> dict[str, int]:
    """Count the cases whose first message to each receiver was queued from this instant on."""
    query = select(_FIRST.c.receiver, func.count()).group_by(_FIRST.c.receiver)
    return {row[0]: row[1] for row in connection.execute(query.where(_FIRST.c.at >= instant))}


def read_told(connection: Connection, cases: Collection[str]) -> dict[str, frozenset[str]]:
    """Name the receivers of messages about each of these cases."""
    table = tables.outbox
    query = select(table.c.case, table.c.receiver).where(table.c.how == How.MESSAGE, among(table.c.case, cases))
    told: dict[str, set[str]] = {}
    for case, receiver in connection.execute(query):
        told.setdefault(case, set()).add(receiver)
    return {case: frozenset(receivers) for case, receivers in told.items()}


def queue(connection: Connection, notifications: Sequence[Notification]) -> None:
    """Queue notifications; one of the same id is there already, sent or not."""
    rows = [
        {
            "id": each.id,
            "case": each.case,
            "receiver": each.receiver,
            "how": each.how,
            "what": each.what,
            "queued": each.queued,
            "body": wire.dump(each),
            "attempts": 0,
        }
        for each in notifications
    ]
    add(connection, tables.outbox, rows)
