"""`monitor publish`: from files to the bus, with an account of every row."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.output import Json, counted, emit, progress, say, table, total
from monitor.errors import BadFile

if TYPE_CHECKING:
    from monitor.feeds.publish import Published

PANEL = "The way of a figure"
COLUMNS = ("file", "rows", "observations", "merged", "out of scope", "suppressed", "dead letters", "known before")
Day = typer.Option(formats=["%Y-%m-%d"], metavar="DATE")


def publish(
    feed: Annotated[str, typer.Argument(help="The feed that the files belong to; `monitor feeds list` names them.")],
    files: Annotated[list[Path], typer.Argument(help="Published files or extracts.", exists=True, dir_okay=False)],
    source: Annotated[
        str | None, typer.Option(help="Whose figures these are: official or local; what the layout says, if left out.")
    ] = None,
    published: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The day the source published them.")
    ] = None,
    covers: Annotated[
        str | None,
        typer.Option(help="For event files: `all` organisations, or a coverage file; nothing reported is then a zero."),
    ] = None,
    through: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The last day that the event file covers."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read files and send what they say; every row is accounted for.

    Publishing a file again changes nothing. A file that is not this feed's is refused as a whole (exit 3)
    and the others go on. Rows that cannot be read are put aside: see `monitor deadletters list`.
    """
    from monitor.feeds.publish import publish as send
    from monitor.wiring import opened

    accounts: list[dict[str, Any]] = []
    refused = 0
    with opened() as service, progress("publishing", len(files)) as done:
        for file in files:
            try:
                accounts.append(_account(file, send(service, feed, file)))
            except BadFile as bad:
                refused += 1
                say(f"monitor: {file.name}: {bad}")
            done(1)
    _print(accounts, as_json)
    if refused:
        raise typer.Exit(3)


def _account(file: Path, published: Published) -> dict[str, Any]:
    receipt = published.receipt
    return {
        "file": file.name,
        "rows": receipt.rows,
        "observations": receipt.observations,
        "merged": receipt.merged,
        "out_of_scope": dict(receipt.out_of_scope),
        "suppressed": receipt.suppressed,
        "dead_lettered": dict(receipt.dead_lettered),
        "already_known": published.already_known,
    }


def _print(accounts: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        emit(accounts)
        return
    table(COLUMNS, [_line(one) for one in accounts], "nothing was published")
    letters = sum(total(one["dead_lettered"]) for one in accounts)
    if letters:
        say(f"{counted(letters, 'row')} put aside: `monitor deadletters list` says why and what to do")


def _line(one: dict[str, Any]) -> tuple[object, ...]:
    counts = (total(one["out_of_scope"]), one["suppressed"], total(one["dead_lettered"]))
    return (one["file"], one["rows"], one["observations"], one["merged"], *counts, one["already_known"])


COMMANDS = (publish,)
