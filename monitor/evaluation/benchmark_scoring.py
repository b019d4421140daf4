"""How many series-periods a second the detectors score: settle, score, gather evidence and learn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np

from monitor.calendars import calendar
from monitor.detectors import detector_for, fold
from monitor.detectors.alone import Figure, alone
from monitor.detectors.contract import Values
from monitor.evaluation.decade import FIRST_WEEK, Drawn, nation
from monitor.evaluation.measured import Measured
from monitor.model import Kind

SERIES, GROUPS = 1_000, 4
WARM_UP_WEEKS, TIMED_WEEKS, RUNS = 52, 104, 3
NAME, UNIT = "scoring_series_periods_per_second", "series-periods/s"


def scoring(_folder: Path) -> Iterator[Measured]:
    """Measure each model at 1,000 series; the headline is the slowest of them."""
    figures = nation(organisations=SERIES, weeks=WARM_UP_WEEKS + TIMED_WEEKS, feeds=1).figures
    first = {kind: next(drawn for drawn in figures.values() if drawn.indicator.kind is kind) for kind in Kind}
    speeds = {detector_for(kind).name: speed(drawn) for kind, drawn in first.items()}
    width = f"{SERIES:,} weekly series in {GROUPS} peer groups, {TIMED_WEEKS} periods after {WARM_UP_WEEKS} of warm-up"
    slowest = min(speeds, key=lambda name: speeds[name])
    said = f"{width}, best of {RUNS} runs"
    yield Measured(NAME, speeds[slowest], UNIT, {"at_least": 250_000}, f"{said}; {slowest}, the slowest model")
    for name, value in speeds.items():
        yield Measured(NAME.replace("scoring", f"scoring_{name}", 1), value, UNIT, None, said)


def speed(drawn: Drawn) -> float:
    """Give the series-periods a second of one indicator's model; the best run, as others share the machine."""
    return max(_run(drawn) for _ in range(RUNS))


def _run(drawn: Drawn) -> float:
    detector = detector_for(drawn.indicator.kind)
    weeks, series = drawn.numerator.shape
    groups, sign = np.arange(series) % GROUPS, np.full(series, float(drawn.indicator.worse))
    state = fold.start(detector, series, 52)
    periods = [_values(drawn, week) for week in range(weeks)]
    begun = perf_counter()
    for week, values in enumerate(periods):
        if week == WARM_UP_WEEKS:
            begun = perf_counter()
        state, _ = fold.step(detector, state, values, groups, None, sign)
    return float((weeks - WARM_UP_WEEKS) * series / (perf_counter() - begun))


def speed_alone(drawn: Drawn) -> float:
    """Give the series-periods a second of one series of this indicator by itself, figure by figure; the best run."""
    weeks = [calendar("weekly").years(FIRST_WEEK + week) for week in range(len(drawn.numerator))]
    columns = drawn.numerator[:, 0].tolist(), drawn.denominator[:, 0].tolist()
    figures = [Figure(*each) for each in zip(weeks, *columns, strict=True)]
    return max(_run_alone(drawn, figures) for _ in range(RUNS))


def _run_alone(drawn: Drawn, figures: Sequence[Figure]) -> float:
    stream = alone(detector_for(drawn.indicator.kind).name, 52, drawn.indicator.worse)
    for figure in figures[:WARM_UP_WEEKS]:
        stream.learn_one(figure)
    begun = perf_counter()
    for figure in figures[WARM_UP_WEEKS:]:
        stream.take_one(figure)
    return (len(figures) - WARM_UP_WEEKS) / (perf_counter() - begun)


def _values(drawn: Drawn, week: int) -> Values:
    years = calendar("weekly").years(FIRST_WEEK + week)
    return Values(FIRST_WEEK + week, years, drawn.numerator[week], drawn.denominator[week])
