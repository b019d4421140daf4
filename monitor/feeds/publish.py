"""The story of one file: read, land, and send what it says in the order that its readers need.

contract → organisations → observations → dead letters → advances → receipt. May send twice after a crash,
never zero times; sending again changes nothing, since a word of the same rank and content is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import islice
from typing import Protocol

from monitor.calendars import LONDON, day_of
from monitor.errors import BadRequest, Reason
from monitor.feeds.cells import shown
from monitor.feeds.coverage import ALL, Covers, advances
from monitor.feeds.publications import read
from monitor.feeds.statement import Aside, Draft, Statement
from monitor.model import Advance, DeadLetter, Feed, Message, Observation, Receipt
from monitor.ports import Bus
from monitor.wire import encode

CHUNK = 1_000  # messages a transaction of the bus; more makes the worker wait longer for the write lock
SUBJECT_BYTES = 16  # 2^64 subjects until two are likely to share a hash
STATE_THE_DAY = "state the day on which the source published it"
UNREGISTERED = "a code that is not registered"
"""Stands for three letters that nobody registered: they could be somebody's name."""
Repeat = Callable[[str], str | None]
"""Gives a code that may be repeated; None: it may not."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file as it was handed over, read once; `covers` says what an event file covers.

    Parameters
    ----------
    name
        For the person's eyes only: names may say who is in a file, so none is kept or sent.
    covers
        "all" registered organisations, the bytes of a coverage file, or None: not said.
    """

    name: str
    content: bytes
    covers: str | bytes | None = None


@dataclass(frozen=True, slots=True)
class Landed:
    """What the landing register knows of a file: when it first came, and the date that was stated for it."""

    checksum: str
    first: datetime
    stated: date | None
    already_known: bool


class Landing(Protocol):
    """Files by content hash, and the register of them."""

    def key(self) -> bytes:
        """Give the key of this home's hashes; it never leaves the home."""

    def land(
        self, delivery: Delivery, feed: str, *, now: datetime, stated: date | None, counts: Mapping[str, object]
    ) -> Landed:
        """Keep the bytes, and durably their first landing; a stated date holds until another is stated."""


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a file: its receipt, and the organisations that it leaves awaited or out.

    `covers` is what was said to be complete of its events; what its figures complete is counted in `advances` alone.
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


def publish(
    feed: Feed,
    delivery: Delivery,
    *,
    bus: Bus,
    landing: Landing,
    now: datetime,
    source: str | None = None,
    published: date | None = None,
    through: date | None = None,
    since: date | None = None,
    run: str | None = None,
    registered: Collection[str] = (),
    progress: Callable[[int], None] = lambda messages: None,
) -> Published:
    """Send what a file says; `BadFile` where it is none of this feed's, and then nothing is sent.

    Parameters
    ----------
    source
        Whose figures these are; None: what the publication's layout says.
    published
        The day its source published it; None: as stated before, else its first landing counts.
    through
        The last day that an event file covers, where `covers` is "all".
    since
        The first day that it then covers; None: the period of its first event begins it, where no long silence follows.
    run
        Names this publishing in the origin of each observation; None: instant and checksum.
    registered
        Codes that the registry knows: of three letters, no other is repeated where a row of a local system is put
        aside.
    """
    today = day_of(now)
    if published is not None and published > today:
        raise BadRequest(f"--published {published} is in the future; {STATE_THE_DAY}")
    whose, statement = read(feed, delivery.content, source=source, today=today, published=published)
    if published is not None:
        _had_happened(statement, published, today)
    complete = advances(feed, whose, statement, Covers(delivery.covers, through, since), today)
    covered = (*complete.of_figures, *complete.declared)
    landed = landing.land(delivery, feed.key, now=now, stated=published, counts=_counts(whose, statement))
    named = run or f"{now:%Y%m%dT%H%M%S.%fZ}-{landed.checksum[:8]}"
    receipt = _receipt(feed, whose, statement, landed.checksum, named)
    words = _observations(feed, whose, statement.drafts, landed, named, landing.key())
    known = {*registered, *(organisation.code for organisation in statement.organisations)}
    repeat = partial(shown, registered=known, public=whose == "official")
    messages = _in_order(feed, statement, words, covered, receipt, repeat)
    sent = _send(bus, feed.key, messages, progress)
    return Published(
        delivery.name,
        receipt,
        landed.already_known,
        sent,
        len(covered),
        statement.has_events,
        statement.left_out,
        _named(complete.withheld, repeat),
        complete.declared,
    )


