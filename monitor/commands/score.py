"""`monitor score`: any table of figures in, expectation, score and evidence for each of its rows out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.output import counted, say, stages
from monitor.evaluation.panels.asked import Asked, Worse
from monitor.model import Kind

PANEL = "See it work"


def score(
    panel: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or Parquet file, or a TOML file.")],
    output: Annotated[Path, typer.Option(help="CSV or Parquet file for the scores; a folder for several panels.")],
    cadence: Annotated[
        str, typer.Option(help="weekly, monthly, quarterly, yearly, or months:2,5,8 for other starts.")
    ] = "monthly",
    kind: Annotated[
        Kind,
        typer.Option(
            help="count: events. rate: large numbers over a denominator, or a bare percentage. "
            "proportion: some of all. score: a mean."
        ),
    ] = Kind.COUNT,
    worse: Annotated[Worse, typer.Option(help="Which way is worse; both: any change is looked for.")] = Worse.HIGHER,
    rate: Annotated[
        float,
        typer.Option(min=1e-9, max=0.5, help="Signals by chance, per series and period, each way: more finds more."),
    ] = 0.01,
    organisations: Annotated[
        Path | None, typer.Option(help="CSV or Parquet file for the evidence of organisations by month.")
    ] = None,
) -> None:
    """Score any table of figures: what was expected, how surprising what came is, how it adds up.

    PANEL has one row per series and period. Its columns, in any order:
      series, period       which one, and the first day of its period (ISO)
      numerator            a count, a mean, or a percentage
      denominator          exposure, trials or respondents, where there is one
      peer_group           whom it is compared with; without it, all series
      indicator, region, organisation      what and where; may be left out

    The output has one row for each row, in the same order:
      series, period       as they were
      expected, low, high  with the central 95 %, in the numerator's unit
      score                in normal deviates, positive where it is worse
      sudden, slow, evidence   -log10 of how often chance alone does as much:
                           2 is once in a hundred; evidence is both together
      signal               worsening, improving or none, by --rate
      latched              still worse than before, though expected by now

    The first periods of a series teach what is usual, and are not scored:
    26 weeks, 12 months, 4 quarters, 2 years. No row sees later periods.

    Several panels: a TOML file with a table called panel for each, of path,
    indicator, family, cadence, kind and worse. The README has an example.
    """
    from monitor.evaluation.panels.score import score as run

    asked = Asked(panel, output, cadence, kind, worse, rate, panel.stem)
    with stages() as stage:
        told = run(asked, organisations, stage)
    for one in told:
        say(
            f"{one.output}: {counted(one.rows, 'row')}, {one.scored:,} of them scored; {one.worsening:,} worsening and "
            f"{one.improving:,} improving, where chance alone gives about {one.by_chance:,.0f}"
        )
        for note in one.notes:
            say(f"{one.path.name}: {note}")
    if organisations is not None:
        say(f"organisations by month are in {organisations}")


COMMANDS = (score,)
