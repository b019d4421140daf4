"""What one series did, in words: which way, since when, and what its chart cannot show of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from monitor.disclosure import DisclosedExhibit, DisclosedPoint, Window
from monitor.model import Indicator, Kind

_DAYS = ((7, "weeks"), (31, "months"), (92, "quarters"), (366, "years"))


def since(day: date | None) -> str | None:
    """Name the month of an onset: the start of a change is never known to the week."""
    return f"{day:%B %Y}" if day else None


def in_words(exhibit: DisclosedExhibit) -> str:
    """Say what one series did; what chance does once in ten only leans."""
    said = changed(exhibit.indicator, rises=exhibit.rises)
    return f"a lean towards {said}" if exhibit.leans else said


def changed(indicator: Indicator, *, rises: bool) -> str:
    """Say what an indicator did."""
    if indicator.kind is Kind.COUNT:
        return f"{'more' if rises else 'fewer'} {indicator.name}"
    return f"a {'rise' if rises else 'fall'} in {indicator.name}"


def within(exhibit: DisclosedExhibit) -> str | None:
    """Say how there is a signal though what was seen is not beyond the usual, on average; None: it is beyond."""
    window = exhibit.window
    if window is None:
        return None
    seen, low, high = (_number(text) for text in (window.seen, window.low, window.high))
    if not low <= seen <= high:
        return None if (seen > high) is exhibit.rises else "what can be shown lies the other way"
    if exhibit.latched_since:
        return "by now its usual level"
    shown = [point for point in _after(exhibit) if point.shown.value is not None]
    if any(is_outside(point) for point in shown):
        return f"on average within the usual, single {exhibit.calendar} beyond it"
    one = exhibit.calendar.removesuffix("s")
    if len(shown) == 1:
        return f"that {one} by itself is within the usual"
    together = "; together they lean the same way" if _leans_as_said(window, rises=exhibit.rises) else ""
    return f"each {one} by itself is within the usual{together}"


def unseen(exhibit: DisclosedExhibit) -> str | None:
    """Say that no figure since the onset can be shown, and what is shown instead; None: some can."""
    after = _after(exhibit)
    if any(point.shown.value is not None for point in after):
        return None
    is_missing = bool(after) and not any(point.shown.is_hidden for point in after)
    why = "have no figure" if is_missing else "are hidden (too few people)"
    before = any(point.shown.value is not None for point in exhibit.points)
    earlier = f"; shown are earlier {exhibit.calendar}" if before else ""
    return f"the {_periods(exhibit)} since {since(exhibit.since)} {why}{earlier}"


def is_outside(point: DisclosedPoint) -> bool:
    """Say whether a shown figure lies beyond its usual range."""
    value = point.shown.value
    if value is None or point.low is None or point.high is None:
        return False
    return not point.low <= value <= point.high


def ends_the_other_way(exhibit: DisclosedExhibit) -> bool:
    """Say whether the last figure shown lies beyond its usual range on the side away from the signal."""
    last = next((point for point in reversed(exhibit.points) if point.shown.value is not None), None)
    if last is None or last.high is None or last.shown.value is None or not is_outside(last):
        return False
    return (last.shown.value > last.high) is not exhibit.rises


def _after(exhibit: DisclosedExhibit) -> Sequence[DisclosedPoint]:
    return [point for point in exhibit.points if point.period[1] > exhibit.since]


def _leans_as_said(window: Window, *, rises: bool) -> bool:
    beyond = _number(window.seen) - _number(window.expected)
    return beyond > 0 if rises else beyond < 0


def _number(text: str) -> float:
    """Give a figure as it reads: nothing finer is known here."""
    return float(text.replace(",", ""))


def _periods(exhibit: DisclosedExhibit) -> str:
    """Name the signal's own periods, which may be shorter than those of its chart."""
    days = (exhibit.period[1] - exhibit.period[0]).days
    return next((name for most, name in _DAYS if days <= most), "periods")
