"""One series, figure by figure: what `fold` does for a block, with river's verbs."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite, nan
from typing import Any, NamedTuple, Protocol

from monitor.detectors import bank, belief
from monitor.detectors.alone.counted import Counted
from monitor.detectors.alone.gathered import Gathered, Tails, gathered, rhythm
from monitor.detectors.alone.likelihoods import Counts, Shares
from monitor.detectors.alone.rates import Rates, Seen
from monitor.detectors.contract import WARM_UP_PERIODS
from monitor.detectors.gaussian import scores


class Figure(NamedTuple):
    """One figure of a series.

    Parameters
    ----------
    years
        Midpoint of its period in years since 2000-01-01; it places the period in the season.
    numerator
        Count, events, sum of scores, or the bare value; NaN = missing.
    denominator
        Exposure, trials or respondents; NaN = has none.
    """

    years: float
    numerator: float
    denominator: float = nan


class Judged(NamedTuple):
    """How surprising a figure is (z positive = worse), what was expected, and what has accumulated (`Tails`).

    NaN where nothing is scored. `doubted`: what is not believed of the figure, by its code (`belief`), 0 = nothing.
    """

    z: float
    expected: float
    low: float
    high: float
    tails: Tails
    latched: bool
    doubted: float


class Filter(Protocol):
    """What a model does with one period."""

    def ahead(self, numerator: float, denominator: float, years: float) -> tuple[Seen, Any]: ...
    def learn(self, ahead: Any, years: float, *, holds: bool) -> None: ...


class Alone:
    """A series that is scored by itself."""

    def __init__(self, model: str, of: Filter, per_year: int, worse: int) -> None:
        self._model, self._filter, self._worse, self._rhythm = model, of, worse, rhythm(per_year)
        self._held, self._exposure = Gathered(), nan

    def score_one(self, figure: Figure) -> Judged:
        """Look at a figure, and touch nothing."""
        return self._judged(figure)[0]

    def learn_one(self, figure: Figure) -> None:
        """Take a figure in."""
        self.take_one(figure)

    def take_one(self, figure: Figure) -> Judged:
        """Do both at once, and forecast once."""
        judged, ahead, held = self._judged(figure)
        years, numerator, denominator = map(float, figure)
        if judged.doubted:  # what is not believed moves no baseline
            _, ahead = self._filter.ahead(nan, denominator, years)
        self._filter.learn(ahead, years, holds=self._held.latched)
        self._held = held
        if not judged.doubted and isfinite(numerator) and 0.0 < denominator < inf:
            self._exposure = denominator
        return judged

    def _judged(self, figure: Figure) -> tuple[Judged, Any, Gathered]:
        years, numerator, denominator = map(float, figure)  # of NumPy's own floats all that follows would be slow
        seen, ahead = self._filter.ahead(numerator, denominator, years)
        doubted = self._doubted(numerator, denominator, seen.expected)
        z, moved = seen.z * self._worse, seen.moved * self._worse
        held, tails = gathered(self._held, nan if doubted else z, moved, self._rhythm)
        return Judged(z, seen.expected, seen.low, seen.high, tails, held.latched, doubted), ahead, held

    def _doubted(self, numerator: float, denominator: float, usual: float) -> float:
        """Give what is not believed of a figure, as `belief.doubted` does."""
        if self._model not in belief.LEAST_OF:
            return 0.0
        bare, exposure = denominator != denominator, self._exposure
        if self._model in belief.EXPOSED and isfinite(numerator) and denominator > 0.0:
            if denominator * belief.FARTHEST <= exposure:
                return belief.BY_TOO_LITTLE
            if denominator >= belief.FARTHEST * exposure:
                return belief.BY_TOO_MUCH
        if usual != usual:
            return 0.0
        usual *= 1.0 if bare else denominator
        if numerator >= belief.FARTHEST * max(usual, belief.least(self._model, is_bare=bare)):
            return belief.TOO_LARGE
        counts = numerator >= belief.FEWEST or (bare and self._model == "gaussian" and numerator > 0.0)
        return belief.TOO_SMALL if counts and numerator * belief.FARTHEST <= usual else 0.0


_FILTERS: dict[str, Callable[[int], Filter]] = {
    "counts": lambda per_year: Counted(Counts(), per_year),
    "proportions": lambda per_year: Counted(Shares(), per_year),
    "gaussian": lambda per_year: Rates(bank.gaussian.both, per_year),
    "scores": lambda per_year: Rates(scores, per_year),
}


def alone(model: str, per_year: int, worse: int) -> Alone:
    """Give a series that has seen nothing.

    Parameters
    ----------
    model
        counts, gaussian, scores or proportions.
    per_year
        Periods a year: 52, 12, 4, 3 or 1.
    worse
        +1 where a rise is worse, -1 where a fall is.

    Raises
    ------
    ValueError
        There is no such model or calendar.

    Examples
    --------
    Twenty-four months about 30, then one of 60:

    >>> complaints = alone("counts", per_year=12, worse=1)
    >>> for month in range(24):
    ...     complaints.learn_one(Figure(years=20 + month / 12, numerator=30.0 + month % 5))
    >>> seen = complaints.score_one(Figure(years=22.0, numerator=60.0))
    >>> round(seen.expected), seen.z > 3.0, seen.tails.worse < 0.01
    (32, True, True)
    """
    if per_year not in WARM_UP_PERIODS:
        raise ValueError(f"{per_year} periods a year: a series has 52, 12, 4, 3 or 1")
    if model not in _FILTERS:
        raise ValueError(f"model {model}: there is none of this name; it is one of {', '.join(_FILTERS)}")
    return Alone(model, _FILTERS[model](per_year), per_year, worse)
