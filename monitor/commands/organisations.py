"""`monitor organisations`: who is watched, and who stands where another stood."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.output import Json, emit, say, table
from monitor.errors import BadFile, BadRequest
from monitor.model import Organisation, PeerGroup, Succession

if TYPE_CHECKING:
    from monitor.feeds.readers.organisations import Load
    from monitor.wiring import Service

app = typer.Typer(help="Organisations: codes, types, regions, mergers.", no_args_is_help=True)
Who = Annotated[str, typer.Option("--by", help="Who does this; kept with it. The login name, if left out.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE")]


@app.command()
def load(
    files: Annotated[list[Path], typer.Argument(help="Registry files, in order.", exists=True, dir_okay=False)],
    by: Who = "",
    as_json: Json = False,
) -> None:
    """Load registries: ODS etr.csv, a CSV with types and regions, ORD records (JSON), organisations.json.

    A later load adds facts; what it does not say (a type, a region) stays. Files whose rows waited for
    an organisation are then published again.
    """
    from monitor.wiring import opened

    loads = [(file, _read(file)) for file in files]
    with opened() as service:
        for _, found in loads:
            _record(service, found.organisations, found.successions, by)
    rows = [
        {
            "file": file.name,
            "layout": found.layout,
            "organisations": len(found.organisations),
            "successions": len(found.successions),
            "out_of_scope": found.out_of_scope,
        }
        for file, found in loads
    ]
    if as_json:
        emit(rows)
        return
    table(("file", "layout", "organisations", "successions", "out of scope"), [tuple(row.values()) for row in rows], "")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List who is watched, with type, region, dates and who succeeded whom."""
    from monitor.calendars import day_of
    from monitor.organisations import registry
    from monitor.wiring import opened

    with opened() as service:
        organisations, successions = service.store.organisations()
        known, today = registry(organisations.values(), successions), day_of(service.clock.now())
    rows = [
        _fields(organisation) | {"successor": known.successor(code, today)}
        for code, organisation in sorted(known.organisations.items())
    ]
    if as_json:
        emit(rows)
        return
    table(
        ("code", "name", "type", "region", "from", "until", "stated by", "now part of"),
        [tuple(row.values()) for row in rows],
        "nobody is registered; `monitor organisations load FILE` reads a registry",
    )


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="ODS code.")],
    name: Annotated[str | None, typer.Option(help="Name; the code, if left out.")] = None,
    kind: Annotated[
        PeerGroup | None, typer.Option("--type", help="Whom it is compared with; without it, it is only counted.")
    ] = None,
    region: Annotated[str | None, typer.Option(help="Region, as the registry names it.")] = None,
    start: Day = None,
    end: Day = None,
    successor: Annotated[str | None, typer.Option(help="Code that it became part of, from --end on.")] = None,
    by: Who = "",
) -> None:
    """Add one organisation, or facts about it; what is not said stays as it was."""
    from monitor.wiring import opened

    if successor and not end:
        raise BadRequest("--successor needs --end, the first day on which the successor stands there")
    stated = Organisation(code, name or "", kind, region, _day(start), _day(end))
    steps = [Succession(code, successor, end.date())] if successor and end else []
    with opened() as service:
        _record(service, [stated], steps, by)
    say(f"{code} is registered; publish the files again whose rows waited for it")


def _record(
    service: Service, organisations: Sequence[Organisation], successions: Sequence[Succession], by: str
) -> None:
    """Lay what is stated over what is known, as one recorded act."""
    from monitor.store.registry import load_organisations

    who = by or getpass.getuser()
    load_organisations(service.engine, organisations, successions, by=who, at=service.clock.now())


def _fields(organisation: Organisation) -> dict[str, Any]:
    return {
        "code": organisation.code,
        "name": organisation.name,
        "type": organisation.peer_group,
        "region": organisation.region,
        "start": organisation.start and organisation.start.isoformat(),
        "end": organisation.end and organisation.end.isoformat(),
        "stated_by": organisation.stated_by,
    }


def _read(file: Path) -> Load:
    from monitor.feeds.readers.organisations import read_organisations

    try:
        return read_organisations(file.read_bytes())
    except BadFile as bad:
        raise BadFile(f"{file.name}: {bad}") from bad


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
