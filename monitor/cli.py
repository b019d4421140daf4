"""The command line: what a person or a script types, and how errors reach them.

Exit codes: 0 done; 1 something needs a look (accounting, doctor, settle); 2 wrong usage; 3 a file cannot be read
as this feed; 4 a part outside is away for now.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer._click.core import Context  # typer 0.29 brings its own click, and `invoke` has its type
from typer.core import TyperGroup

from monitor.commands import (
    accounts,
    backtest,
    benchmarks,
    cases,
    deadletters,
    evaluate,
    feeds,
    hints,
    operate,
    organisations,
    pages,
    publishing,
    running,
    score,
    sync,
    upkeep,
)
from monitor.errors import BadFile, BadRequest, MonitorError, Outage, of_the_system

CODES: tuple[tuple[type[MonitorError], int], ...] = ((BadFile, 3), (BadRequest, 2), (Outage, 4), (MonitorError, 1))

START = """Tells oversight teams early when independent signals say that an organisation's culture is getting worse.

A first look: `monitor demo`

By hand: `monitor organisations load FILE`, `monitor publish FEED FILE…`, `monitor worker --until-idle`,
`monitor settle FEED`, `monitor cases list`, `monitor report`; and `monitor doctor` when something is odd.
"""


class Sentences(TyperGroup):
    """A group whose errors of ours become one sentence on the error stream, and an exit code."""

    def invoke(self, ctx: Context) -> Any:
        """Run the command; a bug still ends in its traceback."""
        try:
            return super().invoke(ctx)
        except MonitorError as error:
            raise _said(error) from error
        except OSError as error:
            known = of_the_system(error)
            if known is None:
                raise
            raise _said(known) from error


def _said(error: MonitorError) -> typer.Exit:
    """Say an error, and give the exit that goes with it."""
    remedy = f"; {error.remedy}" if isinstance(error, Outage) and error.remedy else ""
    typer.echo(f"monitor: {error}{remedy}", err=True)
    return typer.Exit(next(code for kind, code in CODES if isinstance(error, kind)))


def _nouns() -> typer.Typer:
    # Tracebacks with local variables would print the data that a bug met.
    made = typer.Typer(
        cls=Sentences, help=START, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
    )
    made.callback()(_start)
    for commands in (evaluate, score, backtest, publishing, running, accounts, pages, hints, operate, upkeep):
        for command in commands.COMMANDS:
            made.command(rich_help_panel=commands.PANEL)(command)
    made.add_typer(benchmarks.app, name="bench", rich_help_panel=benchmarks.PANEL)
    for name, group in (("cases", cases), ("feeds", feeds), ("organisations", organisations)):
        made.add_typer(group.app, name=name, rich_help_panel="Look and act")
    made.add_typer(deadletters.app, name="deadletters", rich_help_panel="Look and act")
    organisations.app.command()(sync.sync)
    made.add_typer(operate.app, name="db", rich_help_panel="Operate")
    return made


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(version("culture-monitor"))
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Say which version this is.", callback=_say_version, is_eager=True)
]


def _start(version: Version = False) -> None:
    pass


app = _nouns()


def main() -> None:
    """Run the command line of this process."""
    app()
