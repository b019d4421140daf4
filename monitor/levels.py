"""Whose level is among the worst of its peers, survey after survey (pure).

Change detection cannot see who has always been low, yet the level of what staff say went with later concerns
(domain.md §0.2): two surveys running in the worst tenth make an organisation "long low" (detection.md §7).
"""

from __future__ import annotations

import numpy as np

from monitor.model import Indicator, Kind, SmallNumbers, Vector

TENTH = 10
FEWEST = 20
"""Below so many peers a tenth is nobody, or one."""


def is_survey(indicator: Indicator, per_year: int) -> bool:
    """Say whether levels are followed: of what staff answer once a year."""
    asks_staff = indicator.small_numbers is SmallNumbers.RESPONDENTS
    return asks_staff and per_year == 1 and indicator.kind in (Kind.PROPORTION, Kind.SCORE)


def badness(indicator: Indicator, numerator: Vector, denominator: Vector) -> Vector:
    """Give the level so that more is worse; a bare value is its own level, NaN is missing."""
    level: Vector = indicator.worse * np.where(np.isnan(denominator), numerator, numerator / denominator)
    return level


def worst_tenth(level: Vector) -> float:
    """Give the badness from which on an organisation is among the worst tenth of its peers; NaN: too few of them.

    >>> worst_tenth(np.arange(30.0))
    27.0
    """
    heard = np.sort(level[np.isfinite(level)])
    return float(heard[-(heard.size // TENTH)]) if heard.size >= FEWEST else float("nan")


def running(before: Vector, level: Vector, worst: float) -> Vector:
    """Count the surveys in a row among the worst tenth; one that says nothing of an organisation ends no run."""
    counted: Vector = np.where(np.isfinite(level) & np.isfinite(worst), np.where(level >= worst, before + 1, 0), before)
    return counted
