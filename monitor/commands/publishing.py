"""`monitor publish`: from files to the bus, with an account of every row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.output import Json, counted, emit, progress, say, table, total
from monitor.errors import REMEDIES, BadFile, BadRequest, Outage, Reason

if TYPE_CHECKING:
    from monitor.feeds.delivery import Delivery, Stated
    from monitor.feeds.publish import Published
    from monitor.model import Advance, Feed
    from monitor.wiring import Service

PANEL = "The way of a figure"
COLUMNS = ("file", "rows", "observations", "merged", "out of scope", "suppressed", "dead letters", "known before")
WRONG_USAGE, REFUSED = 2, 3
ONE_DAY = timedelta(days=1)
INTERVALS_NAMED = 3
MANY, NAMED = 10, 3
"""From so many codes on only so many are named: a line of 200 is not read."""
NEARLY_ALL, FEWEST_ROWS = 0.9, 10
"""Share of a file's rows, and their number, from which on one reason is a fault of the file and not of its rows."""


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
        typer.Option(
            metavar="all|FILE", help="For event files: whom they cover; of these, nothing reported is then a zero."
        ),
    ] = None,
    through: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The last day that the event files cover."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="The first day that they cover, with --covers all; the period of the first event, if left out.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read files and send what they say; every row is accounted for.

    Publishing a file again changes nothing. A file that is not this feed's (exit 3), or of which something is
    said that cannot be (exit 2), is refused as a whole, and the others go on. Rows that cannot be read are put
    aside: see `monitor deadletters list`.
    """
    from monitor.feeds.delivery import Stated

    stated = Stated(source, _day(published), _day(through), _day(since))
    done, refused, away = _published(feed, files, stated, covers)
    accounts = [_account(one) for one in done]
    emit(accounts) if as_json else _print(accounts)
    _advise(done)
    if away:
        raise away
    if refused:
        raise typer.Exit(min(refused))


def _published(
    feed: str, files: Sequence[Path], stated: Stated, covers: str | None
) -> tuple[list[Published], list[int], Outage | None]:  # fmt: skip
    """Publish one file after the other; what is refused is said, with its exit code, and the others go on.

    An outage ends it, and is given beside what had gone through by then.
    """
    from monitor.feeds.folder import feed as contract
    from monitor.feeds.publications import check_source
    from monitor.handed import deliver
    from monitor.promises import check_promises
    from monitor.wiring import opened

    done: list[Published] = []
    refused: list[int] = []
    with opened() as service, progress("publishing", len(files)) as step:
        promised = contract(feed, service.settings.dags)
        check_source(promised, stated.source)
        check_promises(promised, service.store)
        registered = service.store.organisations()[0].keys()
        for file in files:
            try:
                done.append(_send(service, promised, deliver(file, covers), stated, registered))
            except (BadFile, BadRequest) as bad:
                say(f"monitor: {file.name}: {bad}")
                refused.append(REFUSED if isinstance(bad, BadFile) else WRONG_USAGE)
            except Outage as away:
                say(f"monitor: {file.name} and what follows it are not published")
                return done, refused, away
            step(1)
    return done, refused, None


def _send(service: Service, feed: Feed, delivery: Delivery, stated: Stated, registered: Collection[str]) -> Published:
    from monitor.feeds.publish import publish
    from monitor.mend import let_go

    done = publish(
        feed,
        delivery,
        stated,
        bus=service.bus,
        landing=service.landing,
        now=service.clock.now(),
        registered=registered,
    )
    let_go(service, feed.key, done)
    return replace(done, asides=(), drafted=frozenset())  # of many files these would fill the memory


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None


def _account(one: Published) -> dict[str, Any]:
    return {
        "file": one.name,
        "rows": one.receipt.rows,
        "observations": one.receipt.observations,
        "merged": one.receipt.merged,
        "out_of_scope": dict(one.receipt.out_of_scope),
        "suppressed": one.receipt.suppressed,
        "dead_lettered": dict(one.receipt.dead_lettered),
        "already_known": one.already_known,
        "covers": [_interval(advance) for advance in one.covers],
    }


def _interval(advance: Advance) -> dict[str, Any]:
    return {
        "from": advance.start.isoformat(),
        "through": (advance.end - ONE_DAY).isoformat(),
        "organisations": None if advance.organisations is None else len(advance.organisations),
    }


def _print(accounts: Sequence[dict[str, Any]]) -> None:
    table(COLUMNS, [_line(one) for one in accounts], "nothing was published")


def _line(one: dict[str, Any]) -> tuple[object, ...]:
    counts = (total(one["out_of_scope"]), one["suppressed"], total(one["dead_lettered"]))
    return (one["file"], one["rows"], one["observations"], one["merged"], *counts, one["already_known"])


def _advise(done: Sequence[Published]) -> None:
    """Say what events are complete, and what is still to be done: rows put aside, organisations left awaiting."""
    for one in done:
        _say_covered(one)
        for remark in one.remarks:
            say(f"{one.name}: {remark}")
    letters = sum(total(one.receipt.dead_lettered) for one in done)
    if letters:
        say(f"{counted(letters, 'row')} put aside: run the worker, then `monitor deadletters list` says what to do")
    for one in done:
        _say_fault(one)
    for one in done:
        if one.withheld:
            said = f"too many rows of {_few(sorted(one.withheld))} were put aside"
            say(f"{one.name}: {said}: what they cover counts once they are mended")
    bare = [one.name for one in done if one.has_events and not one.advances]
    if bare:
        say(
            f"{bare[0]} says what happened, not whom it covers: nothing is complete until --covers all --through DATE, "
            f"or a file {Path(bare[0]).stem}.coverage.csv beside it, says so"
        )


def _say_fault(one: Published) -> None:
    """Name the one reason for which nearly the whole of a file was put aside: one fault, with one remedy."""
    reason, many = max(one.receipt.dead_lettered.items(), key=lambda item: item[1], default=("", 0))
    if many >= FEWEST_ROWS and many >= NEARLY_ALL * one.receipt.rows:
        advice = f"; {REMEDIES[Reason(reason)]}" if reason in set(Reason) else ""
        say(f"{one.name}: {many:,} of {counted(one.receipt.rows, 'row')}: {reason}{advice}")


def _few(codes: Sequence[str]) -> str:
    """Name some codes, of many only the first three and how many more there are."""
    if len(codes) < MANY:
        return ", ".join(codes)
    return f"{', '.join(codes[:NAMED])} and {counted(len(codes) - NAMED, 'organisation')} more"


def _say_covered(one: Published) -> None:
    for advance in one.covers[:INTERVALS_NAMED]:
        named = advance.organisations
        whom = "all registered" if named is None else counted(len(named), "organisation")
        say(f"{one.name} covers {advance.start} to {advance.end - ONE_DAY} for {whom}")
    if len(one.covers) > INTERVALS_NAMED:
        say(f"and {counted(len(one.covers) - INTERVALS_NAMED, 'interval')} more of its coverage file")


COMMANDS = (publish,)
