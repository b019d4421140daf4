"""`monitor accounting` and `monitor deadletters`: nothing is dropped silently."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer

from monitor.commands.output import Json, emit, table, total

PANEL = "Look and act"
COLUMNS = (
    *("feed", "rows", "observations", "merged", "out of scope", "suppressed", "dead letters"),
    *("accepted", "applied", "unchanged", "pending", "difference"),
)
GROUPED = ("feed", "reason", "field", "remedy")
app = typer.Typer(help="Records that were put aside, each with its reason and remedy.", no_args_is_help=True)


def accounting(as_json: Json = False) -> None:
    """Say what became of every row and every message; exit 1 where something is missing.

    rows = observations + merged + out of scope + suppressed + dead letters of the files, and
    accepted = applied + unchanged + dead letters of the worker + pending. Both kinds of dead letters are shown.
    """
    from monitor.store.accounts import accounting as account
    from monitor.wiring import opened

    with opened() as service:
        accounts = {feed: account(service.engine, service.bus, feed) for feed in service.bus.feeds()}
    if as_json:
        emit(accounts)
    else:
        table(COLUMNS, [_row(feed, one) for feed, one in accounts.items()], "nothing was published yet")
    if any(one["difference"] for one in accounts.values()):
        raise typer.Exit(1)


def _row(feed: str, one: dict[str, Any]) -> tuple[object, ...]:
    return (
        *(feed, one["rows"], one["observations"], one["merged"], total(one["out_of_scope"]), one["suppressed"]),
        *(total(one["dead_lettered"]), one["accepted"], one["applied"], one["unchanged"]),
        *(one["pending"], one["difference"]),
    )


@app.callback()
def _deadletters() -> None:
    pass


@app.command("list")
def list_(feed: Annotated[str | None, typer.Argument(help="Only this feed's.")] = None, as_json: Json = False) -> None:
    """List what was put aside, by reason, with where it lies and what to do."""
    from monitor.store.accounts import dead_letters
    from monitor.wiring import opened

    with opened() as service:
        feeds = [feed] if feed else service.bus.feeds()
        letters = [letter for name in feeds for letter in dead_letters(service.engine, name)]
    if as_json:
        emit(letters)
        return
    groups = Counter(tuple(str(letter[part]) for part in GROUPED) for letter in letters)
    table(
        ("feed", "reason", "field", "what to do", "records"),
        [(*group, count) for group, count in groups.most_common()],
        "nothing was put aside",
    )


COMMANDS = (accounting,)
