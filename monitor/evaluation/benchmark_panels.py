"""How fast `monitor score` is: the whole command, CSV in and out, and its scoring step alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from monitor.calendars import calendar
from monitor.evaluation.measured import Measured
from monitor.evaluation.panels.asked import Asked, Worse
from monitor.evaluation.panels.panel import Panel, checked
from monitor.evaluation.panels.scoring import scored
from monitor.evaluation.panels.table import read
from monitor.model import Kind

SERIES, WEEKS, GROUPS, RUNS = 2_000, 260, 4, 3
SEED = 7


def panels(folder: Path, *, series: int = SERIES, weeks: int = WEEKS, runs: int = RUNS) -> Iterator[Measured]:
    """Measure a panel of weekly counts with exposure; the best run, as others share the machine."""
    path = _drawn(folder / "panel.csv", series, weeks)
    asked = Asked(path, folder / "scores.csv", "weekly", Kind.COUNT, Worse.HIGHER, 0.01, "panel")
    panel = checked(read(path), asked)
    size = f"{series:,} weekly counts with exposure in {GROUPS} peer groups, {weeks} weeks, best of {runs} runs"
    command = max(series * weeks / _command(asked) for _ in range(runs))
    step = max(series * weeks / _step(panel, asked) for _ in range(runs))
    unit = "rows/s"
    yield Measured("panel_rows_per_second", command, unit, {"at_least": 100_000}, f"{size}, CSV to CSV, a new process")
    yield Measured("panel_scoring_rows_per_second", step, unit, {"at_least": 500_000}, size)


def _drawn(path: Path, series: int, weeks: int) -> Path:
    """Write a panel of counts under chance, rows by series and then week."""
    rng = np.random.default_rng(SEED)
    exposure = rng.uniform(900.0, 1100.0, (series, weeks)).round(1)
    mean = 0.02 * exposure * np.exp(rng.normal(0.0, 0.3, (series, 1)))
    days = [calendar("weekly").start(2_000 + week).isoformat() for week in range(weeks)]
    place = np.repeat(np.arange(series), weeks)
    table = pa.table(
        {
            "series": pa.array(np.char.add("s", place.astype(str))),
            "peer_group": pa.array(np.char.add("g", (place % GROUPS).astype(str))),
            "period": pa.array(days * series),
            "numerator": rng.poisson(rng.gamma(mean, 1.0)).ravel(),
            "denominator": exposure.ravel(),
        }
    )
    arrow_csv.write_csv(table, path)
    return path


def _command(asked: Asked) -> float:
    """Give the seconds that the whole command takes, its start included."""
    command = [sys.executable, "-m", "monitor", "score", str(asked.path), "--output", str(asked.output)]
    begun = perf_counter()
    subprocess.run([*command, "--cadence", asked.cadence, "--kind", asked.kind], check=True, capture_output=True)
    return perf_counter() - begun


def _step(panel: Panel, asked: Asked) -> float:
    """Give the seconds that scoring takes once the panel is read."""
    begun = perf_counter()
    scored(panel, asked)
    return perf_counter() - begun
