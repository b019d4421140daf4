"""Standings as rows: one for the turn of each month, kept as it was looked back at once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import Connection, select

from monitor import wire
from monitor.calendars import day_of
from monitor.casefile import Case, Outcome
from monitor.evidence import Standing
from monitor.store import tables
from monitor.store.statements import put


def read_standings(connection: Connection, since: date) -> list[Standing]:
    """Give the standings from a day on, oldest first."""
    table = tables.standings
    rows = connection.execute(select(table).where(table.c.day >= since.toordinal()).order_by(table.c.day))
    return [
        Standing(date.fromordinal(row.day), row.among, row.organisations, json.loads(row.opens)) for row in rows
    ]  # fmt: skip


def write_standings(connection: Connection, standings: Sequence[Standing]) -> None:
    """Write standings; of two for one day the last holds, as when more feeds are heard than were then."""
    rows = [
        {
            "day": each.day.toordinal(),
            "among": each.among,
            "organisations": each.organisations,
            "opens": json.dumps(dict(sorted(each.opens.items()))),
        }
        for each in standings
    ]
    put(connection, tables.standings, rows)


def read_concerns_found(connection: Connection, since: date) -> dict[str, list[tuple[date, date]]]:
    """Give from when to when each organisation had a case that ended, since a day, as a concern found."""
    table = tables.cases
    found = defaultdict(list)
    closed = table.c.closed >= datetime.combine(since, time(), UTC)
    for body in connection.scalars(select(table.c.body).where(closed, table.c.body.contains(Outcome.CONCERN_FOUND))):
        case = wire.load(Case, body)
        if case.outcome is Outcome.CONCERN_FOUND and case.closed is not None:
            found[case.organisation].append((day_of(case.opened), day_of(case.closed)))
    return dict(found)
