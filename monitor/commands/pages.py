"""`monitor report`: pages for people who have no access here."""

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


COMMANDS = (report,)
