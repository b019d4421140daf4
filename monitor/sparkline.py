"""A series as one line of bars, where there is no room for a chart."""

from __future__ import annotations

from monitor.disclosure import HIDDEN, DisclosedExhibit, DisclosedPoint

BARS = "▁▂▃▄▅▆▇█"
MOST_BARS = 24


def sparkline(exhibit: DisclosedExhibit) -> str:
    """Draw the last periods, newest right; `*` stands for a hidden figure, a space for none.

    Where the signal begins after all that is shown, a `*` ends it: what it speaks of is hidden.
    """
    points = exhibit.points[-MOST_BARS:]
    values = [point.shown.value for point in points if point.shown.value is not None]
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    after = HIDDEN if points and points[-1].period[1] <= exhibit.since else ""
    return "".join(_bar(point, low, high) for point in points) + after


def _bar(point: DisclosedPoint, low: float, high: float) -> str:
    value = point.shown.value
    if value is None:
        return HIDDEN if point.shown.is_hidden else " "
    share = (value - low) / (high - low) if high > low else 0.5
    return BARS[min(int(share * len(BARS)), len(BARS) - 1)]
