"""What the tasks of a feed's run do, one function a task: land → read → check → publish → advance.

Between the tasks travels a slip: the hash, the size and the publication date of a landed file. Everything else is
read again from the landing by that hash, so that any task may be run again, at any time and beside any other, and
nothing comes out differently. A run of Airflow calls these; so may whatever else comes to carry feeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import TypedDict

import structlog

from monitor.arrivals.thing import Seen, Thing
from monitor.arrivals.words import Words, word
from monitor.calendars import day_of
from monitor.errors import BadFile, BadRequest
from monitor.feeds.delivery import Delivery, Stated, told
from monitor.feeds.landed import Landed
from monitor.feeds.places import Page, Place, Query, identity
from monitor.feeds.publications import read as read_publication
from monitor.feeds.publish import Story, counts, digest, send_advances, send_words, withheld
from monitor.keeping import turn
from monitor.model import Feed
from monitor.ports import Clock
from monitor.promises import check_promises
from monitor.wiring import Service

log = structlog.get_logger()
MOST = 500
"""Files that one run takes up; the next takes the rest. Airflow fails a run of more than 1,024 mapped tasks."""

ASKED = (Page, Query)
"""Places that say what holds now, each time they are asked; elsewhere an old file that lies there again is old."""
PATIENCE = timedelta(hours=6)
"""From the first look that cannot take a thing to the one after which somebody must: the slowest copy takes less."""


class Slip(TypedDict):
    """What travels between tasks: which landed file, its size in bytes, and the day its source published it."""

    sha256: str
    size: int
    published: str | None


class Refused(BadFile):
    """A landed file that is none of the feed's as it is, or as its contract now is: no other try can help."""


def land(
    service: Service, feed: Feed, place: Place, found: Callable[[Seen], Iterable[Thing]], *, again: bool = False
) -> tuple[str, ...]:
    """Keep what has newly come to a place, by its content; `again`: and what was already published.

    A thing is remembered once its bytes are durable, and waits until it is published: killed between the two it is
    taken up by the next run. Looks at one place go one after the other: of a thing that changes between two the older
    word must not be kept last. Gives why what no look could take for `PATIENCE` still cannot be: its name may say who
    is in it, and is not repeated.
    """
    key = service.landing.key()
    place_id = blake2b("\x1f".join(identity(place, feed.key)).encode(), key=key, digest_size=8).hexdigest()
    register, is_asked = service.settings.home / "register" / f"{feed.key}-{place_id}", isinstance(place, ASKED)
    with turn(register):
        seen = Seen(service.settings.home / "seen" / f"{feed.key}-{place_id}.json", key)
        take = partial(_landed, service, feed, seen, Words(register, key), again=again, is_asked=is_asked)
        came, untaken = _look(found, seen, take, service.clock)
    log.info("looked", feed=feed.key, place=type(place).__name__, came=came)
    return untaken


def _look(
    found: Callable[[Seen], Iterable[Thing]], seen: Seen, take: Callable[[Thing], bool], clock: Clock
) -> tuple[int, tuple[str, ...]]:
    """Take all that is found; give how much of it is new, and why what nobody could take for long cannot be taken."""
    came, whole, untaken = 0, False, list[str]()
    try:
        for thing in found(seen):
            try:
                came += take(thing)
            except BadFile as bad:
                log.info("what lies there cannot be taken now", reason=str(bad))
                untaken += _told(bad, seen.untaken(thing, clock.now()), clock.now())
        whole = True
    finally:
        seen.keep(whole=whole)
    return came, tuple(untaken)


def _told(bad: BadFile, since: datetime, now: datetime) -> Iterator[str]:
    if now - since > PATIENCE:
        yield f"since {since:%Y-%m-%d %H:%M} UTC: {bad}"


def _landed(
    service: Service, feed: Feed, seen: Seen, words: Words, thing: Thing, *, again: bool, is_asked: bool
) -> bool:
    """Keep a thing and say whether it is another than last time.

    `is_asked`: what the place gives is its word of now, also where it said the same before.
    """
    got = thing.fetch(None if again else seen.version(thing.name))
    if got is None:
        return False
    if got.delivery is not None:
        now, last = service.clock.now(), words.last(thing)
        new = word(last, thing, got.delivery.content, day_of(now))
        stated = date.fromisoformat(new.published) if new.published else None
        turned = is_asked and last is not None and last.sha256 != new.sha256
        service.landing.arrive(got.delivery, feed.key, now=now, stated=stated, again=again, turned=turned)
        words.keep(thing, new)
    seen.note(thing, got)
    return got.delivery is not None


