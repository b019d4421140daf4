"""Cases as they stand, every step of their histories, and their frozen packs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select

from monitor import wire
from monitor.casefile import Case, CaseChange, CaseKind, Pack, What
from monitor.errors import BadRequest
from monitor.store import tables
from monitor.store.engine import reading
from monitor.store.lists import among
from monitor.store.statements import put

_CONCERN = CaseKind.CONCERN.value
_cases = tables.cases.c
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
        return read_case(connection, id)


def read_case(connection: Connection, id: str) -> Case:
    """Give a case as it stands; `BadRequest` where there is none of this id."""
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
    theirs = history.c.pack.is_not(None), among(history.c.organisation, organisations)
    last = select(func.max(history.c.pack)).where(*theirs).group_by(history.c.case)
    bodies = connection.scalars(select(table.c.body).where(table.c.id.in_(last)).order_by(table.c.id))
    return tuple(wire.load(Pack, body) for body in bodies)


def read_last_closed(connection: Connection) -> dict[str, datetime]:
    """Give when each organisation's last concern case closed."""
    return {row[0]: row[1] for row in connection.execute(_LAST_CLOSED)}


def read_opened_since(connection: Connection, instant: datetime) -> frozenset[str]:
    """Name the organisations of which a concern opened from this instant on, those standing at start apart."""
    table, stands = tables.case_changes, tables.cases
    query = select(table.c.organisation).join(stands, stands.c.id == table.c.case).where(stands.c.kind == _CONCERN)
    opened = query.where(table.c.what == What.OPENED, table.c.at >= instant, ~table.c.at_start)
    return frozenset(connection.scalars(opened))


def read_last_faults(connection: Connection, feed: str, organisations: Collection[str]) -> list[Case]:
    """Give these organisations' closed data cases of this feed, the one that closed last at the end."""
    table = tables.cases
    theirs = ~table.c.is_open, table.c.kind == CaseKind.DATA.value, among(table.c.organisation, organisations)
    bodies = connection.scalars(select(table.c.body).where(*theirs).order_by(table.c.closed, table.c.id))
    return [case for case in (wire.load(Case, body) for body in bodies) if case.feed == feed]


def read_last_shock(connection: Connection) -> Case | None:
    """Give the nation's case that closed last; None: none has."""
    body = connection.scalar(_LAST_SHOCK)
    return None if body is None else wire.load(Case, body)


def write_changes(connection: Connection, changes: Sequence[CaseChange]) -> None:
    """Append to the organisations' histories, and let each case stand as its last change says."""
    if not changes:
        return
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
    query = select(table.c.organisation, func.max(table.c.number)).where(among(table.c.organisation, organisations))
    return {row[0]: row[1] for row in connection.execute(query.group_by(table.c.organisation))}


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
