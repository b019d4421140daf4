"""Dated outside events (an inspection that went badly, an inquiry) against which history is held.

A CSV file with the columns organisation, date, kind and note, in any order; kind and note may be empty.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from monitor.errors import BadFile, BadRequest
from monitor.feeds.cells import capitals
from monitor.organisations import Registry

NEEDED = ("organisation", "date")
COLUMNS = (*NEEDED, "kind", "note")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an organisation on a day, as line `line` of its file says."""

    organisation: str
    day: date
    kind: str
    note: str
    line: int


def read_events(path: Path) -> tuple[Event, ...]:
    """Read the events of a file, in its order; `BadRequest` names the first line that cannot be one."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip().lower() for name in next(reader, [])]
            rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path.name}: no CSV text; save it as CSV (UTF-8)") from error
    if lost := [name for name in NEEDED if name not in header]:
        raise BadRequest(f"{path.name}: no column {lost[0]}; events have {', '.join(COLUMNS)}")
    if not rows:
        raise BadRequest(f"{path.name}: no events under the header; there is nothing to hold history against")
    return tuple(_distinct(path, [_event(path, header, line, row) for line, row in rows]))


def _event(path: Path, header: Sequence[str], line: int, row: Sequence[str]) -> Event:
    if len(row) > len(header):
        raise BadRequest(f"{path.name} line {line}: {len(row)} cells where the header has {len(header)}; mend the row")
    cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
    if not cells.get("organisation"):
        raise BadRequest(f"{path.name} line {line}: organisation is empty; write its code")
    try:
        day = date.fromisoformat(cells.get("date", ""))
    except ValueError as error:
        raise BadRequest(f"{path.name} line {line}: date is none; write it as YYYY-MM-DD") from error
    return Event(capitals(cells["organisation"]), day, cells.get("kind", ""), cells.get("note", ""), line)


def _distinct(path: Path, events: Sequence[Event]) -> Iterator[Event]:
    seen: dict[tuple[str, date, str], int] = {}
    for event in events:
        key = event.organisation, event.day, event.kind
        if key in seen:
            raise BadRequest(f"{path.name} line {event.line}: the same event as line {seen[key]}; keep one of them")
        seen[key] = event.line
        yield event


def placed(events: Sequence[Event], registry: Registry, lived: tuple[date, date], name: str) -> tuple[Event, ...]:
    """Give the events under the codes that stood for their organisations on their days.

    Parameters
    ----------
    lived
        First and last day of the history that is held against them.
    name
        Of their file, for messages.

    Raises
    ------
    BadRequest
        An organisation is unknown, watched by nobody or gone without a successor, or a date lies outside of history.
    """
    return tuple(_placed(event, registry, lived, f"{name} line {event.line}") for event in events)


def _placed(event: Event, registry: Registry, lived: tuple[date, date], where: str) -> Event:
    code, day = event.organisation, event.day
    if code not in registry.organisations:
        raise BadRequest(f"{where}: no organisation of this code is known; `monitor organisations list` names them")
    if not lived[0] <= day <= lived[1]:
        raise BadRequest(f"{where}: {day} is outside of the history, known from {lived[0]} to {lived[1]}")
    standing = registry.successor(code, day) if registry.ended(code, day) else code
    if standing is None:
        raise BadRequest(f"{where}: {code} had ended by {day} and nobody succeeded it; load its successor, or leave it")
    if registry.organisations[standing].peer_group is None:
        raise BadRequest(f"{where}: {standing} has no peer group and is not watched; load a registry with its type")
    return replace(event, organisation=standing)
