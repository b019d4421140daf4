"""What the plots show, as numbers: found against false alarms, and found against time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.evaluation.detection.matching import CURVE, alarms, threshold
from monitor.evaluation.detection.outcomes import tally
from monitor.evaluation.detection.run import Found
from monitor.evaluation.detection.trials import SERIES
from monitor.evaluation.detection.truth import Truth

Points = Sequence[tuple[float, float]]
RATE = 0.01
"""False alarms at which delays are drawn."""
WEEKS_OF_OUTBREAK = 4
"""Drawn of an outbreak; nearly all of them are over by then."""


@dataclass(frozen=True, slots=True)
class Curves:
    """One plot: lines by method, with what its axes show."""

    name: str
    title: str
    across: str
    up: str
    lines: Mapping[str, Points]
    is_log: bool = False


def drawn(found: Found) -> tuple[Curves, ...]:
    """Work out both plots of a run."""
    truth = found.truths[SERIES]
    said = {name: evidence for (name, level), evidence in found.evidence.items() if level == SERIES}
    reach = "an outbreak" if found.family == "A" else "6 months"
    where = f"family {found.family}, seeds {', '.join(map(str, found.seeds))}"
    return (
        Curves(
            "pod_by_fpr", f"Found within {reach} ({where})", "false alarms per series-period", "share found",
            {name: _by_rate(evidence, truth) for name, evidence in said.items()}, is_log=True,
        ),
        Curves(
            "found_by_delay", f"Found at {RATE:.0%} false alarms ({where})",
            f"{'weeks' if found.family == 'A' else 'months'} from the onset", "share found",
            {name: _by_age(evidence, truth) for name, evidence in said.items()},
        ),
    )  # fmt: skip


def _by_rate(evidence: np.ndarray, truth: Truth) -> Points:
    """Give the share found within 6 months, or at all in an outbreak, by rate of false alarms."""
    place = list(truth.reaches).index("6") if "6" in truth.reaches else 0
    points = []
    for rate in CURVE:
        sums = tally(alarms(evidence, threshold(evidence, truth, rate)), truth).sum(axis=0)
        points.append((rate, float(sums[place] / sums[len(truth.reaches)])))
    return points


def _by_age(evidence: np.ndarray, truth: Truth) -> Points:
    """Give the share found within each number of periods at `RATE`."""
    alarm = alarms(evidence, threshold(evidence, truth, RATE)) & truth.event
    age = np.cumsum(truth.event, axis=0)
    events = max(int(truth.has_event.sum()), 1)
    longest = max(truth.reaches.values())
    ages = range(1, min(longest, WEEKS_OF_OUTBREAK if longest > truth.event.shape[0] else longest) + 1)
    return [(float(most), float((alarm & (age <= most)).any(axis=0).sum() / events)) for most in ages]
