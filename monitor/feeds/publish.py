"""The story of one file: read, land, and send what it says in the order that its readers need.

contract → organisations → observations → dead letters, and when all of these are durable advances → receipt: two
steps, which `monitor publish` takes at once and a feed's DAG as two tasks. May send twice after a crash, never zero
times; sending again changes nothing, since a word of the same rank and content is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import islice

from monitor.calendars import day_of
from monitor.errors import Reason
from monitor.feeds.cells import shown
from monitor.feeds.coverage import Repeat, named
from monitor.feeds.delivery import NOTHING_STATED, Delivery, Stated, Told, told
from monitor.feeds.landed import Landed, Landing
from monitor.feeds.statement import Aside, Statement
from monitor.garbage import uncollected
from monitor.model import Advance, DeadLetter, Feed, Message, Observation, Receipt
from monitor.ports import Bus
from monitor.ranks import HAIR, midnight
from monitor.wire import encode

CHUNK = 1_000  # messages a transaction of the bus; more makes the worker wait longer for the write lock
HASH_DIGITS = 12  # of a file's hash in an origin
SUBJECT_BYTES = 16  # 2^64 subjects until two are likely to share a hash


@dataclass(frozen=True, slots=True)
class Story:
    """A file whose sending can begin: what it says, and what its messages are marked with.

    Parameters
    ----------
    run
        Names this publishing in the origin of each observation and in the receipt. Without a stroke: an origin is
        run/file/row.
    key
        The key of this home's hashes.
    registered
        Codes that the registry knows.
    """

    feed: Feed
    told: Told
    landed: Landed
    run: str
    key: bytes
    registered: Collection[str]

    def __post_init__(self) -> None:
        """Hold the form of an origin."""
        assert "/" not in self.run, f"an origin is cut at its strokes: {self.run}"

    def repeat(self, code: str) -> str | None:
        """Give a code that may be repeated: one that is registered, or that the file states with its type."""
        known = {*self.registered, *(organisation.code for organisation in self.told.statement.organisations)}
        return shown(code, registered=known, public=self.told.source == "official")

    @property
    def origin(self) -> str:
        """Name the run and the file, as every message of it does."""
        return f"{self.run}/{self.landed.checksum[:HASH_DIGITS]}"

    @property
    def receipt(self) -> Receipt:
        """Give the account of every row."""
        return _receipt(self.feed, self.told.source, self.told.statement, self.landed.checksum, self.run)


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a file: its receipt, and the organisations that it leaves awaited or out.

    `covers`: what was said to be complete of its events; what its figures complete is counted in `advances` alone.
    `asides`: rows that its reader put aside; `drafted`: those sent to the worker; `remarks`: what to know of it.
    """

    name: str
    receipt: Receipt
    already_known: bool
    messages: int
    advances: int
    has_events: bool
    left_out: Mapping[str, int]
    withheld: tuple[str, ...]
    covers: tuple[Advance, ...]
    remarks: tuple[str, ...] = ()
    asides: tuple[Aside, ...] = ()
    drafted: frozenset[int] = frozenset()


@uncollected()  # until the file's rows are gone again: once read, they were looked through before the first was sent
def publish(
    feed: Feed,
    delivery: Delivery,
    stated: Stated = NOTHING_STATED,
    *,
    bus: Bus,
    landing: Landing,
    now: datetime,
    run: str | None = None,
    registered: Collection[str] = (),
    progress: Callable[[int], None] = lambda messages: None,
) -> Published:
    """Send what a file says; `BadFile` where it is none of this feed's, and then nothing is sent.

    Parameters
    ----------
    run
        Names this publishing in the origin of each observation; None: instant and checksum.
    registered
        Codes that the registry knows: of three letters, no other is repeated where a row of a local system is put
        aside.
    """
    delivery = landing.corrected(delivery, feed.key)
    what = told(feed, delivery, stated, today=day_of(now))
    landed = landing.land(delivery, feed.key, now=now, stated=stated.published, counts=counts(what))
    this_run = run or f"{now:%Y%m%dT%H%M%S.%fZ}-{landed.checksum[:8]}"
    story = Story(feed, what, landed, this_run, landing.key(), registered)
    sent = send_words(story, bus, progress) + send_advances(story, bus, progress)
    landing.finish(landed, feed.key)
    return Published(
        delivery.name,
        story.receipt,
        landed.already_known,
        sent,
        len(what.covered),
        what.statement.has_events,
        what.statement.left_out,
        withheld(story),
        what.completes.declared,
        what.statement.remarks,
        what.statement.asides,
        frozenset(draft.row for draft in what.statement.drafts),
    )


