"""Whether a figure can be believed at all: one that is off by a unit is a fault of data, never of care.

design.md §2 (data case). A level that is wrong by a hundred, or a figure of somebody else's size, is off by more than
thirty times; no worsening of care is. What is not believed is shown, and learnt from as any outlier is (with next to
no weight), and is no evidence.
"""

from __future__ import annotations

import numpy as np

from monitor.detectors.contract import Values
from monitor.model import Vector

FARTHEST = 30.0
"""Times the expectation, or parts of it, beyond which a figure is not believed: between the largest change that is
planted or published (.4 to 6 times) and the slips that people make (100, 1,000)."""
LEAST = 3.0
"""What is expected counts as so much at least: of rare events thirty times may be an outbreak."""


def doubted(values: Values, usual: Vector) -> Vector:
    """Give +1 where a figure is too large to be believed, -1 where too small, else 0.

    `usual` as in `Scored`: where most of a feed is off by a unit, that is no shock that the peers share.

    A zero is no slip of unit: it is a fall, and tells something of its own.

    >>> months = Values(0, 24.0, np.array([4500.0, 90.0, 0.4, 0.0]), np.full(4, np.nan))
    >>> doubted(months, np.full(4, 45.0)).tolist()
    [1.0, 0.0, -1.0, 0.0]
    """
    usual = usual * np.where(np.isnan(values.denominator), 1.0, values.denominator)
    above = values.numerator >= FARTHEST * np.maximum(usual, LEAST)
    below = (values.numerator > 0.0) & (values.numerator * FARTHEST <= usual) & (usual >= LEAST)
    return above.astype(np.float64) - below
