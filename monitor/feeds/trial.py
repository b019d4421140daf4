"""What a file would give, told to whoever adds a feed before anything is published (pure).

Figures leave as they would anywhere else: small ones hidden, counts rounded, codes that could be names unsaid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from monitor.casefile import Point
from monitor.disclosure import shown
from monitor.errors import remedy
from monitor.feeds.cells import shown as said
from monitor.feeds.coverage import UNREGISTERED, Completes, Covers, advances, named
from monitor.feeds.publications import read
from monitor.feeds.statement import Aside, Draft, Statement
from monitor.model import Feed

ONE_DAY = timedelta(days=1)
MOST = 50
"""Observations and dead letters told one by one; the counts are of all."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One file read as a feed's: whose figures, what it states, and what that completes."""

    feed: Feed
    source: str
    statement: Statement
    completes: Completes
    registered: Collection[str]
    is_pure: bool

    def row(self) -> dict[str, Any]:
        """Give it as scripts read it."""
        one = self.statement
        return {
            "source": self.source,
            "rows": one.rows,
            "organisations": len({part.organisation for draft in one.drafts for part in draft.contributions}),
            "observations": len(one.drafts),
            "merged": one.merged,
            "out_of_scope": dict(one.out_of_scope),
            "suppressed": one.suppressed,
            "dead_lettered": dict(sorted(Counter(aside.reason.value for aside in one.asides).items())),
            "has_events": one.has_events,
            "parsed": [line for draft in one.drafts[:MOST] for line in self._parsed(draft)],
            "dead_letters": [self._aside(aside) for aside in one.asides[:MOST]],
            "completes": [
                {
                    "source": each.source,
                    "from": each.start.isoformat(),
                    "through": (each.end - ONE_DAY).isoformat(),
                    "organisations": None if each.organisations is None else len(each.organisations),
                }
                for each in (*self.completes.of_figures, *self.completes.declared)
            ],
            "withheld": list(named(self.completes.withheld, self._said)),
        }

    def faults(self) -> Iterator[str]:
        """Say in words what a sample should not show."""
        if not self.is_pure:
            yield "read twice, the same bytes gave two statements: a reader asks no clock, no chance, no network"
        if not self.statement.drafts:
            yield "no row of the sample became an observation"

    def advice(self) -> Iterator[str]:
        """Say in words what the sample leaves out; a publication may hold only some of a source's indicators."""
        told = {part.indicator for draft in self.statement.drafts for part in draft.contributions}
        for indicator in self.feed.indicators:
            if indicator.key in self.feed.sources[self.source].calendars and indicator.key not in told:
                yield f"the sample says nothing of {indicator.key}, which source {self.source} promises"

    def _parsed(self, draft: Draft) -> Iterator[dict[str, Any]]:
        for part in draft.contributions:
            indicator = self.feed.indicator(part.indicator)
            assert indicator is not None, part.indicator
            point = Point(part.period, part.numerator, part.denominator, None, None, None, None, None)
            yield {
                "row": draft.row,
                "source": draft.source or self.source,
                "organisation": self._said(part.organisation) or UNREGISTERED,
                "indicator": part.indicator,
                "from": part.period[0].isoformat(),
                "through": (part.period[1] - ONE_DAY).isoformat(),
                "figure": shown(point, indicator, draft.source or self.source).text,
                "unit": indicator.unit,
            }

    def _aside(self, aside: Aside) -> dict[str, Any]:
        organisation = aside.organisation and self._said(aside.organisation)
        return {
            "row": aside.row,
            "field": aside.field,
            "reason": aside.reason.value,
            "organisation": organisation,
            "remedy": remedy(aside.reason, aside.value or organisation),
        }

    def _said(self, code: str) -> str | None:
        return said(code, registered=self.registered, public=self.source == "official")


def tried(
    feed: Feed, content: bytes, *, today: date, source: str | None = None, registered: Collection[str] = ()
) -> Trial:
    """Read a file as this feed's, twice; `BadFile` says what it is where it is none of its."""
    whose, statement = read(feed, content, source=source, today=today)
    again = read(feed, content, source=source, today=today)
    completes = advances(feed, whose, statement, Covers(), today)
    known = {*registered, *(organisation.code for organisation in statement.organisations)}
    return Trial(feed, whose, statement, completes, known, again == (whose, statement))


def shared(feed: Feed, others: Sequence[Feed]) -> Iterator[str]:
    """Say which of its indicators stand in other feeds too: their figures would be one series."""
    for other in others:
        if other.key != feed.key:
            both = sorted({one.key for one in feed.indicators} & {one.key for one in other.indicators})
            if both:
                yield f"{', '.join(both)}: {other.key} has the same key, and one series cannot come by two feeds"
