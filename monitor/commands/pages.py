"""`monitor report`: pages for people who have no access here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PANEL = "Look and act"


def report(
    output: Annotated[Path, typer.Option(help="Folder for the pages; it is made.")] = Path("build/report"),
) -> None:
    """Write HTML pages: the run, one for each case with its charts, one for each feed."""


COMMANDS = (report,)
