"""`monitor feeds freshness`: what is expected next of whom, and what is late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.output import CODES_NAMED, Json, counted, emit, say, table

if TYPE_CHECKING:
    from monitor.freshness import Expected

COLUMNS = ("feed", "source", "indicator", "expected", "due", "days late", "organisations")


def freshness(
    feed: Annotated[str | None, typer.Argument(help="Only this feed's.")] = None,
    late: Annotated[bool, typer.Option("--late", help="Only what is late.")] = False,
    as_json: Json = False,
) -> None:
    """List what is expected next, or was left out in the last year, of how many and by when; exit 1 if any is late.

    Organisations are those that have sent a series before and have not ended.
    """
    from monitor.feeds.folder import feed as contract
    from monitor.freshness import expected
    from monitor.overview import called, known
    from monitor.wiring import opened

    with opened() as service:
        one = known(service)
        if feed is not None and feed not in one.contracts:
            contract(feed, service.settings.dags)  # nothing of it has come yet; or there is none, and it says so
        loading = [
            key
            for key in one.contracts
            if feed in (None, key) and service.store.heard(key) and not service.store.live(key)
        ]
        rows = [
            _row(key, each)
            for key, listed in called(service, one).items()
            if feed in (None, key)
            for each in expected(listed, one.today)
            if each.late_days or not late
        ]
    emit(rows) if as_json else _print(rows, _empty(loading, late=late))
    if any(row["late_days"] for row in rows):
        raise typer.Exit(1)


def _row(feed: str, one: Expected) -> dict[str, Any]:
    return {
        "feed": feed,
        "source": one.source,
        "indicator": one.indicator,
        "organisation": one.organisation,
        "newest": one.newest and one.newest[0].isoformat(),
        "expected": one.awaited[0].isoformat(),
        "due": one.due.isoformat(),
        "late_days": one.late_days,
    }


def _empty(loading: Sequence[str], *, late: bool) -> str:
    """Say why nothing is listed; `loading`: feeds of which something has come, and nothing is expected yet."""
    if loading:
        return f"nothing is expected of {', '.join(loading)} until its first load has ended: monitor settle FEED"
    return "nothing is late" if late else "nothing is expected: nobody has sent anything yet"


def _print(rows: Sequence[dict[str, Any]], empty: str) -> None:
    alike: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    for row in rows:
        alike[tuple(row[name] for name in ("feed", "source", "indicator", "expected", "due", "late_days"))] += 1
    table(COLUMNS, [(*key, count) for key, count in alike.items()], empty)
    if who := _late(rows):
        more = f" and {len(who) - CODES_NAMED:,} more" if len(who) > CODES_NAMED else ""
        say(f"{counted(len(who), 'organisation')} late: {', '.join(who[:CODES_NAMED])}{more}")


def _late(rows: Iterable[dict[str, Any]]) -> list[str]:
    return sorted({row["organisation"] for row in rows if row["late_days"]})
