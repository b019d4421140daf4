"""Whose newest figures are too far off to be believed: a fault of data, never of care (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from monitor.casefile import Slip
from monitor.detectors.belief import BY_TOO_LITTLE, BY_TOO_MUCH, TOO_LARGE, TOO_SMALL
from monitor.evidence import Evidence
from monitor.model import Feed
from monitor.other_cases import Fault
from monitor.silence import named as period_named

SAID = {
    TOO_LARGE: "is more than thirty times what was usual",
    TOO_SMALL: "is less than a thirtieth of what was usual",
    BY_TOO_MUCH: "is over an exposure of more than thirty times the usual one",
    BY_TOO_LITTLE: "is over an exposure of less than a thirtieth of the usual one",
}
WHY = "until shown otherwise it, or the past beside it, is a slip of unit or somebody else's, and it is no evidence"
WAY_OUT = "where it is right, accept its level (`monitor cases accept`)"


def unbelieved(feed: Feed, evidence: Collection[Sequence[Evidence]]) -> list[Fault]:
    """Give which newest figures of this feed are not believed, with why; where most are off, it is the feed itself.

    `evidence`: everybody's, one sequence an organisation.
    """
    named = {each.key: each.name for each in feed.indicators}
    off = [item for items in evidence for item in items if item.doubted and item.indicator in named]
    if not off:  # as on nearly every day
        return []
    heard, doubted = Counter(_series(item) for items in evidence for item in items), Counter(map(_series, off))
    found: dict[tuple[str, ...], Fault] = {}
    for item in sorted(off):
        series = _series(item)
        of_most = 2 * doubted[series] > heard[series] > 1
        whose, lead, way_out = (feed.key, "of most organisations ", "") if of_most else (item.organisation, "", WAY_OUT)
        figure = f"{lead}the figure of {period_named(item.period)} {SAID[item.doubted]}"
        why = f"{named[item.indicator]} ({item.source}): {'; '.join(filter(None, (figure, WHY, way_out)))}"
        found.setdefault((whose, *series), Fault(whose, why, Slip(*series, since=item.period[0])))
    return list(found.values())


def _series(item: Evidence) -> tuple[str, str]:
    return item.indicator, item.source