def _had_happened(statement: Statement, published: date, today: date) -> None:
    """Raise where the file tells of days after the one on which it is said to have been published."""
    late = [
        (aside.value, aside.row)
        for aside in statement.asides
        if aside.reason is Reason.FUTURE_DATE and aside.value and date.fromisoformat(aside.value) <= today
    ]
    if late:
        day, row = max(late)
        raise BadRequest(f"--published {published} is before {day}, which row {row} tells of; {STATE_THE_DAY}")


def _named(withheld: Iterable[str], repeat: Repeat) -> tuple[str, ...]:
    return tuple(sorted({ALL if code == ALL else repeat(code) or UNREGISTERED for code in withheld}))


def subject(key: bytes, *, feed: str, source: str, natural_key: str) -> str:
    """Hash what an observation is about, so that its natural key stays here."""
    text = f"{feed}\x1e{source}\x1e{natural_key}".encode()
    return blake2b(text, key=key, digest_size=SUBJECT_BYTES).hexdigest()


@lru_cache(maxsize=1_000)
def midnight(day: date) -> datetime:
    """Give the instant at which a published day begins: what it says holds over what landed before."""
    return datetime.combine(day, time(), LONDON)


def _in_order(
    feed: Feed,
    statement: Statement,
    words: Iterable[Observation],
    covered: Sequence[Advance],
    receipt: Receipt,
    repeat: Repeat,
) -> Iterator[Message]:
    yield feed
    yield from statement.organisations
    yield from words
    yield from (_dead_letter(feed, receipt.file, aside, repeat) for aside in statement.asides)
    yield from covered
    yield receipt


def _send(bus: Bus, feed: str, messages: Iterator[Message], progress: Callable[[int], None]) -> int:
    sent = 0
    while chunk := [encode(message, feed) for message in islice(messages, CHUNK)]:
        sent += bus.publish(feed, chunk)
        progress(len(chunk))
    return sent


def _observations(
    feed: Feed, source: str, drafts: Iterable[Draft], landed: Landed, run: str, key: bytes
) -> Iterator[Observation]:
    origin = f"{run}/{landed.checksum[:12]}"
    for draft in drafts:
        whose = draft.source or source
        known = landed.stated or draft.published
        # of files of one day the one that landed last holds, whether it states that day or none
        published = landed.first if known is None or known == day_of(landed.first) else midnight(known)
        yield Observation(
            feed.key,
            whose,
            subject(key, feed=feed.key, source=whose, natural_key=draft.key),
            (draft.revision, published),
            known,
            draft.contributions,
            f"{origin}/{draft.row}",
        )


def _dead_letter(feed: Feed, checksum: str, aside: Aside, repeat: Repeat) -> DeadLetter:
    organisation = aside.organisation and repeat(aside.organisation)
    is_code = aside.value is not None and aside.reason is Reason.UNKNOWN_ORGANISATION
    value = repeat(aside.value or "") if is_code else aside.value
    return DeadLetter(feed.key, checksum, aside.row, aside.field, aside.reason, value, organisation)


def _counts(source: str, statement: Statement) -> dict[str, object]:
    """Count for the register; it is written before anything is sent, as a file that may have been sent is known."""
    return {
        "source": source,
        "rows": statement.rows,
        "observations": len(statement.drafts),
        "merged": statement.merged,
        "out_of_scope": dict(statement.out_of_scope),
        "suppressed": statement.suppressed,
        "dead_lettered": _by_reason(statement),
    }


def _receipt(feed: Feed, source: str, statement: Statement, checksum: str, run: str) -> Receipt:
    return Receipt(
        feed.key,
        source,
        checksum,
        run,
        statement.rows,
        len(statement.drafts),
        statement.merged,
        statement.out_of_scope,
        statement.suppressed,
        _by_reason(statement),
    )


def _by_reason(statement: Statement) -> dict[str, int]:
    return dict(sorted(Counter(aside.reason.value for aside in statement.asides).items()))
