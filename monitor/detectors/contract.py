"""What a detector promises: river's two verbs over a whole block of series, pure.

A block is the series that share a model and a calendar, many indicators and peer groups at once. All
arrays have one entry per series; no method touches its arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from monitor.model import Vector

IntVector = np.ndarray[tuple[int], np.dtype[np.int64]]
BoolVector = np.ndarray[tuple[int], np.dtype[np.bool_]]
Matrix = np.ndarray[Any, np.dtype[np.float64]]
State = Mapping[str, np.ndarray[Any, np.dtype[Any]]]
"""All that a fold remembers; every array has the series as its first axis, in float64, int64 or bool."""
Common = Mapping[str, Vector]
"""The peers' quantities of one settled period, each of shape (series,): stored then, used by every refold."""

FEWEST_PEERS = 8
"""Below this a common shock cannot be told from the members themselves (detection.md §5)."""
LARGEST_DEVIATE = 30.0
"""Deviates end here, so that every tail probability stays above 0 in float64."""
CENTRAL_95 = 1.959963984540054
"""Half-width, in standard normal deviates, of a central 95 % interval."""


@dataclass(frozen=True, slots=True)
class Values:
    """One period of a block.

    Parameters
    ----------
    period
        Ordinal of the period in its calendar.
    years
        Midpoint of the period in years since 2000-01-01; it places the period in the season.
    numerator
        Count, events, sum of scores, or the bare value; NaN = missing.
    denominator
        Exposure, trials or respondents; NaN = has none (a plain count or a bare value), 0 = missing.
    """

    period: int
    years: float
    numerator: Vector
    denominator: Vector


@dataclass(frozen=True, slots=True)
class Scored:
    """How surprising a period is, positive for a rise, with the expectation it was held against.

    `expected` and the central 95 % `low`..`high` are per 1 of the denominator, or of the bare value
    where there is none. NaN where nothing was scored. `moved` is how far own figures have moved that expectation of
    late, in deviates, positive for a rise; 0 where a detector cannot tell. `usual` is what was expected before the
    peers' figures of the period were looked at. Of a rate and a count both are medians, or nearly: what was expected on
    the scale of the filter, taken back.
    """

    z: Vector
    expected: Vector
    low: Vector
    high: Vector
    moved: Vector
    usual: Vector

    def shared(self) -> Vector:
        """Give the log of the factor by which what the peers share moved the expectation; NaN: there is no factor."""
        is_ratio = (self.usual > 0.0) & (self.expected > 0.0)
        shared: Vector = np.log(np.where(is_ratio, self.expected, np.nan) / np.where(is_ratio, self.usual, np.nan))
        return shared


class Detector(Protocol):
    """River's two verbs over a block: state in, state out."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str:
        """Changes whenever the same figures would give other scores."""

    def start(self, series: int, *, per_year: int) -> State:
        """Give the state of series that have seen nothing."""

    def settle(self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None) -> Common:
        """Find what a period's peers share, for every series without its own value.

        A series without a value gets the whole group's. `groups` numbers the peer groups from 0, `regions` the
        regions, -1 = none; None where no regions are known.
        """

    def score(self, state: State, values: Values, common: Common) -> Scored:
        """Look at a period, and never touch the state."""

    def learn(self, state: State, values: Values, common: Common) -> State:
        """Take a period in."""

    def take(self, state: State, values: Values, common: Common) -> tuple[Scored, State]:
        """Do both at once, `score` and `learn`, and forecast once."""

    def turn(
        self, state: State, values: Values, groups: IntVector, regions: IntVector | None = None
    ) -> tuple[Common, Scored, State]:
        """Do all three at once, `settle` and `take`, and forecast once."""

    def inflate(self, state: State, which: BoolVector) -> State:
        """Forget the level of some series: its prior variance is added (a merger)."""


WARM_UP_PERIODS = {52: 26, 12: 12, 4: 4, 3: 3, 1: 2}
"""Observed periods that set the prior and are not scored, by periods a year: half a year of weeks, a year of
months, quarters and waves, and the two surveys without which there is no spread."""


def warm_up_periods(per_year: int) -> int:
    """Say how many observed periods set the prior.

    >>> warm_up_periods(12)
    12
    """
    return WARM_UP_PERIODS[per_year]


PRIOR_PERIODS = 12
"""Observed periods until which the peers' spread goes on setting a series' prior: three quarters or waves say
too little of a spread, and the peers' own say more each period."""


def prior_periods(per_year: int) -> int:
    """Say how many observed periods a series takes its prior spread from its peers."""
    return max(warm_up_periods(per_year), PRIOR_PERIODS)


def cadence(state: State) -> int:
    """Give the periods a year of the series of a state; all of a block have the same."""
    return int(state["per_year"][0]) if state["per_year"].size else 12


def warm_up(state: State) -> int:
    """Say how many observed periods set the prior of these series."""
    return warm_up_periods(cadence(state))
