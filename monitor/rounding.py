"""What is too small to show, and how finely the rest may be written (domain.md §5); for `disclosure` alone."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor

from monitor.coarsening import SMALLEST_SHOWN
from monitor.model import Indicator, Kind, SmallNumbers

NEAREST = 5
FEWEST_RESPONDENTS = 11
"""NHS staff survey practice: groups under 11 are not shown (domain.md §5)."""
FEWEST_FTE_DAYS = 330
"""NHS Digital blanks sickness rates at or below this many FTE days available (about 11 full-time staff)."""
ONE_DECIMAL_FROM = 4000
"""Denominator from which a percentage of rounded counts is reliable to one decimal (NHS Digital, HES guidance)."""


def decimals(value: float, indicator: Indicator, denominator: float | None, more: int = 0) -> int:
    """Say how many decimals a figure gets; `more` only where they tell no count of people more finely.

    The rate of a rounded count tells that rounded count at most, however many digits it has.
    """
    if indicator.kind is Kind.PROPORTION:
        return 1 if denominator is None or denominator >= ONE_DECIMAL_FROM else 0
    if indicator.small_numbers is SmallNumbers.FTE_DAYS:
        return 2 + more
    if indicator.kind is Kind.SCORE:
        return 2
    if indicator.kind is Kind.COUNT:
        return 0 if denominator is None else places_of(value) + more
    return places_of(value) + more


def written(average: float, indicator: Indicator, denominator: float | None) -> int:
    """Say how many decimals an average of shown figures gets: theirs, for what has a fixed number of them.

    It tells nothing that they do not, however it is written; more digits would claim more than there is.
    """
    if indicator.kind is Kind.PROPORTION or indicator.small_numbers is SmallNumbers.FTE_DAYS:
        return decimals(average, indicator, denominator)
    return places_of(average)


def places_of(value: float) -> int:
    """Decimals that leave two or three digits that mean something."""
    if value >= 100 or value == 0:
        return 0
    if value >= 10:
        return 1
    return 2 if value >= 0.1 else 3


def nearest(count: float) -> float:
    """Round a count to the nearest 5."""
    return float(NEAREST * floor(count / NEAREST + 0.5))


def down(count: float) -> float:
    """Round a count down to 5s."""
    return float(NEAREST * floor(count / NEAREST))


def up(count: float) -> float:
    """Round a count up to 5s."""
    return float(NEAREST * ceil(count / NEAREST))


def limit_of(
    value: float | None,
    indicator: Indicator,
    denominator: float | None,
    rounded: Callable[[float], float],
    more: int,
) -> float | None:
    """Round an expectation as coarsely as the figures it was learnt from; a range grows and never shrinks."""
    if value is None:
        return None
    if indicator.kind is not Kind.COUNT or indicator.small_numbers is not SmallNumbers.PEOPLE:
        return round(value, decimals(value, indicator, denominator, more))
    scale = indicator.per / denominator if denominator else 1.0
    limit = rounded(value / scale) * scale
    return round(limit, places_of(limit) + more)


def is_small(numerator: float, denominator: float | None, indicator: Indicator, source: str) -> bool:
    """Say whether a figure must be hidden: it, its rest or its base is of too few people."""
    if indicator.small_numbers is SmallNumbers.FTE_DAYS:
        return source != "official" and (denominator or 0) <= FEWEST_FTE_DAYS
    is_survey = indicator.small_numbers is SmallNumbers.RESPONDENTS and source != "official"
    if is_survey and (denominator or 0) < FEWEST_RESPONDENTS:
        return True
    if indicator.kind is Kind.SCORE:
        return is_few(denominator or 0)
    rest_is_few = indicator.kind is Kind.PROPORTION and is_few((denominator or 0) - numerator)
    return rest_is_few or is_few(numerator) or is_few(denominator or 0)


def is_few(people: float) -> bool:
    """Say whether this many people may not be counted in public."""
    return 0 < people < SMALLEST_SHOWN
