"""Cases as they stand, every step of their histories, their frozen packs, and what people did to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, bindparam, func, select

from monitor import wire
from monitor.errors import BadRequest
from monitor.model import Act, ActKind, Case, CaseChange, CaseKind, Notification, Outcome, Pack, What
from monitor.store import tables
from monitor.store.acceptances import read_accepted, write_accepted
from monitor.store.engine import reading, writing
from monitor.store.outbox import queue, read_told
from monitor.store.rebuilds import check_whole, rebuilding
from monitor.store.statements import chunks, put

_CONCERN = CaseKind.CONCERN.value
Decide = Callable[[Case, Act], CaseChange | None]
Tell = Callable[[CaseChange, frozenset[str], Pack | None, int], Sequence[Notification]]
"""Given a change, the receivers that have had its case as a message, the evidence frozen last, and the act's number."""
_cases, _acts = tables.cases.c, tables.acts.c
_OPEN = select(_cases.body).where(_cases.is_open).order_by(_cases.id)
_LAST_CLOSED = (
    select(_cases.organisation, func.max(_cases.closed))
    .where(_cases.kind == _CONCERN, _cases.closed.is_not(None))
    .group_by(_cases.organisation)
)
_LAST_SHOCK = (
    select(_cases.body)
    .where(~_cases.is_open, _cases.kind == CaseKind.NATION.value)
    .order_by(_cases.closed.desc(), _cases.id.desc())
    .limit(1)
)
_DONE = select(tables.acts).where(_acts.case.in_(bindparam("cases", expanding=True))).order_by(_acts.id)
_DONE_BEFORE = _DONE.where(_acts.after_tick < bindparam("before"))


def _nothing(case: Case, act: Act) -> None:
    """Leave the case as it is."""


def _nobody(change: CaseChange, told: frozenset[str], frozen: Pack | None, number: int) -> Sequence[Notification]:
    """Tell nobody."""
    return ()


def list_cases(engine: Engine, *, open_only: bool = False) -> tuple[Case, ...]:
    """Give the cases, the one opened last first."""
    table = tables.cases
    query = select(table.c.body).order_by(table.c.opened.desc(), table.c.id)
    with reading(engine) as connection:
        bodies = connection.scalars(query.where(table.c.is_open) if open_only else query).all()
    return tuple(wire.load(Case, body) for body in bodies)


def case(engine: Engine, id: str) -> Case:
    """Give the case of this id; `BadRequest` where there is none."""
    with reading(engine) as connection:
        return _case(connection, id)


def _case(connection: Connection, id: str) -> Case:
    body = connection.scalar(select(tables.cases.c.body).where(tables.cases.c.id == id))
    if body is None:
        raise BadRequest(f"case {id}: there is none of this id; `monitor cases list` names them")
    found: Case = wire.load(Case, body)
    return found


def changes(engine: Engine, id: str) -> tuple[CaseChange, ...]:
    """Give every step of a case's history, oldest first, each with its pack where it has one."""
    table, packs = tables.case_changes, tables.packs
    query = select(table, packs.c.body.label("pack_body")).outerjoin(packs, packs.c.id == table.c.pack)
    with reading(engine) as connection:
        rows = connection.execute(query.where(table.c.case == id).order_by(table.c.at, table.c.number)).all()
    return tuple(
        CaseChange(
            wire.load(Case, row.body),
            What(row.what),
            row.reason,
            row.at,
            None if row.pack_body is None else wire.load(Pack, row.pack_body),
            row.at_start,
        )
        for row in rows
    )


def stood(engine: Engine) -> frozenset[str]:
    """Name the cases that history opened, as their feed went live."""
    table = tables.case_changes
    with reading(engine) as connection:
        return frozenset(connection.scalars(select(table.c.case).where(table.c.at_start)))


def packs(engine: Engine, id: str) -> tuple[Pack, ...]:
    """Give a case's frozen evidence, oldest first."""
    table = tables.packs
    with reading(engine) as connection:
        bodies = connection.scalars(select(table.c.body).where(table.c.case == id).order_by(table.c.id)).all()
    return tuple(wire.load(Pack, body) for body in bodies)


