"""How commands speak: what was asked for on standard output, everything else on the error stream."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any

import typer

from monitor.calendars import LONDON

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts instead of a table.")]
Advance = Callable[[int], None]
"""Tells a progress bar that so many more steps are done."""

CODES_NAMED = 20
"""Codes of a sentence at a terminal; `monitor organisations list` has them all."""
WORDS: dict[bool, str] = {True: "yes", False: "no"}


def emit(document: object) -> None:
    """Print a document as JSON."""
    typer.echo(json.dumps(document, indent=2, default=_plain, ensure_ascii=False))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Print rows under their columns, numbers to the right; `empty` is said where there are none."""
    rows = [tuple(row) for row in rows]
    if not rows:
        typer.echo(empty)
        return
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(line[place]) for line in [list(columns), *cells]) for place in range(len(columns))]
    numeric = [all(isinstance(row[place], int | float) for row in rows) for place in range(len(columns))]
    for line in [list(columns), *cells]:
        padded = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ]
        typer.echo("  ".join(padded).rstrip())


def say(sentence: str) -> None:
    """Tell the person at the terminal something that no script reads."""
    typer.echo(sentence, err=True)


def counted(number: int, one: str, many: str | None = None) -> str:
    """Give a number with its noun: 1 file, 2 files.

    >>> counted(1, "file"), counted(1200, "case"), counted(0, "entry", "entries")
    ('1 file', '1,200 cases', '0 entries')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def not_watched(codes: Sequence[str]) -> str | None:
    """Say whom nobody is compared with; None: everybody has a peer group.

    >>> not_watched(["RX1"])
    '1 organisation has no peer group and is not watched: RX1'
    """
    if not codes:
        return None
    what = "has no peer group and is" if len(codes) == 1 else "have no peer group and are"
    named = ", ".join(codes[:CODES_NAMED])
    others = f" and {len(codes) - CODES_NAMED:,} more" if len(codes) > CODES_NAMED else ""
    return f"{counted(len(codes), 'organisation')} {what} not watched: {named}{others}"


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Advance]:
    """Show a bar on the error stream while something lasts; nothing where nobody looks.

    Parameters
    ----------
    total
        Steps until done; None: unknown, and the bar only shows that it lives.
    """
    if not sys.stderr.isatty():
        yield lambda steps: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda steps: bar.advance(task, steps)


@contextmanager
def stages() -> Iterator[Callable[[str, int | None], Advance]]:
    """Show one bar after another on the error stream; where nobody looks, one line as each stage begins.

    Gives a function that begins a stage of so many steps (None: unknown) and gives what to call as they are done.
    """
    if not sys.stderr.isatty():
        yield _announced
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:40}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def begin(title: str, steps: int | None) -> Advance:
            task = bar.add_task(title, total=steps)
            return lambda done: bar.advance(task, done)

        yield begin


def _announced(title: str, steps: int | None) -> Advance:
    say(title)
    return lambda done: None


def local(at: datetime | str) -> str:
    """Write an instant, or one in its ISO form, as a clock in London shows it: what JSON has in UTC.

    >>> local("2026-06-06T23:30:00+00:00")
    '2026-06-07 00:30'
    """
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{at.astimezone(LONDON):%Y-%m-%d %H:%M}"


def local_day(at: datetime | str) -> str:
    """Write the day in London of an instant, or of one in its ISO form: cases are named for it."""
    return local(at)[:10]


def total(counts: Mapping[str, int]) -> int:
    """Add up counts by reason."""
    return sum(counts.values())


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return WORDS[value]
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return local(value)
    return str(value)


def _plain(value: object) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, frozenset | set | tuple):
        return sorted(value) if isinstance(value, frozenset | set) else list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")
