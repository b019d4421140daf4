"""How fast, how large: each figure with its goal, measured on this machine and kept in one JSON file."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from monitor.errors import BadRequest
from monitor.evaluation.benchmark_airflow import carried
from monitor.evaluation.benchmark_intake import intake
from monitor.evaluation.benchmark_outbox import outbox
from monitor.evaluation.benchmark_panels import panels
from monitor.evaluation.benchmark_replay import replays
from monitor.evaluation.benchmark_scoring import scoring
from monitor.evaluation.measured import Measured

LOOP_STEPS = 10_000_000
"""Of a plain loop, by whose seconds the figures of two machines, or of a busy and an idle one, can be compared."""
Measure = Callable[[Path], Iterator[Measured]]
"""Measures in an empty folder; gives one figure or several that come out of one run."""

MEASURES: Mapping[tuple[str, ...], Measure] = {
    # first, while this process is small: what it holds when it starts another counts into that one's peak (Linux)
    ("replay_seconds", "replay_peak_rss_bytes", "replay_database_bytes"): replays,
    (
        "scoring_series_periods_per_second", "scoring_counts_series_periods_per_second",
        "scoring_gaussian_series_periods_per_second", "scoring_proportions_series_periods_per_second",
        "scoring_scores_series_periods_per_second",
    ): scoring,
    ("panel_rows_per_second", "panel_scoring_rows_per_second"): panels,
    ("embedded_observations_per_second",): intake,
    ("publish_to_outbox_p99_seconds", "publish_to_outbox_median_seconds", "write_lock_p99_seconds"): outbox,
    ("dag_import_seconds", "dag_run_seconds", "dag_seconds_per_100k_rows", "dag_overhead_ratio"): carried,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it is kept: value, unit, its goal (None: reported only), and the conditions it was measured in."""

    name: str
    value: float
    unit: str
    goal: Mapping[str, float] | None
    conditions: str

    @property
    def verdict(self) -> str:
        """Say whether the goal is met."""
        if self.goal is None:
            return "no goal"
        within = self.value >= self.goal.get("at_least", self.value) and self.value <= self.goal.get(
            "at_most", self.value
        )
        return "met" if within else "NOT MET"


def bench(
    output: Path,
    *,
    only: str | None = None,
    progress: Callable[[int], None] = lambda done: None,
    measures: Mapping[tuple[str, ...], Measure] = MEASURES,
) -> tuple[Figure, ...]:
    """Measure and keep the figures in `output`; give those measured now.

    Parameters
    ----------
    only
        One figure's name: the entries of the others stay as they are. `BadRequest` where there is none such.
    """
    names = [name for some in measures for name in some]
    if only is not None and only not in names:
        raise BadRequest(f"figure {only}: there is none of this name; ONLY is one of {', '.join(names)}")
    found = []
    for some, measure in measures.items():
        if only is None or only in some:
            found += [figure for figure in _measured(measure) if only in (None, figure.name)]
        progress(1)
    _keep(output, found)
    return tuple(found)


def _measured(measure: Measure) -> list[Figure]:
    """Run one measurement in a folder that goes away with it; the load is read before it makes its own."""
    where = machine()
    with TemporaryDirectory(prefix="monitor-bench-") as folder:
        return [
            Figure(one.name, one.value, one.unit, one.goal, f"{where}; {one.conditions}")
            for one in measure(Path(folder))
        ]


def machine() -> str:
    """Say in words what the figures were measured on, and what else it was doing."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    cores = f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()})"
    return f"{cores}, {python}, load {load} and {_loop_seconds():.2f} s for {LOOP_STEPS:,} steps of a plain loop before"


def _loop_seconds() -> float:
    begun, total = perf_counter(), 0
    for step in range(LOOP_STEPS):
        total += step
    return perf_counter() - begun


def _keep(output: Path, new: Sequence[Figure]) -> None:
    """Put new figures in the places of those of the same name; others stay."""
    kept = {entry["name"]: entry for entry in json.loads(output.read_text())} if output.exists() else {}
    kept.update({figure.name: asdict(figure) for figure in new})
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(list(kept.values()), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
