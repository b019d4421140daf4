"""`monitor deadletters`: what was put aside, why, and taking it up again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.accounts import published
from monitor.commands.output import Json, counted, emit, local, say, table, total
from monitor.commands.typed import By, sound
from monitor.errors import BadFile, BadRequest, Reason

if TYPE_CHECKING:
    from monitor.feeds.mending import Mending
    from monitor.mend import Replayed
    from monitor.store.letters import Kept
    from monitor.wiring import Service

GROUPED = ("feed", "file", "reason", "field", "value", "remedy")
FILE_SHOWN = 12
"""Digits of a file's checksum that tell it from the others."""
ROWS_NAMED = 3
REPLAYED = ("feed", "file", "letters", "rows", "observations", "dead letters", "let go")
app = typer.Typer(
    help="Records that were put aside: list them, correct a cell, take them up again.", no_args_is_help=True
)
OfReason = Annotated[Reason | None, typer.Option(help="Only what was put aside for this.")]
Id = Annotated[str, typer.Argument(help="A dead letter; `monitor deadletters list` names them.", metavar="ID")]


@app.callback()
def _deadletters() -> None:
    pass


@app.command("list")
def list_(
    feed: Annotated[str | None, typer.Argument(help="Only this feed's.")] = None,
    reason: OfReason = None,
    with_replayed: Annotated[bool, typer.Option("--all", help="Also what was taken after all.")] = False,
    as_json: Json = False,
) -> None:
    """List what was put aside, by file and reason, with its rows and what to do."""
    from monitor.wiring import opened

    with opened() as service:
        letters = [each.row() for each in _chosen(service, feed, reason, None, with_replayed=with_replayed)]
        unread = _unread(service, feed, reason)
    if unread:
        say(
            f"{counted(unread, 'row')} put aside {'waits' if unread == 1 else 'wait'} for the worker to be listed: "
            "monitor worker --until-idle"
        )
    if as_json:
        emit(letters)
        return
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for letter in letters:
        groups[tuple(letter[part] for part in GROUPED)].append(letter)
    table(
        ("id", "feed", "file", "rows", "reason", "field", "value", "what to do"),
        [
            (some[0]["id"], feed, file[:FILE_SHOWN], _rows([letter["row"] for letter in some]), *what)
            for (feed, file, *what), some in sorted(groups.items(), key=lambda group: -len(group[1]))
        ],
        "nothing that the worker has read was put aside" if unread else "nothing was put aside",
    )


def _chosen(
    service: Service, feed: str | None, reason: Reason | None, file: str | None, *, with_replayed: bool = False
) -> list[Kept]:
    from monitor.mend import of_reason
    from monitor.store.letters import kept

    feeds = _feeds(service, feed)
    letters = [each for name in feeds for each in kept(service.engine, name, with_replayed=with_replayed)]
    return of_reason(letters, reason, file)


def _feeds(service: Service, feed: str | None) -> list[str]:
    if feed and feed not in published(service):
        raise BadRequest(f"nothing of a feed {feed!r} has been published; monitor feeds list names the feeds")
    return [feed] if feed else published(service)


def _unread(service: Service, feed: str | None, reason: Reason | None) -> int:
    """Count what readers have put aside and no worker has read yet."""
    from monitor.model import DeadLetter
    from monitor.store.accounts import waiting

    found = (
        each
        for name in _feeds(service, feed)
        for position in [service.store.position(name)]
        for each in waiting(service.bus, name, position.next if position else 0)
    )
    return sum(isinstance(each, DeadLetter) and reason in (None, each.reason) for each in found)


def _rows(rows: Sequence[int]) -> str:
    """Name the first rows of a group and count the others.

    >>> _rows([9, 4, 5, 7])
    '4, 5, 7 and 1 more'
    """
    named = ", ".join(map(str, sorted(rows)[:ROWS_NAMED]))
    return f"{named} and {len(rows) - ROWS_NAMED:,} more" if len(rows) > ROWS_NAMED else named


@app.command()
def show(letter: Id, as_json: Json = False) -> None:
    """Show one record: where it lies, why, which columns can be corrected, and what people did about its file."""
    from monitor.mend import find
    from monitor.wiring import opened

    with opened() as service:
        found = _shown(service, find(service, letter))
    if as_json:
        emit(found)
        return
    mendings = found.pop("mendings")
    table(("what", "is"), [(name.replace("_", " "), _text(name, value)) for name, value in found.items()], "")
    for each in mendings:
        what = f"row {each['row']}, {each['column']}: {each['value']}" if each["row"] else "the file was read again"
        typer.echo(f"{local(each['at'])}  {what}, by {each['by']}")