def waiting(service: Service, feed: Feed) -> Sequence[Slip]:
    """Give a slip for each file that has landed and is not wholly published, the oldest landing first."""
    return [_slip(service, service.landing.landed(one, feed.key)) for one in service.landing.waiting(feed.key)[:MOST]]


def read(service: Service, feed: Feed, slip: Slip) -> None:
    """Read the landed bytes as this feed's; `Refused` where they are none of it."""
    landed = service.landing.landed(slip["sha256"], feed.key)
    delivery = _reopened(service, landed)
    with _refusing(service, feed, landed):
        source, statement = read_publication(
            feed, delivery.content, source=None, today=day_of(service.clock.now()), published=landed.stated
        )
    log.info("read", file=landed.checksum[:12], source=source, rows=statement.rows)


def check(service: Service, feed: Feed, slip: Slip) -> None:
    """Say what the file brings and what it leaves open; `Refused` where what is said of it cannot be."""
    _check_promises(service, feed)
    story = _story(service, feed, slip, service.clock.now(), run="check")
    statement, file = story.told.statement, story.landed.checksum[:12]
    log.info("checked", file=file, advances=len(story.told.covered), **counts(story.told))
    for remark in statement.remarks:
        log.warning(remark, file=file)
    if out := withheld(story):
        log.warning(
            "too many rows were put aside: complete once they are mended", file=file, organisations=", ".join(out)
        )
    if statement.has_events and story.landed.covers is None:
        log.warning("no coverage file says what these events cover: they complete nothing", file=file)


def publish(service: Service, feed: Feed, slip: Slip, run: str) -> None:
    """Send what the file says, apart from what it completes; raises unless every message is durable."""
    _check_promises(service, feed)
    now = service.clock.now()
    story = _story(service, feed, slip, now, run)
    sent = send_words(story, service.bus)
    service.landing.sent(story.landed, feed.key, read_at=now, counts=counts(story.told), digest=digest(story))
    log.info("published", file=story.landed.checksum[:12], messages=sent)


def advance(service: Service, feed: Feed, slip: Slip, run: str) -> bool:
    """Send what the file completes, and its receipt; False: it completes nothing, or nothing that was not said before.

    Only of a reading whose words are all durable. Of two runs at once one is told True, and nobody a second time: a
    task killed just then has told nobody, though all is sent.

    `BadRequest` where nobody has sent them, or the file by now says something else (its reader or contract is a newer
    one, a cell was corrected, or a day was stated for it): then it must be published again first.
    """
    file = slip["sha256"][:12]
    sent = service.landing.reading(slip["sha256"], feed.key)
    if sent is None:
        raise BadRequest(f"file {file} has not been published; clear its publish task")
    story = _story(service, feed, slip, sent.at, run)
    if digest(story) != sent.digest:
        raise BadRequest(f"file {file} does not say what was published of it; clear its publish task")
    messages = send_advances(story, service.bus)
    is_new = service.landing.finish(story.landed, feed.key)
    log.info("advanced", file=file, messages=messages)
    return is_new and bool(story.told.covered)


def _story(service: Service, feed: Feed, slip: Slip, at: datetime, run: str) -> Story:
    """Read a landed file as on this day."""
    landed = service.landing.landed(slip["sha256"], feed.key)
    delivery = _reopened(service, landed)
    with _refusing(service, feed, landed):
        what = told(feed, delivery, Stated(published=landed.stated), today=day_of(at))
    return Story(feed, what, landed, run, service.landing.key(), service.store.organisations()[0].keys())


def _check_promises(service: Service, feed: Feed) -> None:
    """Hold the contract to what it has promised; that is no fault of the file, which waits until it does."""
    try:
        check_promises(feed, service.store)
    except BadRequest as broken:
        raise Refused(str(broken)) from broken


def _reopened(service: Service, landed: Landed) -> Delivery:
    """Give a landed file as it came; `Refused` where its bytes are gone: that says nothing of what was done with it."""
    try:
        return service.landing.reopened(landed)
    except BadFile as gone:
        raise Refused(str(gone)) from gone


@contextmanager
def _refusing(service: Service, feed: Feed, landed: Landed) -> Iterator[None]:
    """Note a file that is none of this feed's, so that the next run leaves it alone; `again` takes it up."""
    try:
        yield
    except (BadFile, BadRequest) as bad:
        service.landing.refuse(landed, feed.key)
        raise Refused(f"file {landed.checksum[:12]}: {bad}") from bad


def _slip(service: Service, landed: Landed) -> Slip:
    stated = landed.stated.isoformat() if landed.stated else None
    return Slip(sha256=landed.checksum, size=service.landing.size(landed.checksum), published=stated)
