"""`monitor report` and `monitor feeds page`: pages for people who have no access here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.output import progress, say

PANEL = "Look and act"


def report(
    output: Annotated[Path, typer.Option(help="Folder for the pages; it is made.")] = Path("build/report"),
) -> None:
    """Write HTML pages: the run, one for each case with its charts, one for each feed.

    What may not be shown (small numbers) is not in them. No alert is not assurance.
    """
    from monitor.pages import gathered
    from monitor.report import report as write
    from monitor.wiring import opened

    with opened() as service, progress("writing pages") as done:
        first = write(output, gathered(service, title="Report"), lambda page, pages: done(1))
    say(f"the first page is {first}")


def page(
    feed: Annotated[str, typer.Argument(help="A feed; `monitor feeds list` names them.")],
    output: Annotated[Path, typer.Option(help="Folder for the page; it is made.")] = Path("build/feeds"),
) -> None:
    """Write an HTML page of a feed: contract, fields, lateness, who has sent it, its owner and its health now."""
    from monitor.commands.checks import of_feed
    from monitor.feeds.folder import feed as contract
    from monitor.pages import feed_page
    from monitor.report import feed_page as write
    from monitor.wiring import opened

    with opened() as service:
        promised = contract(feed, service.settings.dags)
        health = [
            (each.check, each.ok, f"{each.said}; {each.remedy}" if each.remedy else each.said)
            for each in of_feed(service, promised)
        ]
        path = write(output, feed_page(service, promised, health), service.clock.now())
    say(f"the page is {path}")


COMMANDS = (report,)
