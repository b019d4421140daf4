"""What people did to cases: kept for ever, and done again in the same place by a replay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, bindparam, func, select

from monitor.casefile import Act, ActKind, Case, CaseChange, Notification, Outcome, Pack
from monitor.errors import BadRequest
from monitor.store import tables
from monitor.store.acceptances import read_accepted, write_accepted
from monitor.store.cases import read_case, read_pack, write_changes
from monitor.store.engine import reading, writing
from monitor.store.lists import among
from monitor.store.outbox import queue, read_told
from monitor.store.rebuilds import check_whole, rebuilding

Decide = Callable[[Case, Act], CaseChange | None]
Tell = Callable[[CaseChange, frozenset[str], Pack | None, int], Sequence[Notification]]
"""Given a change, the receivers that have had its case as a message, the evidence frozen last, and the act's number."""
_acts = tables.acts.c
_DONE = select(tables.acts).where(among(_acts.case, "cases")).order_by(_acts.id)
_DONE_BEFORE = _DONE.where(_acts.after_tick < bindparam("before"))


def _nothing(case: Case, act: Act) -> None:
    """Leave the case as it is."""


def _nobody(change: CaseChange, told: frozenset[str], frozen: Pack | None, number: int) -> Sequence[Notification]:
    """Tell nobody."""
    return ()


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
        case = read_case(connection, act.case)
        act = replace(act, at=max(act.at, case.asked or act.at))  # it answers, though its clock be behind
        change = decide(case, act)
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
                change = decide(read_case(connection, row.case), done)
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
    for row, done in _fetched(connection, query, {"cases": cases, **seen}) if cases else ():
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
