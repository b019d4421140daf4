"""`monitor bench`: measure this machine, and how well deteriorations are detected."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.output import progress, say, table
from monitor.errors import BadRequest

if TYPE_CHECKING:  # its modules import scipy, which help need not wait for
    from monitor.evaluation.benchmark import Measure
    from monitor.evaluation.detection.report import Table

PANEL = "See it work"
Seeds = Annotated[str, typer.Option(help="Seeds of the drawn series that are judged, as 1,2.")]
TrainSeeds = Annotated[str, typer.Option(help="Seeds that thresholds are set on; none of them is judged.")]
app = typer.Typer(invoke_without_command=True)


@app.callback()
def bench(
    context: typer.Context,
    only: Annotated[
        str | None, typer.Option(help="Only the figure of this name; the others stay as they were.")
    ] = None,
    output: Annotated[Path, typer.Option(help="Where the figures are kept.")] = Path("build/bench.json"),
    seeds: Seeds = "1,2",
    train_seeds: TrainSeeds = "3",
    published: Annotated[
        Path | None,
        typer.Option(
            help="Folder of published files, for the figures on real series.",
            envvar="MONITOR_REAL_DATA",
            exists=True,
            file_okay=False,
        ),
    ] = None,
) -> None:
    """Measure speed, memory and size on this machine, and how well deteriorations are found, each with its goal."""
    if context.invoked_subcommand is not None:
        return
    from monitor.evaluation.benchmark import MEASURES
    from monitor.evaluation.benchmark import bench as run
    from monitor.evaluation.benchmark_detection import measures

    found = {**measures(_numbers("--seeds", seeds), _numbers("--train-seeds", train_seeds)), **_on_real(published)}
    with progress("measuring") as done:
        figures = run(output, only=only, progress=done, measures={**MEASURES, **found})
    rows = [(each.name, each.value, each.unit, _goal(each.goal), each.verdict) for each in figures]
    table(("figure", "value", "unit", "goal", ""), [(row[0], f"{row[1]:,.4g}", *row[2:]) for row in rows], "nothing")
    for conditions in dict.fromkeys(each.conditions for each in figures):
        names = ", ".join(each.name for each in figures if each.conditions == conditions)
        typer.echo(f"\n{names}\n  {conditions}")


def _on_real(published: Path | None) -> Mapping[tuple[str, ...], Measure]:
    """Give what is measured on published files, where there are any."""
    from monitor.evaluation.backtest.benchmark import measures
    from monitor.settings import read_settings

    return {} if published is None else measures(published, read_settings().dags)


def _goal(goal: Mapping[str, float] | None) -> str | None:
    return ", ".join(f"{bound.replace('_', ' ')} {value:,.4g}" for bound, value in goal.items()) if goal else None


class Trial(StrEnum):
    """What is drawn for the methods to judge."""

    A = "A"
    B = "B"
    CASES = "cases"


class Setting(StrEnum):
    """How much is drawn."""

    SMALL = "small"
    FULL = "full"


@app.command()
def detection(
    family: Annotated[Trial, typer.Option(help="A: outbreaks; B: organisations; cases: the case rule.")],
    seeds: Seeds = "1,2",
    train_seeds: TrainSeeds = "3",
    output: Annotated[Path, typer.Option(help="Folder for JSON, tables and plots.")] = Path("build/detection"),
    size: Annotated[Setting, typer.Option(help="small ends in a minute.")] = Setting.FULL,
    replicates: Annotated[int | None, typer.Option(min=1, help="Family A: series of each of its 42 scenarios.")] = None,
    organisations: Annotated[int | None, typer.Option(min=20, help="Family B and cases: how many a seed.")] = None,
    methods: Annotated[str | None, typer.Option(help="Only these, as monitor,xmr; slow ones run when named.")] = None,
) -> None:
    """Compare detectors on drawn series whose truth is known, at the same rate of false alarms."""
    from monitor.evaluation.detection.study import study

    laid = study(
        family.value,
        output,
        seeds=_numbers("--seeds", seeds),
        train_seeds=_numbers("--train-seeds", train_seeds),
        is_small=size is Setting.SMALL,
        replicates=replicates,
        organisations=organisations,
        methods=methods.split(",") if methods else (),
        progress=lambda total: progress(f"family {family.value}", total),
    )
    text = "\n\n".join(text_of(each) for each in laid.tables)
    (output / "detection.txt").write_text(text + "\n", encoding="utf-8")
    typer.echo("\n\n".join(text_of(each) for each in laid.headlines))
    for name, why in laid.left_out.items():
        say(f"left out: {name}: {why}")
    say(f"everything is in {output}: detection.json, detection.txt and plots")


def _numbers(option: str, text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise BadRequest(f"{option} {text}: whole numbers with commas between them, as 1,2") from error
    if min(numbers) < 0 or len(set(numbers)) < len(numbers):
        raise BadRequest(f"{option} {text}: seeds are 0 or more, each once")
    return numbers


def text_of(shown: Table) -> str:
    """Lay a table out for a terminal or a file, figures to the right."""
    lines = [shown.columns, *shown.rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(shown.columns))]
    right = [all(row[place][:1] in "0123456789+-–" for row in shown.rows) for place in range(len(widths))]
    laid = [
        "  ".join(
            cell.rjust(width) if figures else cell.ljust(width)
            for cell, width, figures in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    ]
    return "\n".join((shown.title, *laid))
