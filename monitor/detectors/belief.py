"""Whether a figure can be believed at all: one that is off by a unit is a fault of data, never of care.

design.md §2 (data case). A level that is wrong by a hundred, or a figure of somebody else's size, is off by more than
thirty times; no worsening of care is. What is not believed is shown and scored, is no evidence, and moves no baseline:
so a slip that lasts is doubted for as long as it does.
"""

from __future__ import annotations

import numpy as np

from monitor.detectors.contract import BoolVector, Values
from monitor.model import Vector

FARTHEST = 30.0
"""Times the expectation, or parts of it, beyond which a figure is not believed: between the largest change that is
planted or published (.4 to 6 times) and the slips that people make (100, 1,000)."""
LEAST = 3.0
"""Of events so many at least are expected: of rare ones thirty times may be an outbreak."""
LEAST_OF = {"counts": LEAST, "proportions": LEAST, "gaussian": 0.5}
"""By model, what its figures are held against at least; of a rate's numerator a half is as good as none. A score has no
ratio: it may be about zero, and its contract says between what bounds it lies."""
LEAST_RATE = 0.05
"""Half of the last printed digit of a rate in percent: a bare one is held against no less."""
FEWEST = 8.0
"""A count smaller than this is not doubted as too small: that it was would tell how small (domain.md §5), and a fall
to nearly nothing tells something of its own, as a zero does. A bare rate is no count."""
TOO_LARGE, TOO_SMALL, BY_TOO_MUCH, BY_TOO_LITTLE = 1.0, -1.0, 2.0, -2.0
"""What is not believed of a figure: that it is so large or small, or that it is over so much or so little."""
EXPOSED = ("counts", "gaussian")
"""Models whose denominator is an exposure. Whom a survey reaches, as a proportion's and a score's, may well change
thirtyfold."""


def least(model: str, *, is_bare: bool) -> float:
    """Say what a model's figures are held against at least."""
    return LEAST_RATE if is_bare and model == "gaussian" else LEAST_OF[model]


def believed(figures: Vector, doubted: Vector) -> Vector:
    """Keep the figures, or what was made of them, that are not doubted; NaN in the place of others."""
    return np.where(doubted == 0.0, figures, np.nan)


def doubted(values: Values, usual: Vector, exposure: Vector, *, model: str) -> Vector:
    """Give what is not believed of each figure, by its code; 0: it is believed.

    `usual` as in `Scored`: where most of a feed is off by a unit, that is no shock that the peers share. `exposure`:
    the last one that was believed, NaN: none.

    >>> months, none = Values(0, 24.0, np.array([9000.0, 900.0, 9.0, 0.0]), np.full(4, np.nan)), np.full(4, np.nan)
    >>> doubted(months, np.full(4, 300.0), none, model="counts").tolist()
    [1.0, 0.0, -1.0, 0.0]
    """
    if model not in LEAST_OF:
        return np.zeros(usual.size)
    bare = np.isnan(values.denominator)
    usual = usual * np.where(bare, 1.0, values.denominator)
    is_counted = (values.numerator >= FEWEST) | (bare & (model == "gaussian") & (values.numerator > 0.0))
    floor = np.where(bare, least(model, is_bare=True), least(model, is_bare=False))
    above = values.numerator >= FARTHEST * np.maximum(usual, floor)
    below = is_counted & (values.numerator * FARTHEST <= usual)
    found = np.where(above, TOO_LARGE, np.where(below, TOO_SMALL, 0.0))
    if model not in EXPOSED:
        return found
    is_there = np.isfinite(values.numerator) & (values.denominator > 0.0)
    found = np.where(is_there & (values.denominator >= FARTHEST * exposure), BY_TOO_MUCH, found)
    return np.where(is_there & (values.denominator * FARTHEST <= exposure), BY_TOO_LITTLE, found)


def carried(exposure: Vector, is_own: BoolVector | bool, last: Vector) -> Vector:
    """Give exposures of which those of earlier periods that are not believed make room for the last that was."""
    is_far = (exposure >= FARTHEST * last) | (exposure * FARTHEST <= last)
    return np.where(is_far & ~np.asarray(is_own), last, exposure)
