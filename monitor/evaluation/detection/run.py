"""Run methods over seeds on all cores, and compare them at matched rates of false alarms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from monitor.errors import BadRequest
from monitor.evaluation.detection.cores import on_all_cores
from monitor.evaluation.detection.matching import RATES, alarms, starts_threshold, threshold
from monitor.evaluation.detection.methods import METHODS
from monitor.evaluation.detection.methods.farrington import farrington, is_installed
from monitor.evaluation.detection.outcomes import Outcome, outcome
from monitor.evaluation.detection.trials import SERIES, Size, draw, levels
from monitor.evaluation.detection.truth import Truth, joined

TRAINED, MATCHED, STARTS, USUAL = "trained", "matched", "starts", "usual"
"""Where a threshold comes from: other seeds; the judged series, by false alarms or by the starts of them; or what the
method's users take."""
STARTING = 0.01
"""Share of quiet periods in which a false alarm starts, where starts are budgeted."""


@dataclass(frozen=True, slots=True)
class Job:
    """One method over one seed's draw."""

    family: str
    method: str
    seed: int
    size: Size


@dataclass(frozen=True, slots=True)
class Heard:
    """What a method said: evidence by level over the judged periods, and what it took."""

    evidence: Mapping[str, np.ndarray]
    series_periods_per_second: float


@dataclass(frozen=True, slots=True)
class Row:
    """One method on one level at one threshold; `rate` is the nominal one, None for the usual threshold."""

    method: str
    level: str
    source: str
    rate: float | None
    threshold: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Found:
    """All that a run gave: rows in the order of methods, truths and matched evidence by level, speeds."""

    family: str
    seeds: tuple[int, ...]
    train_seeds: tuple[int, ...]
    size: Size
    rows: tuple[Row, ...]
    truths: Mapping[str, Truth]
    evidence: Mapping[tuple[str, str], np.ndarray]  # by method and level
    speeds: Mapping[str, float]
    left_out: Mapping[str, str]


def chosen(family: str, names: Sequence[str], *, is_small: bool) -> tuple[list[str], dict[str, str]]:
    """Choose the methods to run (none named: all that are quick enough) and say why others are left out."""
    if unknown := [name for name in names if name not in METHODS]:
        raise BadRequest(f"method {unknown[0]}: there is none of this name; one of {', '.join(METHODS)}")
    left_out = {}
    if not is_installed():
        left_out[farrington.name] = "Rscript with the package surveillance is not installed"
    elif family != "A":
        left_out[farrington.name] = "it reads plain counts only"
    if family == "A":
        left_out |= {name: "family A has no peers" for name in ("monitor_alone", "river_gaussian_peer_relative")}
    for name, method in METHODS.items():
        if method.is_slow and not names and not is_small and name not in left_out:
            left_out[name] = f"it takes minutes: name it with --methods {name}"
    return [name for name in names or METHODS if name not in left_out], left_out


def run(
    family: str,
    seeds: Sequence[int],
    train_seeds: Sequence[int],
    size: Size,
    methods: Sequence[str] = (),
    *,
    is_small: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Found:
    """Run the methods and compare them; one step of progress for each method and seed."""
    names, left_out = chosen(family, methods, is_small=is_small)
    slow_first = sorted(names, key=lambda name: not METHODS[name].is_slow)  # so that no core waits for them at the end
    jobs = [Job(family, name, seed, size) for name in slow_first for seed in (*seeds, *train_seeds)]
    heard = on_all_cores(listen, jobs, progress)
    truths = {seed: draw(family, seed, size).truths for seed in (*seeds, *train_seeds)}
    judged, trained = (
        {level: joined([truths[seed][level] for seed in some]) for level in truths[some[0]]}
        for some in (seeds, train_seeds)
    )
    said = {
        (name, level): tuple(
            np.hstack([heard[Job(family, name, seed, size)].evidence[level] for seed in some])
            for some in (seeds, train_seeds)
        )
        for name in names
        for level in heard[Job(family, name, seeds[0], size)].evidence
    }
    rows = [
        row
        for (name, level), (evidence, training) in said.items()
        for row in _rows(name, level, evidence, judged[level], training, trained[level])
    ]
    speeds = {
        name: max(heard[Job(family, name, seed, size)].series_periods_per_second for seed in seeds) for name in names
    }
    return Found(
        family, tuple(seeds), tuple(train_seeds), size, tuple(rows), judged,
        {key: evidence for key, (evidence, _) in said.items()}, speeds, left_out,
    )  # fmt: skip


def listen(job: Job) -> Heard:
    """Run one method over one draw, in a process of its own."""
    trial, method = draw(job.family, job.seed, job.size), METHODS[job.method]
    begun = perf_counter()
    said = method.evidence(trial.panel)
    seconds = perf_counter() - begun
    return Heard(levels(trial, method, said), trial.panel.numerator.size / seconds)


def _rows(
    name: str, level: str, evidence: np.ndarray, truth: Truth, training: np.ndarray, trained: Truth
) -> list[Row]:  # fmt: skip
    usual = METHODS[name].usual
    found = [] if usual is None else [Row(name, level, USUAL, None, usual, outcome(alarms(evidence, usual), truth))]
    for rate in RATES:
        for source, said, known in ((TRAINED, training, trained), (MATCHED, evidence, truth)):
            at = threshold(said, known, rate)
            found.append(Row(name, level, source, rate, at, outcome(alarms(evidence, at), truth)))
    if level == SERIES:
        at = starts_threshold(evidence, truth, STARTING)
        found.append(Row(name, level, STARTS, STARTING, at, outcome(alarms(evidence, at), truth)))
    return found
