"""`monitor demo` and `simulate`: see it work, make data for it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.output import Json, counted, emit, local_day, progress, say, stages, table

if TYPE_CHECKING:
    from monitor.evaluation.demo import Demo

PANEL = "See it work"
SEED = 1
SHOWN_CASES, SHOWN_LINES = 20, 15
"""Of cases and of the last digest, so that everything a demo says fits on two screens."""
Seed = Annotated[int, typer.Option(help="Another number makes another nation; the same one, the same nation.")]
Organisations = Annotated[int, typer.Option(min=20, max=2_000, help="How many organisations.")]
Years = Annotated[int, typer.Option(min=4, max=15, help="How many years of history.")]


def demo(
    output: Annotated[Path, typer.Option(help="Folder for files, cases, report and scorecard.")] = Path("build/demo"),
    seed: Seed = SEED,
    organisations: Organisations = 220,
    years: Years = 5,
    airflow: Annotated[
        bool, typer.Option("--airflow", help="Let a real Airflow carry the files, and look at its pages afterwards.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run the main job on a simulated nation: files in, cases, an HTML report and a scorecard out.

    Nothing but the output folder is touched: it gets a home and a database of its own. With --airflow, the DAGs of the
    feeds carry the years before and the last weeks; in a terminal it then runs on until Ctrl-C (DEMO_EXIT=1: it ends).
    """
    from monitor.evaluation.demo import demo as run

    nation = partial(run, output, seed=seed, organisations=organisations, years=years)
    if airflow:
        _through_airflow(nation, output, as_json=as_json)
        return
    with stages() as stage:
        done = nation(stage=stage)
    _show(done, output, as_json=as_json)


def _through_airflow(nation: Callable[..., Demo], output: Path, *, as_json: bool) -> None:
    """Run it beside an Airflow that ends with it, however it ends, and in a terminal let people look around first."""
    from monitor.evaluation.airflow_demo import beside
    from monitor.evaluation.ending import ending_once

    with ending_once(), beside(output) as (address, carried):
        say(f"Airflow, with the runs of each feed and their logs, comes up at {address}")
        with stages() as stage:
            done = nation(stage=stage, carried=carried)
        _show(done, output, as_json=as_json)
        if sys.stdin.isatty() and os.environ.get("DEMO_EXIT") != "1":
            say(f"Airflow, with the runs of each feed and their logs, is at {address}; it runs until Ctrl-C")
            with suppress(KeyboardInterrupt):
                signal.pause()
            say("Airflow is being ended; the report stays")


def _show(done: Demo, output: Path, *, as_json: bool) -> None:
    """Show what came of it, and where the rest lies."""
    if as_json:
        emit(done.scorecard)
    else:
        _tell(done.cases, done.digest)
        _print(done.scorecard)
    say(f"all {counted(done.messages, 'message')} of these years, as receivers got them: {output / 'messages.txt'}")
    say(f"the report is at {output / 'report' / 'index.html'}")


def _tell(cases: Sequence[Mapping[str, Any]], digest: str | None) -> None:
    """Show the last cases as one table, oldest first, and how the last digest begins: what people read."""
    every = [case for case in sorted(cases, key=lambda case: str(case["opened"])) if case["kind"] == "concern"]
    rows = [
        (
            local_day(case["opened"]),
            f"{case['name']} ({case['organisation']})",
            case["state"],
            ", ".join(case["agreeing"]),
        )
        for case in every[-SHOWN_CASES:]
    ]
    typer.echo()
    table(("opened", "case", "now", "families that agree"), rows, "no case was opened; no alert is not assurance")
    if len(every) > SHOWN_CASES:
        typer.echo(f"and {counted(len(every) - SHOWN_CASES, 'case')} before them, in cases.json")
    if digest is not None:
        lines = digest.splitlines()
        left = f"\n… and {counted(len(lines) - SHOWN_LINES, 'line')} more" if len(lines) > SHOWN_LINES else ""
        typer.echo("\nThe last digest:\n\n" + "\n".join(lines[:SHOWN_LINES]) + left)


def _print(scorecard: Mapping[str, Any]) -> None:
    """Say how well it did, every miss by name."""
    days = scorecard["median_lead_time_days"]
    followed = scorecard["followed_6_months"], scorecard["followed_12_months"]
    typer.echo(
        f"\n{scorecard['planted']} deteriorations were planted. Found within 6 months: "
        f"{scorecard['found_within_6_months']} (followed so long: {followed[0]}); within 12 months: "
        f"{scorecard['found_within_12_months']} (followed so long: {followed[1]})."
    )
    typer.echo(
        f"By a case that rests on what was planted: {scorecard['found_on_planted_within_6_months']} and "
        f"{scorecard['found_on_planted_within_12_months']}."
    )
    if days is not None:
        typer.echo(f"Half of those found had a case within {days:.0f} days of the onset.")
    typer.echo(
        f"Cases by chance: {scorecard['chance_cases_expected']:.0f} allowed by the budget, "
        f"{scorecard['chance_cases_realised']} came; {_at_start(scorecard['false_cases'])}."
    )
    befell = ", ".join(f"{what} {count}" for what, count in scorecard["false_by_what_befell"].items())
    typer.echo(f"What had befallen those who had a case without a deterioration: {befell or 'nobody had one'}.\n")
    misses = [(one["organisation"], one["pattern"], one["onset"], one["reason"]) for one in scorecard["misses"]]
    table(("missed", "pattern", "onset", "why"), misses, "nothing was missed")


def _at_start(false: Sequence[Mapping[str, object]]) -> str:
    standing = sum(bool(one["standing_at_start"]) for one in false)
    return f"{standing} more stood when the history ended" if standing else "none stood when the history ended"


def simulate(
    output: Annotated[Path, typer.Option(help="Folder for the files; it is made.")],
    seed: Seed = SEED,
    organisations: Organisations = 220,
    years: Years = 5,
) -> None:
    """Write a simulated nation as files in the official and extract formats, and the truth beside them."""
    from monitor.evaluation.simulate import simulate as run

    with progress("simulating") as done:
        run(output, seed=seed, organisations=organisations, years=years, progress=done)
    say(f"the files are in {output}; truth.json says what was planted")


COMMANDS = (demo, simulate)
