"""One step of a block: settle, score, gather evidence, learn; the only way that state moves forward."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from monitor.detectors import belief, evidence, latch
from monitor.detectors.belief import believed
from monitor.detectors.contract import BoolVector, Common, Detector, IntVector, Scored, State, Values
from monitor.detectors.evidence import Evidence
from monitor.model import Vector

BELIEVED_EXPOSURE, DOUBTED = "exposure", "doubted"
"""In a state, beside what detector and evidence know: the last exposure of each series that was believed, and what is
not believed of its newest figure."""

BEYOND = 3.0
"""A figure of a level that people have accepted lies this many deviates away only where the past tells no scale, as one
of zeros: then it is as if nothing had been seen."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one period gave; `scored.z` is positive = worse, whatever direction is worse.

    `latched`: a plain worsening still holds; `latched_since` is the ordinal of the period in which it became plain.
    `doubted`: whose figure is not believed (`belief.doubted`), and so is no evidence.
    """

    scored: Scored
    evidence: Evidence
    common: Common
    latched: BoolVector
    latched_since: Vector
    doubted: Vector

    @property
    def counted(self) -> Vector:
        """Give the deviates that are evidence; NaN where none is."""
        return believed(self.scored.z, self.doubted)


def start(detector: Detector, series: int, per_year: int) -> State:
    """Give the state, detector's and evidence's in one, of series that have seen nothing."""
    gathered = {**evidence.start(series), **latch.start(series), "cadence": np.full(series, per_year)}
    gathered |= {BELIEVED_EXPOSURE: np.full(series, np.nan), DOUBTED: np.zeros(series)}
    return {**detector.start(series, per_year=per_year), **gathered}


def step(
    detector: Detector,
    state: State,
    values: Values,
    groups: IntVector | None,
    common: Common | None,
    sign: Vector,
    regions: IntVector | None = None,
    anew: BoolVector | None = None,
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
    regions
        Regions, when the period settles now; -1 = none, None: no regions are known.
    anew
        Whose level is the new normal from this period on; None: nobody's.
    """
    stored = common
    state = state if anew is None else begin_anew(state, anew, detector=detector)
    common, raised, learnt = _turned(detector, state, values, groups, regions, stored)
    doubted = belief.doubted(values, raised.usual, state[BELIEVED_EXPOSURE], model=detector.name)
    if anew is not None and (far := anew & ((doubted != 0.0) | (np.abs(raised.z) > BEYOND))).any():
        state = _never_seen(state, far, detector=detector)  # people say that this is right
        return step(detector, state, values, groups, stored, sign, regions)
    if doubted.any():  # what is not believed moves nobody's baseline, and is no part of what peers share
        without = replace(values, numerator=believed(values.numerator, doubted))
        common, _, learnt = _turned(detector, state, without, groups, regions, stored)
        raised = detector.score(state, values, common)
    scored = replace(raised, z=raised.z * sign, moved=raised.moved * sign)
    counted = replace(scored, z=believed(scored.z, doubted))
    per_year, period = _cadence(state), values.period
    gathered, found = evidence.accumulate(state, counted.z, per_year=per_year, period=period)
    held = latch.hold(state, counted, found.worse, per_year=per_year, period=period)
    told = _told(state, values, doubted)
    made = Step(scored, found, common, held["latched"], held["latched_since"], told[DOUBTED])
    return {**learnt, **gathered, **held, **told}, made


def _told(state: State, values: Values, doubted: Vector) -> State:
    """Keep what is believed of exposures, and what is not of figures; a missing one says nothing of either."""
    is_there = np.isfinite(values.numerator)
    exposure = believed(np.where(is_there & (values.denominator > 0.0), values.denominator, np.nan), doubted)
    return {
        BELIEVED_EXPOSURE: np.where(np.isfinite(exposure), exposure, state[BELIEVED_EXPOSURE]),
        DOUBTED: np.where(is_there, doubted, state[DOUBTED]),
    }


def _turned(
    detector: Detector, state: State, values: Values, groups: IntVector | None, regions: IntVector | None,
    stored: Common | None,
) -> tuple[Common, Scored, State]:  # fmt: skip
    if stored is not None:
        return stored, *detector.take(state, values, stored)
    assert groups is not None, "a period that settles needs its peer groups"
    return detector.turn(state, values, groups, regions)


def _cadence(state: State) -> int:
    return int(state["cadence"][0]) if state["cadence"].size else 12


def inflate(state: State, which: BoolVector, *, detector: Detector) -> State:
    """Add the level's prior variance to some series, as a merger does on its legal date; nothing older is held."""
    forgotten = {
        BELIEVED_EXPOSURE: np.where(which, np.nan, state[BELIEVED_EXPOSURE]),
        DOUBTED: np.where(which, 0.0, state[DOUBTED]),
    }
    return latch.accept({**state, **detector.inflate(state, which), **forgotten}, which)


def begin_anew(state: State, which: BoolVector, *, detector: Detector) -> State:
    """Begin the baseline of some series anew: their level is the new normal, and nothing holds against the old one."""
    return evidence.forget(inflate(state, which, detector=detector), which)


def _never_seen(state: State, which: BoolVector, *, detector: Detector) -> State:
    """Let some series begin as if nothing had been seen of them: no figure of before says what is usual now."""
    blank = start(detector, which.size, _cadence(state))
    rows = np.flatnonzero(which)
    begun = {name: array.copy() for name, array in state.items()}
    for name, array in begun.items():
        array[rows] = blank[name][rows]
    return begun
