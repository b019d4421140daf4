"""`monitor organisations`: who is watched, and who stands where another stood."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.output import Json, emit, not_watched, say, table
from monitor.errors import BadFile, BadRequest
from monitor.feeds.cells import capitals, looks_like_a_code
from monitor.model import Organisation, PeerGroup, Succession
from monitor.organisations import circle, with_facts

if TYPE_CHECKING:
    from monitor.feeds.registry import Load
    from monitor.wiring import Service

app = typer.Typer(help="Organisations: codes, types, regions, mergers.", no_args_is_help=True)
Who = Annotated[str | None, typer.Option("--by", help="Who does this; kept with it. The login name, if left out.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE")]


@app.command()
def load(
    files: Annotated[list[Path], typer.Argument(help="Registry files, in order.", exists=True, dir_okay=False)],
    by: Who = None,
    as_json: Json = False,
) -> None:
    """Load registries: ODS etr.csv, a CSV with types and regions, ORD records (JSON), organisations.json.

    A later load adds facts; what it does not say (a type, a region) stays. Files whose rows waited for
    an organisation are then published again. Successions of bodies that no record registers are left out.
    """
    from monitor.feeds.registry import laid_over
    from monitor.wiring import opened

    loads = [(file.name, _read(file)) for file in files]
    with opened() as service:
        checked = list(laid_over(*service.store.organisations(), loads))
        for found in checked:
            _record(service, found.organisations, found.successions, by)
    rows = [
        {
            "file": name,
            "layout": found.layout,
            "organisations": len(found.organisations),
            "successions": len(found.successions),
            "out_of_scope": found.out_of_scope,
            "left_out": found.left_out,
        }
        for (name, _), found in zip(loads, checked, strict=True)
    ]
    if as_json:
        emit(rows)
        return
    columns = ("file", "layout", "organisations", "successions", "out of scope", "successions left out")
    table(columns, [tuple(row.values()) for row in rows], "")


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
        _fields(replace(organisation, end=known.end(code))) | {"successor": known.successor(code, today)}
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
    if sentence := not_watched(known.unwatched(today)):
        say(f"{sentence}; monitor organisations add CODE --type … changes that")


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
    by: Who = None,
) -> None:
    """Add one organisation, or facts about it; what is not said stays as it was."""
    from monitor.wiring import opened

    stated = Organisation(_code(code), name or "", kind, region, _day(start), _day(end))
    steps = [_step(code, successor, end)] if successor is not None else []
    with opened() as service:
        known, successions = service.store.organisations()
        after = with_facts(known.get(code), stated)
        _check(after, steps, known)
        if found := circle([*successions, *steps]):
            raise BadRequest(f"--successor {successor} leads in a circle, {' → '.join(found)}; name another")
        _record(service, [stated], steps, by)
    say(_registered(after, successor, is_new=code not in known))
    if after.peer_group is None:
        say(f"{code} has no peer group and is not watched: monitor organisations add {code} --type … changes that")


def _registered(one: Organisation, successor: str | None, *, is_new: bool) -> str:
    """Say what is known now."""
    if successor is not None:
        return f"{one.code} is registered: it ends on {one.end}, and is part of {successor} from then on"
    ended = f": it ends on {one.end}" if one.end else ""
    waited = "; monitor deadletters replay takes the rows that waited for it" if is_new else ""
    return f"{one.code} is registered{ended}{waited}"


def _code(text: str) -> str:
    """Take an ODS code as a reader would find it; nothing is guessed, since rows are matched by it."""
    plain = capitals("".join(text.split()))
    if looks_like_a_code(plain) and plain == text:
        return text
    remedy = f"write {plain}" if looks_like_a_code(plain) else "an ODS code has 3 letters or digits, or up to 6 of both"
    raise BadRequest(f"{text!r} is no ODS code; {remedy}")


def _step(code: str, successor: str, end: datetime | None) -> Succession:
    if end is None:
        raise BadRequest("--successor needs --end, the first day on which the successor stands there")
    if successor == code:
        raise BadRequest(f"--successor {successor} is the organisation itself; name another, or leave it out")
    return Succession(code, _code(successor), end.date())


def _check(after: Organisation, steps: Sequence[Succession], known: Mapping[str, Organisation]) -> None:
    """Raise where an organisation would end before it begins, or be succeeded by somebody unheard of."""
    if after.start and after.end and after.end <= after.start:
        raise BadRequest(
            f"{after.code} would end on {after.end}, no later than it starts, {after.start}; correct --start or --end"
        )
    unknown = next((step.successor for step in steps if step.successor not in known), None)
    if unknown is not None:
        raise BadRequest(f"--successor {unknown} is not registered; first: monitor organisations add {unknown} …")


def _record(
    service: Service, organisations: Sequence[Organisation], successions: Sequence[Succession], by: str | None
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
