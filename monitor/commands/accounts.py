"""`monitor accounting` and `monitor deadletters`: nothing is dropped silently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.output import Json, emit, table, total

if TYPE_CHECKING:
    from monitor.model import DeadLetter

PANEL = "Look and act"
COLUMNS = (
    *("feed", "rows", "observations", "merged", "out of scope", "suppressed", "dead letters"),
    *("accepted", "applied", "unchanged", "pending", "difference"),
)
app = typer.Typer(help="Records that were put aside, each with its reason and remedy.", no_args_is_help=True)


def accounting(as_json: Json = False) -> None:
    """Say what became of every row and every message; exit 1 where something is missing.

    rows = observations + merged + out of scope + suppressed + dead letters of the files, and
    accepted = applied + unchanged + dead letters of the bus + pending.
    """
    from monitor.pages import account
    from monitor.wiring import opened

    with opened() as service:
        accounts = {feed: account(service, feed) for feed in service.bus.feeds()}
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
    from monitor.store.accounts import dead_letters, put_aside
    from monitor.wiring import opened

    with opened() as service:
        if as_json:
            emit([_letter(letter) for letter in dead_letters(service.engine, feed)])
            return
        groups = put_aside(service.engine, feed)
    table(
        ("feed", "reason", "field", "records", "what to do"),
        [(group.feed, group.reason.value, group.field, group.count, group.remedy) for group in groups],
        "nothing was put aside",
    )


def _letter(letter: DeadLetter) -> dict[str, object]:
    from monitor.errors import REMEDIES

    return {
        "feed": letter.feed,
        "stage": letter.stage,
        "file": letter.file,
        "row": letter.row,
        "field": letter.field,
        "reason": letter.reason.value,
        "value": letter.value,
        "organisation": letter.organisation,
        "remedy": REMEDIES[letter.reason],
    }


COMMANDS = (accounting,)
