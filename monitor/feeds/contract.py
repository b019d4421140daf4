"""What a feed's contract must fulfil before anything is published under it.

The allow-list is empty in every contract: what reaches the bus is organisation, indicator, period and figures, under
a keyed hash. A contract that allows more promises what no reader sends, and is refused until one does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from monitor.calendars import calendar
from monitor.catalogue import INDICATORS
from monitor.errors import BadRequest
from monitor.feeds.publications import READERS
from monitor.feeds.unfilled import NOBODY, NOTHING_YET
from monitor.heartbeat import HEARTBEAT
from monitor.model import Feed, Indicator, Kind, Reading, Source

KEY = re.compile(r"[a-z_][a-z0-9_]*")
"""What names an indicator, in messages, tables and files."""
NONE = timedelta(0)
COVERAGES = ("manifest", "file per organisation", "all registered")


def faults(feed: Feed, *, with_detectors: bool = True) -> tuple[str, ...]:
    """Say in words what is wrong with a contract; empty where nothing is.

    `with_detectors`: whether there is a detector of each name too, which takes two seconds to find out.
    """
    detectors = _faults_of_detectors(feed) if with_detectors else ()
    parts = (_faults_of_key(feed), _faults_of_indicators(feed), _faults_of_readers(feed), _faults_of_sources(feed))
    return (*(fault for part in parts for fault in part), *detectors)


def unworkable(feed: Feed) -> tuple[str, ...]:
    """Say in words what keeps a worker from working with a contract that was sent to it; empty where nothing does.

    Other faults only keep it from being published: another version's catalogue or readers, or a bound that is too
    wide, are no harm here.
    """
    indicators = (fault for indicator in feed.indicators for fault in _faults_of_model(indicator))
    return (*_faults_of_keys(feed), *indicators, *_faults_of_detectors(feed), *_faults_of_sources(feed))


def _faults_of_key(feed: Feed) -> Iterator[str]:
    if feed.key == HEARTBEAT:
        yield f"its key is {HEARTBEAT}, which is the service's own feed of tests; name it otherwise"


def advice(feed: Feed) -> tuple[str, ...]:
    """Say in words what a sound contract still leaves open for whoever reads its figures; empty where nothing is."""
    return tuple([*_advice_on_feed(feed), *(line for indicator in feed.indicators for line in _advice_on(indicator))])


def _advice_on_feed(feed: Feed) -> Iterator[str]:
    if feed.owner == NOBODY:
        yield f"owner is still {NOBODY!r}: name a team, never a person"
    if not feed.owner.strip():
        yield "owner is empty: whom does somebody ask who does not believe a figure?"
    if not feed.licence.strip():
        yield "licence is empty: under what agreement may these figures be used?"
    for name, source in feed.sources.items():
        if source.lateness == NONE:
            yield f"source {name}: lateness is nothing, so a period is overdue on the day it closes; is that so?"
    for reader in feed.readers:
        whose = READERS[reader].feed if reader in READERS else None
        if whose not in (None, feed.key):
            yield f"reader {reader} reads the publication of {whose}; its figures would count in both feeds"


def _advice_on(indicator: Indicator) -> Iterator[str]:
    if indicator.numerator == NOTHING_YET:
        yield f"indicator {indicator.key}: numerator is still {NOTHING_YET!r}: what is counted?"
    if not indicator.ask.strip():
        yield f"indicator {indicator.key}: ask is empty: what should somebody ask first when it gets worse?"
    if {indicator.rise, indicator.fall} <= {Reading.UNREAD, Reading.IMPROVING}:
        yield f"indicator {indicator.key}: neither a rise nor a fall is a concern, so that it never raises one"
    if indicator.unit == "%" and (indicator.per, indicator.high) == (1, 1e9):
        yield f"indicator {indicator.key}: in %, yet per=1 and high=1e9; write per=100 and the highest it can be"
    if indicator.kind is Kind.RATE and indicator.denominator is None:
        yield f"indicator {indicator.key}: a rate without denominator is never shown for local sources (small numbers)"


def _faults_of_detectors(feed: Feed) -> Iterator[str]:
    named = [indicator for indicator in feed.indicators if indicator.detector is not None]
    if not named:
        return
    from monitor.detectors import detector_of  # here: it takes two seconds to import, and few contracts name one

    for indicator in named:
        try:
            detector_of(indicator)
        except BadRequest as unknown:
            yield f"indicator {indicator.key}: {unknown}"


def _faults_of_indicators(feed: Feed) -> Iterator[str]:
    for attribute in sorted(feed.allowed):
        yield f"allowed attribute {attribute}: no reader sends any; leave `allowed` empty, or teach a reader"
    if not feed.key.isidentifier():
        yield f"key {feed.key!r}: use letters, digits and _ (it names a topic, a DAG and a file)"
    yield from _faults_of_keys(feed)
    for indicator in feed.indicators:
        yield from (f"indicator {indicator.key}: {fault}" for fault in _faults_of_indicator(indicator))
        known = INDICATORS.get(indicator.key)
        if known is not None and known != replace(indicator, detector=known.detector):
            same = "the catalogue has another of this key; import that one, or choose another key"
            yield f"indicator {indicator.key}: {same}"


def _faults_of_keys(feed: Feed) -> Iterator[str]:
    keys = [indicator.key for indicator in feed.indicators]
    promised = {key for source in feed.sources.values() for key in source.calendars}
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"indicator {key} is there twice"
    for key in sorted(set(keys) - promised):
        yield f"indicator {key} has a calendar in no source"
    if not feed.indicators:
        yield "no indicators: name at least one of the catalogue, or state one of your own"


def _faults_of_indicator(indicator: Indicator) -> Iterator[str]:
    if not KEY.fullmatch(indicator.key):
        yield "its key is written in small letters, digits and _ (it stands in messages, tables and files)"
    yield from _faults_of_model(indicator)
    if indicator.kind is Kind.PROPORTION and indicator.high > indicator.per:
        yield f"a proportion is at most all of them: high={indicator.per:g}, or it is no proportion"


def _faults_of_model(indicator: Indicator) -> Iterator[str]:
    """Say what no model could read."""
    if not indicator.low < indicator.high or indicator.per <= 0:
        yield "low < high and per > 0 must hold"
    if indicator.kind is Kind.PROPORTION and indicator.denominator is None:
        yield "a proportion is some of all: say of what, in denominator"
    if not 0 < indicator.weight <= 1:
        yield f"weight {indicator.weight:g}: a share of its family's voice, over 0 and at most 1"


def _faults_of_readers(feed: Feed) -> Iterator[str]:
    if isinstance(feed.readers, str):
        yield f"readers is one text: write ({feed.readers!r},), with the comma"
        return
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
    if source.lateness < NONE or any(wait < NONE for wait in source.waits.values()):
        yield "lateness and waits are not negative"
