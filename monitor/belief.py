"""Whose newest figures are too far off to be believed: a fault of data, never of care (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.evidence import Evidence
from monitor.model import Feed
from monitor.silence import named as period_named

SAID = {
    1: "is more than thirty times what was expected",
    -1: "is less than a thirtieth of what was expected",
}
WHY = "so far off is a slip of unit, or somebody else's figure, until shown otherwise: it counts as no evidence"


def unbelieved(feed: Feed, evidence: Iterable[Evidence]) -> dict[str, str]:
    """Give whose newest figures of this feed are not believed, with why; where most are off, it is the feed itself."""
    named = {each.key: each.name for each in feed.indicators}
    series: dict[tuple[str, str], list[Evidence]] = {}
    for item in evidence:
        if item.indicator in named:
            series.setdefault((item.indicator, item.source), []).append(item)
    found: dict[str, str] = {}
    for (indicator, source), items in sorted(series.items()):
        off = [item for item in items if item.doubted]
        of_most = len(off) * 2 > len(items) > 1
        for item in off:
            whose, lead = (feed.key, "of most organisations ") if of_most else (item.organisation, "")
            found.setdefault(
                whose, f"{named[indicator]} ({source}): {lead}{period_named(item.period)} {SAID[item.doubted]}; {WHY}"
            )
    return found
