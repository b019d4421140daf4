"""What a feed has promised of figures that are there already: a later contract may add to it, and take nothing back.

Stored sums, scores, states and frozen evidence are read by the contract in force: what it no longer names nobody could
read, and in another calendar or unit it would mean something else. Waits, lateness, family, weight, texts and the
detector may change: what is read anew by them still means the same.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from monitor.calendars import calendar
from monitor.errors import BadRequest
from monitor.levels import is_survey
from monitor.model import Feed
from monitor.ports import Store

REMEDY = "keep the old promise, and add what is new beside it under another key"


class Broken(NamedTuple):
    """An indicator of which figures are there and a newer contract says otherwise; `said`: what was and what is."""

    indicator: str
    said: str


def check_promises(feed: Feed, store: Store) -> None:
    """Raise `BadRequest` where a contract breaks what the one before it promised: nothing is sent under it.

    The worker would put it aside, and by the old one it then judges the rows that were sent for the new.
    """
    found = unkept(feed, store)
    if found:
        raise BadRequest(f"feed {feed.key}: {'; '.join(each.said for each in found)}; {REMEDY}")


def unkept(feed: Feed, store: Store) -> list[Broken]:
    """Say what a contract breaks of the one that the worker knows; what lies unread on the bus is not seen."""
    before = store.contracts().get(feed.key)
    return [] if before is None or before == feed else broken(before, feed, store.heard(feed.key))


def broken(before: Feed, after: Feed, present: Collection[tuple[str, str]]) -> list[Broken]:
    """Say what a contract breaks of the one before it; `present`: (indicator, source) pairs with any word."""
    found = []
    for indicator, source in sorted(present):
        what = _changes(_meaning(before, indicator, source), _meaning(after, indicator, source))
        if what:
            found.append(Broken(indicator, f"indicator {indicator} from {source} has figures: {what}"))
    return found


def _changes(was: dict[str, str], now: dict[str, str]) -> str:
    if was and not now:
        return "promised before, not promised now"
    return ", ".join(f"{what} {was[what]} before, {now[what]} now" for what in was if was[what] != now[what])


def _meaning(feed: Feed, key: str, name: str) -> dict[str, str]:
    """Give what stored figures of an indicator from a source are read by; empty where it is not promised."""
    indicator, source = feed.indicator(key), feed.sources.get(name)
    if indicator is None or source is None or key not in source.calendars:
        return {}
    periods = source.calendars[key]
    return {
        "calendar": periods,
        "kind": indicator.kind.value,
        "unit": indicator.unit,
        "per": f"{indicator.per:g}",
        "concern": "a rise" if indicator.worse > 0 else "a fall",  # the sign of every score and state
        "levels": "a survey's" if is_survey(indicator, calendar(periods).per_year) else "not a survey's",
    }
