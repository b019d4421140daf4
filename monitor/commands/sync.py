"""`monitor organisations sync`: the registry as a directory on the network has it, mergers and splits included."""

from __future__ import annotations

import getpass
import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from monitor.commands.organisations import Who
from monitor.commands.output import Json, counted, emit, not_watched, progress, say, table
from monitor.errors import BadFile, BadRequest
from monitor.model import Organisation, Succession

if TYPE_CHECKING:
    from monitor.directory import Found
    from monitor.feeds.registry import Load
    from monitor.organisations import Registry
    from monitor.wiring import Service

KEPT = "directory"
"""Folder of the fetched records, in the home."""


def sync(
    source: Annotated[
        str | None, typer.Option(metavar="URL", help="Where its ORD API is; as set, if left out.", show_default=False)
    ] = None,
    rate: Annotated[float, typer.Option(min=0.01, max=50, help="Requests a second at most.")] = 5.0,
    anew: Annotated[bool, typer.Option("--anew", help="Fetch every record, though it was kept from before.")] = False,
    by: Who = None,
    as_json: Json = False,
) -> None:
    """Take trusts and who succeeded whom from an organisation directory; what has not changed is not recorded.

    May be stopped and run again: it goes on where it was. A directory states no types, so those of another registry
    stay. Exit 1 where a record cannot be read: the others are taken, and it is named.
    """
    from monitor.calendars import day_of
    from monitor.directory import Directory
    from monitor.wiring import opened

    with opened() as service, progress("asking") as done:
        directory = Directory(_address(source, service.settings.organisations), service.settings.home / KEPT, rate)
        found = []
        for one in directory.found(service.clock.now(), anew=anew):
            found.append(one)
            done(1)
        taken = _taken(service, directory.source, found, by)
        today = day_of(service.clock.now())
    said = _row(found, taken)
    emit(said) if as_json else _tell(said)
    if not as_json and (sentence := not_watched(taken.after.unwatched(today))):
        say(sentence)
    if taken.unreadable:
        raise typer.Exit(1)


class Taken(NamedTuple):
    """What is new of a directory's records, how much of them is nobody's business, and the registry from then on."""

    organisations: Sequence[Organisation]
    successions: Sequence[Succession]
    left_out: int
    unreadable: Sequence[str]
    after: Registry


def _taken(service: Service, source: str, found: Sequence[Found], by: str | None) -> Taken:
    """Take what the records say that the registry does not hold yet, all of it or nothing."""
    from monitor.feeds.registry import laid_over, news
    from monitor.organisations import registry
    from monitor.store.registry import load_organisations

    load, unreadable = _read(found)
    known, before = service.store.organisations()
    (checked,) = laid_over(known, before, [(source, load)])
    organisations, successions = news(known, before, checked)
    if organisations or successions:
        who = by or getpass.getuser()
        load_organisations(service.engine, organisations, successions, by=who, at=service.clock.now())
    after = registry(*_values(service.store.organisations()))
    return Taken(organisations, successions, checked.left_out, unreadable, after)


def _row(found: Sequence[Found], taken: Taken) -> dict[str, Any]:
    return {
        "listed": len(found),
        "fetched": sum(one.is_fetched for one in found),
        "organisations": len(taken.organisations),
        "successions": len(taken.successions),
        "left_out": taken.left_out,
        "unreadable": list(taken.unreadable),
        "splits": _splits(taken.after, taken.successions),
    }


def _address(source: str | None, stated: str | None) -> str:
    address = source or stated
    if address is None:
        raise BadRequest("no directory is named; say --source URL, or set MONITOR_ORGANISATIONS")
    return address


def _values(stated: Any) -> tuple[Any, Any]:
    organisations, successions = stated
    return organisations.values(), successions


def _read(found: Sequence[Found]) -> tuple[Load, list[str]]:
    """Read the records, each by itself first, so that one that cannot be read is named and holds up no other."""
    from monitor.feeds.readers.organisations import read_organisations

    sound: list[Any] = []
    unreadable: list[str] = []
    for one in found:
        try:
            if one.record is None:
                raise BadFile("no record")
            read_organisations(json.dumps([one.record]).encode())
            sound.append(one.record)
        except BadFile:
            unreadable.append(one.code)
    if not sound:
        raise BadFile("the directory lists no trust that can be read; is this the address of its ORD API?")
    return read_organisations(json.dumps(sound).encode()), unreadable


def _splits(after: Registry, new: Sequence[Succession]) -> list[dict[str, Any]]:
    """Name who was split up by these successions: nobody has its history, and its rows are nobody's from then on."""
    codes = sorted({step.predecessor for step in new if after.ended(step.predecessor, date.max)})
    heirs = {code: sorted({step.successor for step in after.onward[code]} - {code}) for code in codes}
    return [
        {"organisation": code, "successors": named, "from": after.end(code)}
        for code, named in heirs.items()
        if len(named) > 1
    ]


def _tell(said: dict[str, Any]) -> None:
    columns = ("listed", "fetched", "new or changed", "successions", "successions left out")
    table(columns, [tuple(said[name] for name in list(said)[:5])], "")
    for split in said["splits"]:
        heirs = " and ".join(split["successors"])
        say(
            f"{split['organisation']} was split up into {heirs}: from {split['from']} on its rows are put aside, "
            "and neither has its history"
        )
    if said["unreadable"]:
        named = ", ".join(said["unreadable"])
        say(f"{counted(len(said['unreadable']), 'record')} could not be read: {named}; ask the directory, or add them")
