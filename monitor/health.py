"""Whether the models still fit: river's ADWIN on the standardised residuals of an indicator.

Where a model fits, its residuals stay as wide, and as often above as below, whatever the organisations do; a change
that all of them share is no change of care. It is for operators, and is never a signal.

References
----------
Bifet & Gavaldà (2007), Learning from time-changing data with adaptive windowing, SDM; river 0.26.1, `drift.ADWIN`;
its place here: detection.md §9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import numpy as np

from monitor.model import Period, Vector

CERTAINTY = 1e-4
"""ADWIN's delta: chance of one false cut. Smaller sees less and later; residuals of one period are not independent."""
CLIPPED = 4.0
"""Residuals end here: one wild figure is no change of a model."""
WIDE_OF_NORMAL = sqrt(2 / pi)
"""Mean absolute deviate where the model fits."""
WIDER, NARROWER, LEANING = 1.3, 0.7, 0.3
"""What is worth an operator's while: residuals so many times as wide as they should be, or so far off the middle."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Since when a model no longer fits, how wide its residuals are (1 = as they should be), and their mean."""

    since: Period
    width: float
    lean: float

    @property
    def said(self) -> str:
        """Say it in words.

        >>> from datetime import date
        >>> Misfit((date(2024, 3, 1), date(2024, 4, 1)), 1.62, 0.1).said
        'no longer fits since March 2024: figures stray 1.6 times as far as it expects'
        """
        far = f"figures stray {self.width:.1f} times as far as it expects"
        aside = f"figures of all organisations together lie {abs(self.lean):.1f} deviates to one side"
        wide = not NARROWER <= self.width <= WIDER
        return f"no longer fits since {self.since[0]:%B %Y}: {far if wide else aside}"


def misfit(periods: Sequence[Period], residuals: Sequence[Vector]) -> Misfit | None:
    """Find out whether, and since when, a model does not fit; None: it does, or there is too little to say.

    Parameters
    ----------
    residuals
        Standard normal deviates where the model fits, one array a period, oldest first; NaN = not scored.
    """
    kept = [np.clip(each[np.isfinite(each)], -CLIPPED, CLIPPED) for each in residuals]
    owner = np.repeat(np.arange(len(kept)), [each.size for each in kept])
    if not owner.size:
        return None
    stream = np.concatenate(kept)
    first = max(_cut(np.abs(stream)), _cut(stream))
    now = stream[first:]
    found = Misfit(periods[owner[first]], float(np.abs(now).mean()) / WIDE_OF_NORMAL, float(now.mean()))
    fits = NARROWER <= found.width <= WIDER and abs(found.lean) <= LEANING
    return None if fits or first == 0 else found


def _cut(stream: Vector) -> int:
    """Give where what ADWIN still holds to be one and the same begins; 0: it never saw a change."""
    from river import drift  # here: river takes a second to import, and few commands use it

    window: Any = drift.ADWIN(delta=CERTAINTY)  # type: ignore[no-untyped-call]
    for value in stream.tolist():
        window.update(value)
    return len(stream) - int(window.width)
