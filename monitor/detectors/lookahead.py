"""What the filter of counts and shares expects of a period of a block, before and after its peers' figures are seen."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.detectors import baseline, persistence
from monitor.detectors.contract import Matrix, State, Values
from monitor.detectors.peers import Expected
from monitor.model import Vector


@dataclass(frozen=True, slots=True)
class Look:
    """One period before anything of it is seen, read by `row`; gain with the terms first, dispersion of what passes."""

    row: Vector
    predictor: Vector
    gain: Matrix
    variance: Vector
    passing: Vector


@dataclass(frozen=True, slots=True)
class Forecast:
    """The same with what the peers share: `shift` of the predictor by it, all else as it is then."""

    look: Look
    predictor: Vector
    variance: Vector
    expected: Expected
    spread: Vector
    shift: Vector


def look_ahead(state: State, values: Values) -> Look:
    """Predict a period, as yet without what its peers share."""
    row = baseline.regressors(values.years, state["mean"].shape[1])
    return Look(row, *baseline.look(state["mean"], state["covariance"], row), persistence.passing(state))
