"""What the doctor looks at: each check says what it found and, where something is wrong, the remedy."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from shlex import quote
from stat import S_IMODE
from typing import NamedTuple

from monitor.calendars import day_of
from monitor.commands.output import counted, local, not_watched
from monitor.commands.running import COMPLETES
from monitor.errors import MonitorError
from monitor.model import Feed
from monitor.organisations import registry
from monitor.store.accounts import accounting
from monitor.store.history import last_turn
from monitor.store.rebuilds import is_whole
from monitor.wiring import Service

PATIENCE = timedelta(hours=1)
"""Messages that wait longer than this have nobody who takes them."""
OTHERS = 0o077
REDEFINED = "ask the source whether what it counts was defined anew; its signals deserve doubt until then"


class Finding(NamedTuple):
    """One thing looked at: whether it is well, in words, and what to do if not."""

    check: str
    ok: bool
    said: str
    remedy: str | None = None


def examine(service: Service, exposed: Sequence[str]) -> list[Finding]:
    """Look at everything, in the order in which things depend on each other.

    Parameters
    ----------
    exposed
        What of the home was `open_to_others` before the service was opened: opening closes the folder itself.
    """
    return [
        _versions(),
        _home(service.settings.home, exposed),
        *_replays(service),
        _organisations(service),
        *_feeds(service),
        *(finding for feed in service.bus.feeds() for finding in _topic(service, feed)),
        _outbox(service),
        *_models(service),
    ]


def _versions() -> Finding:
    own = version("culture-monitor")
    said = f"monitor {own}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return Finding("versions", ok=True, said=said)


def open_to_others(home: Path) -> list[str]:
    """Name what others than its owner may read, the home folder first; a home that is not there yet is nobody's."""
    paths = [home, *sorted(home.rglob("*"))] if home.exists() else []
    return [path.name for path in paths if S_IMODE(path.stat().st_mode) & OTHERS]


def _home(home: Path, exposed: Sequence[str]) -> Finding:
    if exposed:
        said = f"{counted(len(exposed), 'file')} could be read by others, {exposed[0]} first"
        return Finding("home", ok=False, said=said, remedy=f"chmod -R go= {quote(str(home))}, and ask who opened it")
    return Finding("home", ok=True, said=f"{home} is its owner's alone")


def _replays(service: Service) -> Iterator[Finding]:
    """Name a replay that has begun and not ended; without one there is nothing to say."""
    if not is_whole(service.engine):
        said = "a replay is under way, or was killed, so scores and cases are not whole and workers wait"
        yield Finding("replay", ok=False, said=said, remedy="let it end; if none is running, monitor replay")


def _organisations(service: Service) -> Finding:
    organisations, successions = service.store.organisations()
    unwatched = registry(organisations.values(), successions).unwatched(day_of(service.clock.now()))
    compared = any(organisation.peer_group is not None for organisation in organisations.values())
    said = "; ".join(filter(None, (f"{len(organisations):,} registered", not_watched(unwatched))))
    load = "monitor organisations load FILE (a file with types), or publish a feed that states them"
    add = "monitor organisations add CODE --type …, for those that should be" if unwatched else None
    return Finding("organisations", ok=compared, said=said, remedy=add if compared else load)


def of_feed(service: Service, feed: Feed) -> list[Finding]:
    """Look at one feed: how far it is, and whether somebody reads what is published of it."""
    topics = [feed.key] if feed.key in service.bus.feeds() else []
    return [_standing(service, feed), *(finding for topic in topics for finding in _topic(service, topic))]


def _feeds(service: Service) -> Iterator[Finding]:
    from monitor.feeds.folder import feeds
    from monitor.promises import REMEDY, unkept

    try:
        stated = feeds(service.settings.dags)
    except MonitorError as error:
        yield Finding("feeds", ok=False, said=str(error), remedy="mend the file, or name the folder in MONITOR_DAGS")
        return
    sent = service.store.contracts()
    for feed in stated:
        if feed.key in sent and sent[feed.key] != feed:
            said, lost = "its file says other than the contract that the worker knows", unkept(feed, service.store)
            remedy = REMEDY if lost else "publish any file of it: the contract goes ahead"
            yield Finding(
                f"feed {feed.key}", ok=False, said="; ".join([said, *(one.said for one in lost)]), remedy=remedy
            )
        else:
            yield _standing(service, feed)


def _standing(service: Service, feed: Feed) -> Finding:
    live, named = service.store.live(feed.key), {source for _, source in service.store.heard(feed.key)}
    if named - live:
        waiting = ", ".join(sorted(named - live))
        said = f"the first load from {waiting} is not ended, so nothing of it opens a case"
        is_complete = any(source in named - live for source, _ in service.store.coverage(feed.key))
        remedy = f"monitor settle {feed.key}" if is_complete else f"nothing of it is complete yet: {COMPLETES}"
        return Finding(f"feed {feed.key}", ok=False, said=said, remedy=remedy)
    said = f"live from {', '.join(sorted(live))}" if live else "not live yet"
    return Finding(f"feed {feed.key}", ok=True, said=said)


def _topic(service: Service, feed: str) -> Iterator[Finding]:
    position, end = service.store.position(feed), service.bus.end(feed)
    if position is not None and position.topic != service.bus.topic(feed):
        said = "the topic was made anew since the worker last read it, which leaves this feed out"
        mends = "restore topic and store from one backup, then publish the landed files again"
        yield Finding(f"topic {feed}", ok=False, said=said, remedy=mends)
        return
    yield _reading(service, feed, end - (position.next if position else 0))
    difference = accounting(service.engine, service.bus, feed)["difference"]
    said = (
        "every row and message is accounted for" if not difference else f"{difference:,} rows or messages are missing"
    )
    remedy = f"monitor accounting; publish the files of {feed} again" if difference else None
    yield Finding(f"accounts {feed}", difference == 0, said, remedy)


def _reading(service: Service, feed: str, behind: int) -> Finding:
    """Say whether somebody takes what is published: the last turn of a worker is not long ago."""
    last = last_turn(service.engine, feed)
    stuck = behind > 0 and (last is None or service.clock.now() - last > PATIENCE)
    said = f"{counted(behind, 'message')} to be read" if behind else "all is read"
    remedy = "monitor worker (or with --until-idle, once); its log says what holds it up" if stuck else None
    return Finding(f"topic {feed}", not stuck, said, remedy)


def _outbox(service: Service) -> Finding:
    oldest = service.outbox.oldest_pending()
    if oldest is None:
        return Finding("outbox", ok=True, said="all is said")
    waits = service.clock.now() - oldest
    remedy = "monitor relay; its log says which receiver is away" if waits > PATIENCE else None
    return Finding("outbox", waits <= PATIENCE, f"the oldest message has waited since {local(oldest)}", remedy)


def _models(service: Service) -> Iterator[Finding]:
    """Name each indicator whose model no longer fits; not while a replay has emptied what is looked at."""
    from monitor.hints import health, stored
    from monitor.overview import known

    if not is_whole(service.engine):
        return
    one = known(service)
    looked = health(stored(service, one))
    for each in looked:
        if each.misfit is not None:
            said = f"the model of {one.indicators[each.indicator].name} ({each.source}) {each.misfit.said}"
            yield Finding(f"model {each.indicator}", ok=False, said=said, remedy=REDEFINED)
    if looked and all(each.misfit is None for each in looked):
        yield Finding("models", ok=True, said=f"{counted(len(looked), 'indicator')}: residuals are as models expect")
