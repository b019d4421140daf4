"""The goals of detection (detection.md §8) as figures of `make bench`, under their numbers there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from monitor.evaluation import benchmark_scoring
from monitor.evaluation.benchmark import Measure
from monitor.evaluation.benchmark_scoring import SERIES, speed, speed_alone
from monitor.evaluation.decade import nation
from monitor.evaluation.detection.budgeted import run_cases
from monitor.evaluation.detection.case_report import case_goals
from monitor.evaluation.detection.goals import goals
from monitor.evaluation.detection.run import run
from monitor.evaluation.detection.trials import FULL, Size
from monitor.evaluation.measured import Measured
from monitor.model import Kind

OURS = ("monitor", "monitor_sudden", "monitor_slow", "monitor_latched")
"""Methods that goals are read from; `monitor bench detection` runs the others beside them."""
OF_A = (
    *("G1", "G2", "G3", "G4.A.pod", "G7.A.theory", "G7.A.trained", "G7.A.theory.least_scenario"),
    *("G7.A.theory.most_scenario", "G7.A.trained.least_scenario", "G7.A.trained.most_scenario"),
)
OF_B = (
    *("G4.B.pod6", "G4.B.pod12", "G5.pod6", "G5.pod12", "G6.pod6", "G6.pod12", "G9.f1", "G9.loss_pod6"),
    "G9.f1_starts",
    *(f"{falls}.pod{reach}" for falls in ("falls", "falls.steps") for reach in (3, 6, 12)),
    *("G7.B.theory", "G7.B.trained", "G7.B.theory.shock", "G7.B.trained.shock"),
)
OF_CASES = (
    *(f"G10.{way}.{source}" for way in ("innovations", "dependent", "figures") for source in ("local", "official")),
    *(
        f"G13.{way}.{source}.{months}_months"
        for way in ("innovations", "any_family_alone.innovations", "figures")
        for source in ("local", "official")
        for months in (6, 12)
    ),
)
OF_SPEED = ("G8.together", "G8.one_at_a_time")


def measures(seeds: Sequence[int], train_seeds: Sequence[int], size: Size = FULL) -> Mapping[tuple[str, ...], Measure]:
    """Give the measurements of these seeds, by the figures that each gives."""
    return {
        OF_SPEED: speeds,
        OF_A: partial(_family, "A", seeds, train_seeds, size),
        OF_B: partial(_family, "B", seeds, train_seeds, size),
        OF_CASES: partial(_cases, seeds, train_seeds, size),
    }


def _family(
    family: str, seeds: Sequence[int], train_seeds: Sequence[int], size: Size, _folder: Path
) -> Iterator[Measured]:
    yield from goals(run(family, seeds, train_seeds, size, OURS))


def _cases(seeds: Sequence[int], train_seeds: Sequence[int], size: Size, _folder: Path) -> Iterator[Measured]:
    yield from case_goals(run_cases(seeds, train_seeds, size.cases))


def speeds(_folder: Path) -> Iterator[Measured]:
    """Measure the slowest model's whole step, a thousand series together and one at a time."""
    weeks = benchmark_scoring.WARM_UP_WEEKS + benchmark_scoring.TIMED_WEEKS
    figures = nation(organisations=SERIES, weeks=weeks, feeds=1).figures
    first = [next(drawn for drawn in figures.values() if drawn.indicator.kind is kind) for kind in Kind]
    for name, measure, least, said in (
        (OF_SPEED[0], speed, 500_000.0, f"{SERIES:,} weekly series together"),
        (OF_SPEED[1], speed_alone, 15_000.0, "one weekly series by itself, figure by figure (`detectors.alone`)"),
    ):
        slowest = min(map(measure, first))
        yield Measured(name, slowest, "series-periods/s", {"at_least": least}, f"{said}, the slowest model, one core")
