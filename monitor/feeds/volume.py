"""How much a feed is going to say by chance alone: signals of its indicators, and its part in chance cases (pure).

From its calendars, the feeds beside it, the organisations watched and the budget; `budget` says what is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.budget import Cadences, expected, signals, taking_part, threshold
from monitor.calendars import calendar
from monitor.model import Feed, Reading


@dataclass(frozen=True, slots=True)
class Volume:
    """What chance alone is expected to give in a month, over all organisations, once all of a feed's sources are live.

    Parameters
    ----------
    signals
        Signals of concern by source and indicator, 0 where no change is read as one; none is a case by itself.
    cases
        Chance cases of all feeds together, held at the budget by the threshold; `with_feed`: those of them in which
        this feed's family agrees.
    threshold_before
        The national threshold without this feed; None: it is the first, and nothing could open a case.
    threshold
        The one with it: a feed more does not open more cases by chance, it moves the threshold.
    """

    organisations: int
    budget: float
    signals: Mapping[tuple[str, str], float]
    cases: float
    with_feed: float
    threshold_before: float | None
    threshold: float

    def row(self) -> dict[str, Any]:
        """Give it as scripts read it."""
        return {
            "organisations": self.organisations,
            "chance_cases_per_month": self.budget,
            "signals_per_month": [
                {"source": source, "indicator": indicator, "signals": round(number, 2)}
                for (source, indicator), number in self.signals.items()
            ],
            "cases_per_month": round(self.cases, 3),
            "cases_per_month_with_this_family": round(self.with_feed, 3),
            "threshold_before": self.threshold_before,
            "threshold": self.threshold,
        }


def volume(feed: Feed, others: Cadences, organisations: int, budget: float) -> Volume:
    """Work out what chance gives.

    Parameters
    ----------
    others
        The cadences of the feeds that are live beside this one.
    organisations
        How many are watched; everything but the thresholds grows with it.
    budget
        Chance cases accepted a month over all of them.
    """
    together = tuple(sorted({*others, *cadences(feed)}))
    at = threshold(budget, organisations, together)
    return Volume(
        organisations,
        budget,
        {
            (name, key): _signals(feed, key, calendar(periods).per_year, organisations)
            for name, source in feed.sources.items()
            for key, periods in source.calendars.items()
        },
        expected(at, organisations, together),
        taking_part(at, organisations, together, feed.family.value),
        threshold(budget, organisations, others) if others else None,
        at,
    )


def _signals(feed: Feed, key: str, per_year: int, organisations: int) -> float:
    indicator = feed.indicator(key)
    if indicator is None or indicator.reading(worse=True) is Reading.UNREAD:
        return 0.0
    return signals(per_year, organisations)


def cadences(feed: Feed) -> Cadences:
    """Give the family and periods a year of everything that a feed promises."""
    return tuple(
        sorted(
            {
                (feed.family.value, calendar(periods).per_year)
                for source in feed.sources.values()
                for periods in source.calendars.values()
            }
        )
    )