def _shown(service: Service, one: Kept) -> dict[str, Any]:
    from monitor.feeds.folder import feed as contract
    from monitor.mend import landed
    from monitor.mend import table as read

    found: dict[str, Any] = {**one.row(), "bytes": None, "columns": [], "mendings": []}
    try:
        file = landed(service, one)
        found["mendings"] = [_mending(each) for each in service.landing.mendings(file.checksum, one.letter.feed)]
        found["columns"] = list(read(service, contract(one.letter.feed, service.settings.dags), file)[1])
        found["bytes"] = service.landing.size(file.checksum)
    except (BadFile, BadRequest) as bad:
        say(str(bad))
    return found


def _mending(done: Mending) -> dict[str, Any]:
    row, column, value = done.correction or (None, None, None)
    return {"at": done.at.isoformat(), "by": done.by, "row": row, "column": column, "value": value}


def _text(name: str, value: Any) -> object:
    if value and name in ("at", "replayed"):
        return local(value)
    return ", ".join(value) if isinstance(value, list) else value


@app.command()
def fix(
    letter: Id,
    value: Annotated[str, typer.Option(help="What should stand there: a date, a number or a code.", callback=sound)],
    by: By,
    field: Annotated[
        str | None, typer.Option(help="The column of the file; the one that was found wrong, if left out.")
    ] = None,
    alike: Annotated[
        bool, typer.Option("--alike", help="Correct it in every row of the file where the same stands.")
    ] = False,
) -> None:
    """Correct a cell of a landed file without touching its bytes; it holds when the file is read again.

    Of an event that was put aside for its organisation every row that names it is corrected.
    Your name is kept with it. `monitor deadletters replay` then takes the row.
    """
    from monitor.mend import find
    from monitor.mend import fix as mend
    from monitor.wiring import opened

    _named(by)
    with opened() as service:
        done, still, others = mend(service, find(service, letter), value=value, column=field, by=by, alike=alike)
    rows, what = _rows([each.row for each in done]), done[0]
    say(f"row {rows}, {what.column} is read as {what.value or 'nothing'} from now on, by {by}")
    for aside in still:
        say(f"row {aside.row} is still put aside: {aside.field}: {aside.reason.value}")
    if others and field is None:
        say(f"the same still stands in row {_rows(others)}; where it is wrong there too: the same again with --alike")
    if not still:
        say("monitor deadletters replay takes it")


@app.command()
def replay(
    by: By,
    feed: Annotated[str | None, typer.Option(help="Only this feed's.")] = None,
    reason: OfReason = None,
    file: Annotated[str | None, typer.Option(help="Only of the file whose checksum begins so.")] = None,
    as_json: Json = False,
) -> None:
    """Read the landed files again in which something was put aside; exit 1 where one cannot be read.

    What is mended (a registry loaded, a cell corrected, a reader taught) is taken and no longer listed; what is still
    wrong stays. Everything else in the file is known already and changes nothing, so doing it twice does it once.
    """
    from monitor.mend import replay as again
    from monitor.wiring import opened

    _named(by)
    with opened() as service:
        done = list(again(service, _chosen(service, feed, reason, file), by))
    if as_json:
        emit([_account(one) for one in done])
    else:
        accounts = [_account(one) for one in done if one.published]
        table(REPLAYED, [_line(one) for one in accounts], "nothing was read again")
    for one in done:
        if one.why:
            say(f"{one.feed}, file {one.file[:FILE_SHOWN]}, {counted(one.letters, 'dead letter')}: {one.why}")
    if any(one.published for one in done):
        say("the worker takes them: monitor worker --until-idle; what is still wrong stays in monitor deadletters list")
    if any(one.published and one.published.has_events for one in done):
        say("to say that event files are complete, publish them again with --covers; corrections hold there too")
    if any(one.why for one in done):
        raise typer.Exit(1)


def _named(by: str) -> None:
    if not by.strip():
        raise BadRequest("--by needs a name: whoever finds the row later asks that person")


def _account(one: Replayed) -> dict[str, Any]:
    receipt = one.published.receipt if one.published else None
    return {
        "feed": one.feed,
        "file": one.file,
        "letters": one.letters,
        "rows": receipt and receipt.rows,
        "observations": receipt and receipt.observations,
        "dead_lettered": receipt and dict(receipt.dead_lettered),
        "let_go": one.solved,
        "why_not": one.why,
    }


def _line(one: dict[str, Any]) -> tuple[object, ...]:
    counts = (one["rows"], one["observations"], total(one["dead_lettered"]), one["let_go"])
    return (one["feed"], one["file"][:FILE_SHOWN], one["letters"], *counts)
