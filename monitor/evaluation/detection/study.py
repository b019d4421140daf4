"""A run of the benchmark from its seeds to the files in its folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.errors import BadRequest
from monitor.evaluation.benchmark import machine
from monitor.evaluation.detection.budgeted import jobs, run_cases
from monitor.evaluation.detection.case_report import case_document, case_goals, case_plot, case_tables
from monitor.evaluation.detection.curves import Curves, drawn
from monitor.evaluation.detection.goals import goals
from monitor.evaluation.detection.report import Table, document, goal_table, headlines, tables
from monitor.evaluation.detection.run import chosen, run
from monitor.evaluation.detection.trials import FULL, SMALL, Size
from monitor.plots import curves

CASES = "cases"
Bar = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Opens a progress bar of so many steps."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Tables of a run: all for the file, the few that answer first for the terminal; and what did not run, and why."""

    tables: Sequence[Table]
    headlines: Sequence[Table]
    left_out: Mapping[str, str]


def study(
    family: str,
    output: Path,
    *,
    seeds: Sequence[int],
    train_seeds: Sequence[int],
    is_small: bool,
    replicates: int | None,
    organisations: int | None,
    methods: Sequence[str],
    progress: Bar,
) -> Laid:
    """Run a family and leave `detection.json` and the plots in a folder."""
    size = sized(SMALL if is_small else FULL, replicates, organisations)
    if apart := set(seeds) & set(train_seeds):
        raise BadRequest(f"seeds {sorted(apart)} are trained on and judged: keep them apart")
    if family == CASES:
        return _cases(output, seeds, train_seeds, size.cases, progress)
    names, _ = chosen(family, methods, is_small=is_small)
    where = machine()
    with progress(len(names) * (len(seeds) + len(train_seeds))) as done:
        found = run(family, seeds, train_seeds, size, methods, is_small=is_small, progress=done)
    reached, plots = goals(found), drawn(found)
    _leave(output, document(found, reached, where), plots)
    return Laid(tables(found, reached, plots), headlines(found, reached), found.left_out)


def _cases(output: Path, seeds: Sequence[int], train_seeds: Sequence[int], organisations: int, progress: Bar) -> Laid:
    where = machine()
    with progress(len(jobs(seeds, train_seeds, organisations))) as done:
        rows = run_cases(seeds, train_seeds, organisations, done)
    reached, plot = case_goals(rows), case_plot(rows)
    written = case_document(
        rows, reached, seeds=seeds, train_seeds=train_seeds, organisations=organisations, conditions=where
    )
    _leave(output, written, [plot])
    laid = [*case_tables(rows, plot), goal_table(reached)]
    return Laid(laid, laid, {})


def sized(size: Size, replicates: int | None, organisations: int | None) -> Size:
    """Give a setting with what was asked for in its place."""
    return Size(replicates or size.replicates, organisations or size.organisations, organisations or size.cases)


def _leave(output: Path, written: Mapping[str, Any], plots: Sequence[Curves]) -> None:
    output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(written, indent=1, ensure_ascii=False)
    (output / "detection.json").write_text(text + "\n", encoding="utf-8")
    for plot in plots:
        picture = curves(plot.lines, title=plot.title, across=plot.across, up=plot.up, is_log=plot.is_log)
        (output / f"{plot.name}.svg").write_bytes(picture)
