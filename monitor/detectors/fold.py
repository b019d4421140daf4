"""One step of a block: settle, score, gather evidence, learn; the only way that state moves forward."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.detectors import evidence
from monitor.detectors.contract import BoolVector, Common, Detector, IntVector, Scored, State, Values
from monitor.detectors.evidence import Evidence
from monitor.model import Vector


@dataclass(frozen=True, slots=True)
class Step:
    """What one period gave; `scored.z` is positive = worse, whatever direction is worse."""

    scored: Scored
    evidence: Evidence
    common: Common


def start(detector: Detector, series: int, per_year: int) -> State:
    """Give the state, detector's and evidence's in one, of series that have seen nothing."""
    return {**detector.start(series, per_year=per_year), **evidence.start(series), "cadence": np.full(series, per_year)}


def step(
    detector: Detector,
    state: State,
    values: Values,
    groups: IntVector | None,
    common: Common | None,
    sign: Vector,
) -> tuple[State, Step]:
    """Take one period in.

    Parameters
    ----------
    groups
        Peer groups, when the period settles now; None in a refold.
    common
        The peers' quantities stored when the period settled; None: settle now.
    sign
        +1 where a rise is worse, -1 where a fall is.
    """
    if common is None:
        assert groups is not None, "a period that settles needs its peer groups"
        common = detector.settle(state, values, groups)
    raised = detector.score(state, values, common)
    scored = Scored(raised.z * sign, raised.expected, raised.low, raised.high)
    gathered, found = evidence.accumulate(state, scored.z, per_year=_cadence(state), period=values.period)
    return {**gathered, **detector.learn(gathered, values, common)}, Step(scored, found, common)


def _cadence(state: State) -> int:
    return int(state["cadence"][0]) if state["cadence"].size else 12


def inflate(state: State, which: BoolVector, *, detector: Detector) -> State:
    """Add the level's prior variance to some series, as a merger does on its legal date."""
    return {**state, **detector.inflate(state, which)}