def acts(engine: Engine, id: str) -> tuple[Act, ...]:
    """Give what was done to a case, oldest first."""
    with reading(engine) as connection:
        return read_acts(connection, [id]).get(id, ())


def acts_of(engine: Engine, cases: Collection[str]) -> dict[str, tuple[Act, ...]]:
    """Give what was done to each of these cases, oldest first; absent: nothing."""
    with reading(engine) as connection:
        return read_acts(connection, cases)


def act(engine: Engine, act: Act, decide: Decide = _nothing, tell: Tell = _nobody) -> None:
    """Record an act, which nothing changes afterwards, and what it makes of its case, in one transaction.

    Parameters
    ----------
    decide
        Gives what the act changes of the case as it stands then, or None; its errors leave nothing recorded.
    tell
        Gives the notifications of that change.

    Raises
    ------
    Outage
        A replay is under way: the case may not stand yet as it will.
    """
    table, ticks = tables.acts, tables.ticks
    with writing(engine) as connection:
        check_whole(connection)
        change = decide(_case(connection, act.case), act)
        row = {
            "case": act.case,
            "kind": act.kind.value,
            "by": act.by,
            "at": act.at,
            "text": act.text,
            "outcome": None if act.outcome is None else act.outcome.value,
            # the tick after which it was done: a replay shows it to the same ticks, whatever the clocks said
            "after_tick": connection.scalar(select(func.coalesce(func.max(ticks.c.sequence), 0))),
        }
        number: int = connection.execute(table.insert().returning(table.c.id), row).scalar_one()
        write_accepted(connection, number, act.accepted)
        if change is not None:
            write_changes(connection, [change])
            told = read_told(connection, [act.case]).get(act.case, frozenset())
            queue(connection, tell(change, told, read_pack(connection, act.case), number))


def redo_acts(engine: Engine, decide: Decide, *, after: int, before: int, rebuild: int | None = None) -> int:
    """Let the acts that came after one tick (by sequence) and before another change their cases again.

    Gives the number of those that could not: with another model their case may not be made again, or end
    otherwise. They stay recorded.

    `rebuild`: number of the replay, from `clear_derived`; `Outage` where another has begun since.
    """
    table = tables.acts
    query = select(table).where(table.c.after_tick >= after, table.c.after_tick < before).order_by(table.c.id)
    skipped = 0
    with rebuilding(engine, rebuild) as connection:
        for row, done in _fetched(connection, query):
            try:
                change = decide(_case(connection, row.case), done)
            except BadRequest:
                skipped += 1
                continue
            if change is not None:
                write_changes(connection, [change])
    return skipped


def read_acts(
    connection: Connection, cases: Collection[str], *, before: int | None = None
) -> dict[str, tuple[Act, ...]]:
    """Give the acts on these cases, oldest first; `before` a tick's sequence: those that this tick could see."""
    query, seen = (_DONE, {}) if before is None else (_DONE_BEFORE, {"before": before})
    found: dict[str, list[Act]] = {}
    for some in chunks(cases):
        for row, done in _fetched(connection, query, {"cases": some, **seen}):
            found.setdefault(row.case, []).append(done)
    return {id: tuple(done) for id, done in found.items()}


def _fetched(
    connection: Connection, query: Select[Any], given: Mapping[str, Any] = MappingProxyType({})
) -> list[tuple[Row[Any], Act]]:
    """Read acts, each beside its row."""
    rows = connection.execute(query, given).all()
    accepted = read_accepted(connection, [row.id for row in rows if row.kind == ActKind.ACCEPT])
    return [
        (row, Act(row.case, ActKind(row.kind), row.by, row.at, row.text, outcome, accepted.get(row.id, ())))
        for row in rows
        for outcome in [None if row.outcome is None else Outcome(row.outcome)]
    ]


def read_open(connection: Connection) -> list[Case]:
    """Give the open cases of every kind, in the order of their ids."""
    return [wire.load(Case, body) for body in connection.scalars(_OPEN)]


def read_pack(connection: Connection, id: str) -> Pack | None:
    """Give the evidence as the case's last change froze it."""
    table = tables.packs
    query = select(table.c.body).where(table.c.case == id).order_by(table.c.id.desc()).limit(1)
    body = connection.scalar(query)
    found: Pack | None = None if body is None else wire.load(Pack, body)
    return found


