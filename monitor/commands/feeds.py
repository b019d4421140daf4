"""`monitor feeds`: what can be published here, and how each feed stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from monitor.commands import feedkit, freshness, newfeed, pages
from monitor.commands.output import Json, emit, table

if TYPE_CHECKING:
    from monitor.model import Feed
    from monitor.wiring import Service

app = typer.Typer(help="Feeds: what is published together and judged together.", no_args_is_help=True)


@app.callback()
def _feeds() -> None:
    pass


app.command()(freshness.freshness)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the feeds of the feeds folder, whether they are live, and how new their figures are."""
    from monitor.feeds.folder import feeds
    from monitor.wiring import opened

    with opened() as service:
        rows = [_row(service, feed) for feed in feeds(service.settings.dags)]
    if as_json:
        emit(rows)
        return
    table(
        ("feed", "name", "voice", "sources", "live", "newest period", "pending"),
        [
            (
                *(row["feed"], row["name"], row["family"], ", ".join(row["sources"])),
                *(", ".join(row["live"]) or "no", row["newest"], row["pending"]),
            )
            for row in rows
        ],
        "no feeds here; MONITOR_DAGS names the folder that holds one file each",
    )


def _row(service: Service, feed: Feed) -> dict[str, Any]:
    position = service.store.position(feed.key)
    newest = service.store.newest(feed.key)
    return {
        "feed": feed.key,
        "name": feed.name,
        "family": feed.family,
        "indicators": [indicator.key for indicator in feed.indicators],
        "sources": sorted(feed.sources),
        "readers": list(feed.readers),
        "live": sorted(service.store.live(feed.key)),
        "newest": newest and newest.isoformat(),
        "pending": service.bus.observations_from(feed.key, position.next if position else 0),
        "owner": feed.owner,
        "licence": feed.licence,
    }


for _command in (newfeed.new, feedkit.check, pages.page):
    app.command()(_command)