def send_words(story: Story, bus: Bus, progress: Callable[[int], None] = lambda messages: None) -> int:
    """Send contract, organisations, observations and dead letters; raises unless all of them are durable."""
    return _send(bus, story, _words(story), progress)


def send_advances(story: Story, bus: Bus, progress: Callable[[int], None] = lambda messages: None) -> int:
    """Send what is complete now, and the receipt. Only after `send_words` of the same reading has returned."""
    return _send(bus, story, iter((*story.told.covered, story.receipt)), progress)


def digest(story: Story) -> str:
    """Hash what a file's observations and advances say, whichever run sends them: another rank is another hash."""
    whoever, said = replace(story, run=""), blake2b(digest_size=SUBJECT_BYTES)
    for observation in _observations(whoever):
        said.update(encode(observation, story.feed.key))
    for one in story.told.covered:
        sets = [sorted(names or ()) for names in (one.organisations, one.indicators)]  # a set has no order
        said.update(repr((one.source, one.start, one.end, one.organisations is None, *sets)).encode())
    return said.hexdigest()


def withheld(story: Story) -> tuple[str, ...]:
    """Name the organisations of whose rows too many were put aside, as far as they may be named."""
    return named(story.told.completes.withheld, story.repeat)


def subject(key: bytes, *, feed: str, source: str, natural_key: str) -> str:
    """Hash what an observation is about, so that its natural key stays here."""
    text = f"{feed}\x1e{source}\x1e{natural_key}".encode()
    return blake2b(text, key=key, digest_size=SUBJECT_BYTES).hexdigest()


def _words(story: Story) -> Iterator[Message]:
    feed, what, landed = story.feed, story.told, story.landed
    repeat = lru_cache(maxsize=None)(story.repeat)  # it gathers who is named, and asides may be many
    yield feed
    yield from what.statement.organisations
    yield from _observations(story)
    yield from (_dead_letter(feed, landed.checksum, aside, repeat) for aside in what.statement.asides)


@uncollected()
def _send(bus: Bus, story: Story, messages: Iterator[Message], progress: Callable[[int], None]) -> int:
    feed, origin, sent = story.feed.key, story.origin, 0
    while chunk := [encode(message, feed, origin) for message in islice(messages, CHUNK)]:
        sent += bus.publish(feed, chunk)
        progress(len(chunk))
    return sent


def _observations(story: Story) -> Iterator[Observation]:
    feed, landed, origin = story.feed.key, story.landed, story.origin
    corrected = Counter(each.row for each in landed.corrections)
    for draft in story.told.statement.drafts:
        whose = draft.source or story.told.source
        known = landed.stated or draft.published
        # of files of one day the one that landed last holds, whether it states that day or none
        published = landed.ranked if known is None or known == day_of(landed.ranked) else midnight(known)
        if corrected:  # a word that a named person has completed holds over what was sent of it before
            published += sum(corrected[row] for row in draft.rows) * HAIR
        yield Observation(
            feed,
            whose,
            subject(story.key, feed=feed, source=whose, natural_key=draft.key),
            (draft.revision, published),
            known,
            draft.contributions,
            f"{origin}/{draft.row}",
            draft.is_event,
        )


def _dead_letter(feed: Feed, checksum: str, aside: Aside, repeat: Repeat) -> DeadLetter:
    organisation = aside.organisation and repeat(aside.organisation)
    is_code = aside.value is not None and aside.reason is Reason.UNKNOWN_ORGANISATION
    value = repeat(aside.value or "") if is_code else aside.value
    return DeadLetter(feed.key, checksum, aside.row, aside.field, aside.reason, value, organisation)


def counts(what: Told) -> dict[str, object]:
    """Count for the register; it is written before anything is sent, as a file that may have been sent is known."""
    statement = what.statement
    return {
        "source": what.source,
        "rows": statement.rows,
        "observations": len(statement.drafts),
        "merged": statement.merged,
        "out_of_scope": dict(statement.out_of_scope),
        "suppressed": statement.suppressed,
        "dead_lettered": _by_reason(statement),
    }


def _receipt(feed: Feed, source: str, statement: Statement, checksum: str, run: str) -> Receipt:
    return Receipt(
        feed=feed.key,
        source=source,
        file=checksum,
        run=run,
        rows=statement.rows,
        observations=len(statement.drafts),
        merged=statement.merged,
        out_of_scope=statement.out_of_scope,
        suppressed=statement.suppressed,
        dead_lettered=_by_reason(statement),
    )


def _by_reason(statement: Statement) -> dict[str, int]:
    return dict(sorted(Counter(aside.reason.value for aside in statement.asides).items()))