def read_packs(connection: Connection, organisations: Collection[str]) -> tuple[Pack, ...]:
    """Give the last evidence of every case that was these organisations' when it was frozen, oldest first."""
    history, table = tables.case_changes, tables.packs
    last = select(func.max(history.c.pack)).where(history.c.pack.is_not(None)).group_by(history.c.case)
    found = {
        id
        for some in chunks(organisations)
        for id in connection.scalars(last.where(history.c.organisation.in_(some)))
    }  # fmt: skip
    rows = [row for some in chunks(found) for row in connection.execute(select(table).where(table.c.id.in_(some)))]
    return tuple(wire.load(Pack, row.body) for row in sorted(rows, key=lambda row: row.id))


def read_last_closed(connection: Connection) -> dict[str, datetime]:
    """Give when each organisation's last concern case closed."""
    return {row[0]: row[1] for row in connection.execute(_LAST_CLOSED)}


def read_opened_since(connection: Connection, instant: datetime) -> frozenset[str]:
    """Name the organisations of which a concern opened from this instant on, those standing at start apart."""
    table, stands = tables.case_changes, tables.cases
    query = select(table.c.organisation).join(stands, stands.c.id == table.c.case).where(stands.c.kind == _CONCERN)
    opened = query.where(table.c.what == What.OPENED, table.c.at >= instant, ~table.c.at_start)
    return frozenset(connection.scalars(opened))


def read_last_faults(connection: Connection, feed: str, organisations: Collection[str]) -> dict[str, Case]:
    """Give the data case of this feed that closed last, for each organisation that has had one."""
    table = tables.cases
    query = select(table.c.body).where(~table.c.is_open, table.c.kind == CaseKind.DATA.value).order_by(table.c.closed)
    bodies = [
        body
        for some in chunks(organisations)
        for body in connection.scalars(query.where(table.c.organisation.in_(some)))
    ]
    cases = [wire.load(Case, body) for body in bodies]
    return {case.organisation: case for case in cases if case.feed == feed}


def read_last_shock(connection: Connection) -> Case | None:
    """Give the nation's case that closed last; None: none has."""
    body = connection.scalar(_LAST_SHOCK)
    return None if body is None else wire.load(Case, body)


def write_changes(connection: Connection, changes: Sequence[CaseChange]) -> None:
    """Append to the organisations' histories, and let each case stand as its last change says."""
    numbers = _last_numbers(connection, {change.case.organisation for change in changes})
    for change in changes:
        organisation = change.case.organisation
        numbers[organisation] = numbers.get(organisation, 0) + 1
        row = {
            "organisation": organisation,
            "number": numbers[organisation],
            "case": change.case.id,
            "what": change.what,
            "reason": change.reason,
            "at": change.at,
            "at_start": change.at_start,
            "body": wire.dump(change.case),
            "pack": None if change.pack is None else _write_pack(connection, change.pack),
        }
        connection.execute(tables.case_changes.insert(), row)
    last = {change.case.id: change.case for change in changes}
    put(connection, tables.cases, [_case_row(case) for case in last.values()])


def _last_numbers(connection: Connection, organisations: Collection[str]) -> dict[str, int]:
    table = tables.case_changes
    query = select(table.c.organisation, func.max(table.c.number)).group_by(table.c.organisation)
    rows = [
        row for some in chunks(organisations) for row in connection.execute(query.where(table.c.organisation.in_(some)))
    ]
    return {row[0]: row[1] for row in rows}


def _write_pack(connection: Connection, pack: Pack) -> int:
    row = {"case": pack.case, "body": wire.dump(pack)}
    id: int = connection.execute(tables.packs.insert().returning(tables.packs.c.id), row).scalar_one()
    return id


def _case_row(case: Case) -> Mapping[str, object]:
    return {
        "id": case.id,
        "organisation": case.organisation,
        "kind": case.kind,
        "opened": case.opened,
        "closed": case.closed,
        "is_open": case.outcome is None,
        "body": wire.dump(case),
    }
