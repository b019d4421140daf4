"""`monitor accounting` and `budget`: nothing is dropped silently, and chance is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from monitor.commands.output import Json, counted, emit, say, table, total
from monitor.heartbeat import HEARTBEAT

if TYPE_CHECKING:
    from monitor.wiring import Service

PANEL = "Look and act"
COLUMNS = (
    *("feed", "rows", "observations", "merged", "out of scope", "suppressed", "dead letters of files"),
    *("accepted", "applied", "unchanged", "dead letters of the worker", "pending", "difference"),
)


def accounting(as_json: Json = False) -> None:
    """Say what became of every row and every message; exit 1 where something is missing.

    rows = observations + merged + out of scope + suppressed + dead letters of the files, and
    accepted = applied + unchanged + dead letters of the worker + pending. A file that is published again, or whose
    dead letters are replayed, is read and counted again. What was published and no worker has read yet is counted too.
    """
    from monitor.store.accounts import accounting as account
    from monitor.wiring import opened

    with opened() as service:
        accounts = {feed: account(service.engine, service.bus, feed) for feed in published(service)}
    if as_json:
        emit(accounts)
    else:
        table(COLUMNS, [_row(feed, one) for feed, one in accounts.items()], "nothing was published yet")
    unread = sum(one["receipts_pending"] for one in accounts.values())
    if unread:
        say(f"the receipts of {counted(unread, 'file')} wait for the worker")
    if any(one["difference"] for one in accounts.values()):
        raise typer.Exit(1)


def published(service: Service) -> list[str]:
    """Name the feeds that have been published; the heartbeat is none that anybody counts."""
    return [feed for feed in service.bus.feeds() if feed != HEARTBEAT]


def _row(feed: str, one: dict[str, Any]) -> tuple[object, ...]:
    worker = total(one["dead_lettered_by_worker"])
    return (
        *(feed, one["rows"], one["observations"], one["merged"], total(one["out_of_scope"]), one["suppressed"]),
        *(total(one["dead_lettered"]) - worker, one["accepted"], one["applied"], one["unchanged"], worker),
        *(one["pending"], one["difference"]),
    )


def budget(as_json: Json = False) -> None:
    """Set the cases that opened in the last twelve months beside those that chance was allowed to open.

    A case that faded, or in which no concern was found, may have been chance: it is counted, never learnt from.
    """
    from monitor.overview import budget as counted
    from monitor.overview import known
    from monitor.wiring import opened

    with opened() as service:
        found = counted(service, known(service))
    if as_json:
        emit(found.row() if found else None)
    else:
        row = found.row() if found else {}
        shares = "; ".join(_share(share) for share in row.pop("receivers", ()))
        ends = ", ".join(f"{outcome} {number}" for outcome, number in row.pop("outcomes", {}).items())
        told = [*((name.replace("_", " "), value) for name, value in row.items()), ("outcomes", ends), ("told", shares)]
        table(("what", "figure"), told if found else [], "no feed is live yet; monitor settle makes one so")


def _share(share: dict[str, Any]) -> str:
    allowed = "any number of" if share["messages_per_month"] is None else f"{share['messages_per_month']:g}"
    return f"{share['name']} {share['sent_this_month']} of {allowed} messages this month"


COMMANDS = (accounting, budget)
