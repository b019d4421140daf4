"""A contract in words, for whoever meets its DAG."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.feeds.publications import READERS
from monitor.model import Feed, Source


def described(feed: Feed) -> str:
    """Say in Markdown what a feed promises, who owns it, and what its DAG does with a file."""
    return "\n".join(_lines(feed))


def _lines(feed: Feed) -> Iterator[str]:
    yield from (f"**{feed.name}** ({feed.family.value})", "")
    yield f"Owner: {feed.owner}. Licence: {feed.licence}. Landed bytes are kept for {feed.retention.days} days."
    yield from ("", "| indicator | unit | source | calendar | wait | due |", "|---|---|---|---|---|---|")
    for name, source in feed.sources.items():
        yield from (_row(feed, name, source, indicator) for indicator in source.calendars)
    yield from ("", "Files may be: " + "; ".join(READERS[reader].name for reader in feed.readers) + ".", "")
    yield "land (by content) → read → check → publish (every message durable) → advance (what is complete now)."
    yield "Any task may be run again: a word of the same rank and content changes nothing. A run that finds nothing "
    yield 'new is skipped. `{"again": true}` takes up what was published, or refused, before.'


def _row(feed: Feed, name: str, source: Source, key: str) -> str:
    indicator = feed.indicator(key)
    unit = indicator.unit if indicator else ""
    wait, late = source.wait(key).days, source.lateness.days
    return f"| {key} | {unit} | {name} | {source.calendars[key]} | {wait} days | {late} days after that |"
