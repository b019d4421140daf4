"""Whose newest figures are too far off to be believed: a fault of data, never of care (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from monitor.evidence import Evidence
from monitor.model import Feed
from monitor.silence import named as period_named

SAID = {
    1: "is more than thirty times what was usual",
    -1: "is less than a thirtieth of what was usual",
}
WHY = "until shown otherwise it, or the past beside it, is a slip of unit or somebody else's, and it is no evidence"


def unbelieved(feed: Feed, evidence: Collection[Sequence[Evidence]]) -> dict[str, str]:
    """Give whose newest figures of this feed are not believed, with why; where most are off, it is the feed itself.

    `evidence`: everybody's, one sequence an organisation.
    """
    named = {each.key: each.name for each in feed.indicators}
    off = [item for items in evidence for item in items if item.doubted and item.indicator in named]
    if not off:  # as on nearly every day
        return {}
    heard, doubted = Counter(_series(item) for items in evidence for item in items), Counter(map(_series, off))
    found: dict[str, str] = {}
    for item in sorted(off):
        of_most = 2 * doubted[_series(item)] > heard[_series(item)] > 1
        whose, lead = (feed.key, "of most organisations ") if of_most else (item.organisation, "")
        said = f"{lead}the figure of {period_named(item.period)} {SAID[item.doubted]}; {WHY}"
        found.setdefault(whose, f"{named[item.indicator]} ({item.source}): {said}")
    return found


def _series(item: Evidence) -> tuple[str, str]:
    return item.indicator, item.source
