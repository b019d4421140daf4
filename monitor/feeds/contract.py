"""What a feed's contract must fulfil before anything is published under it.

The allow-list is empty in every contract: what reaches the bus is organisation, indicator, period and figures, under
a keyed hash. A contract that allows more promises what no reader sends, and is refused until one does.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.calendars import calendar
from monitor.errors import BadRequest
from monitor.feeds.publications import READERS
from monitor.model import Feed, Source

COVERAGES = ("manifest", "file per organisation", "all registered")


def faults(feed: Feed) -> tuple[str, ...]:
    """Say in words what is wrong with a contract; empty where nothing is."""
    return tuple([*_faults_of_indicators(feed), *_faults_of_readers(feed), *_faults_of_sources(feed)])


def _faults_of_indicators(feed: Feed) -> Iterator[str]:
    keys = [indicator.key for indicator in feed.indicators]
    promised = {key for source in feed.sources.values() for key in source.calendars}
    for attribute in sorted(feed.allowed):
        yield f"allowed attribute {attribute}: no reader sends any; leave `allowed` empty, or teach a reader"
    if not feed.key.isidentifier():
        yield f"key {feed.key!r}: use letters, digits and _ (it names a topic, a DAG and a file)"
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"indicator {key} is there twice"
    for key in sorted(set(keys) - promised):
        yield f"indicator {key} has a calendar in no source"
    for indicator in feed.indicators:
        if not indicator.low < indicator.high or indicator.per <= 0:
            yield f"indicator {indicator.key}: low < high and per > 0 must hold"


def _faults_of_readers(feed: Feed) -> Iterator[str]:
    if not feed.readers:
        yield f"no readers: name some of {', '.join(READERS)}"
    for reader in feed.readers:
        if reader not in READERS:
            yield f"reader {reader} is unknown: use {', '.join(READERS)}"


def _faults_of_sources(feed: Feed) -> Iterator[str]:
    if not feed.sources:
        yield "no sources: name at least one, with its calendars"
    known = {indicator.key for indicator in feed.indicators}
    for name, source in feed.sources.items():
        yield from (f"source {name}: {fault}" for fault in _faults_of_source(source, known))


def _faults_of_source(source: Source, known: set[str]) -> Iterator[str]:
    if not source.calendars:
        yield "no calendars: say for each indicator which periods it has"
    for indicator, name in source.calendars.items():
        if indicator not in known:
            yield f"calendar of {indicator}, which is no indicator of this feed"
        try:
            calendar(name)
        except BadRequest as bad:
            yield str(bad)
    for indicator in source.waits.keys() - source.calendars.keys():
        yield f"wait of {indicator}, which has no calendar here"
    if source.coverage not in COVERAGES:
        yield f"coverage {source.coverage!r}: use {', '.join(COVERAGES)}"
    if not 0 <= source.tolerance <= 1:
        yield f"tolerance {source.tolerance}: a share from 0 to 1"
    if source.lateness.days < 0 or any(wait.days < 0 for wait in source.waits.values()):
        yield "lateness and waits are not negative"
