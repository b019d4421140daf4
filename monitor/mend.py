"""What was put aside, taken up again: a cell corrected by a named person, a landed file read once more.

Bytes never change. A correction is kept beside them, with its name, and holds whenever this file is read for this
feed again. Reading a file again sends all that it says once more: what is known stays, what was wrong and is mended
is taken, what is still wrong lies aside as before. So doing it twice does it once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import NamedTuple

from monitor.calendars import day_of
from monitor.errors import BadFile, BadRecord, BadRequest, Reason
from monitor.feeds import cells
from monitor.feeds.delivery import Stated, told
from monitor.feeds.folder import feed as contract
from monitor.feeds.grids import grids
from monitor.feeds.landed import Landed
from monitor.feeds.mending import Mending
from monitor.feeds.publications import recognised
from monitor.feeds.publish import Published, publish
from monitor.feeds.statement import Aside, Draft, Statement
from monitor.feeds.table import Correction, Table, plain
from monitor.model import Feed
from monitor.promises import check_promises
from monitor.sound import BUS
from monitor.store.letters import Kept, kept, read_again
from monitor.wiring import Service

WHOSE = (Reason.UNKNOWN_ORGANISATION, Reason.ENDED_ORGANISATION)
MOST = 1_000
"""Rows corrected at once: each is kept for good, with its name, on the file's page of the register."""
DAMAGED = "the row is damaged as a whole: mend it in the file, and publish that"
UNFIT = "a correction is a date, a number with a point, a code or an indicator; write other text into the file itself"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A landed file read again: how many of its dead letters were chosen, and how many its reader has let go.

    `published` None: it could not be, and `why` says so in words. What the worker put aside it takes at its next turn.
    """

    feed: str
    file: str
    letters: int
    solved: int = 0
    published: Published | None = None
    why: str | None = None


class Fixed(NamedTuple):
    """Corrections as they were kept, the letter's own rows first, and what still puts their rows aside.

    `alike`: further rows of the file where the same still stands.
    """

    corrections: Sequence[Correction]
    still: Sequence[Aside]
    alike: Sequence[int] = ()


def find(service: Service, letter: str) -> Kept:
    """Give the dead letter of this id; `BadRequest` where there is none."""
    for feed in service.bus.feeds():
        for each in kept(service.engine, feed, with_replayed=True):
            if each.id == letter:
                return each
    raise BadRequest(f"there is no dead letter {letter}; monitor deadletters list names them, until they expire")


def landed(service: Service, one: Kept) -> Landed:
    """Give what is known of the file that a letter lies in; `BadRequest` where it lies on the bus."""
    letter = one.letter
    if letter.file == BUS:
        raise BadRequest("it lies on the bus and in no file: publish the file that it came from again")
    return service.landing.landed(service.landing.whole(letter.file), letter.feed)


def table(service: Service, feed: Feed, file: Landed) -> tuple[Table, tuple[str, ...]]:
    """Give a landed file as its reader sees it, and those of its columns that are asked for, which may be named."""
    found, publication = recognised(feed, grids(service.landing.content(file.checksum)))
    asked = {column for header in publication.headers for column in header}
    return found, tuple(column for column in found.columns if column in asked)


def fix(service: Service, one: Kept, *, value: str, column: str | None, by: str, alike: bool = False) -> Fixed:
    """Keep a correction of the row that a letter is about; `BadFile` where the file's bytes have expired.

    The worker puts an event aside as a whole for its organisation, and names the event's first row: corrected is then
    every row of it that names this organisation, whichever those are.

    Parameters
    ----------
    value
        What stands there instead: a date, a number, or a code, so that it can be kept and shown.
    column
        The file's column; None: the one that the letter names.
    alike
        Whether to correct it in every row of the file where the same stands, whosever it is.
    """
    if one.replayed is not None:
        raise BadRequest(f"{one.id} was taken after all; publish a mended file with a later --published to change it")
    file, feed = landed(service, one), contract(one.letter.feed, service.settings.dags)
    place, found = _column(service, feed, file, column or one.letter.field, one.letter.row)
    own = _own(service, feed, file, one, found, place)
    same = [row for row in _same(found, place, own[0]) if row not in own]
    first, *further = [*own, *same] if alike else own
    if len(further) > MOST:
        raise BadRequest(f"the same stands in {len(further):,} further rows; over {MOST:,}: mend it in the file")
    corrections = [Correction(row, place, _fit(value.strip(), feed)) for row in (first, *further)]
    now = service.clock.now()
    service.landing.mend(file.checksum, feed.key, *(Mending(by, now, each) for each in corrections))
    now_so = service.landing.landed(file.checksum, feed.key)
    said, texts = _read_again(service, feed, now_so), _texts(found.corrected(now_so.corrections), place)
    mended = {each.row for each in corrections}
    still = [aside for aside in said.asides if aside.row in mended]
    still += [Aside(row, place, Reason.UNKNOWN_ORGANISATION) for row in _unknown(service, said, texts, mended)]
    return Fixed(corrections, still, [row for row in same if row not in mended])


def _same(found: Table, column: str, row: int) -> list[int]:
    """Name the rows in which the same stands in a column as in this row."""
    stands = {number: text.casefold() for number, text in _texts(found, column).items()}
    return [number for number, text in stands.items() if text == stands[row]]


def _texts(found: Table, column: str) -> dict[int, str]:
    """Give what stands in a column, by row; a damaged row has nothing."""
    place = found.columns[column]
    lines = (line for line in found.lines if line.cells and place < len(line.cells))
    return {line.number: line.cells[place].strip() for line in lines if line.cells}


def _own(service: Service, feed: Feed, file: Landed, one: Kept, found: Table, column: str) -> list[int]:
    """Name the rows that a letter is about: its own, or those of its event that name the organisation it is about.

    As the file is read now, or else, where somebody thinks again about a correction that no worker has seen yet, as it
    came. Where none of them does, the column is another: those in which the same stands.
    """
    letter = one.letter
    if letter.stage != "worker" or letter.reason not in WHOSE:
        return [letter.row]
    for corrections in (file.corrections, ()):
        said = _read_again(service, feed, replace(file, corrections=corrections))
        event = [draft for draft in said.drafts if draft.row == letter.row]
        nobody = [code for draft in event for code in _nobody(draft, _known(service, said))]
        codes = {letter.organisation} if letter.organisation else set(nobody[:1])  # one that may not be repeated
        own = _naming(event, _texts(found.corrected(corrections), column), codes)
        if own:
            return own
    same, rows = _same(found, column, letter.row), {letter.row, *(row for draft in event for row in draft.rows)}
    return [row for row in same if row in rows]


def _naming(drafts: Iterable[Draft], texts: Mapping[int, str], codes: Collection[str]) -> list[int]:
    """Name the rows of these observations in which one of these codes stands."""
    return [row for draft in drafts for row in draft.rows if cells.capitals(texts.get(row, "")) in codes]


def _known(service: Service, said: Statement) -> Set[str]:
    return {*service.store.organisations()[0], *(one.code for one in said.organisations)}


def _nobody(draft: Draft, known: Set[str]) -> list[str]:
    """Give the organisations that an observation speaks of and nobody knows, in its order."""
    return [part.organisation for part in draft.contributions if part.organisation not in known]


def _unknown(service: Service, said: Statement, texts: Mapping[int, str], rows: Set[int]) -> list[int]:
    """Name the rows that name an organisation which nobody knows, of all observations that have one of these rows.

    By its first where no row of it does: the column is another.
    """
    known, found = _known(service, said), list[int]()
    for draft in said.drafts:
        if not rows.isdisjoint(draft.rows) and (codes := _nobody(draft, known)):
            found += _naming([draft], texts, codes) or [draft.row]
    return found


def _column(service: Service, feed: Feed, file: Landed, name: str, row: int) -> tuple[str, Table]:
    """Find the column, and the row whole, in the file as it landed; `BadRequest` says which columns may be named."""
    found, asked = table(service, feed, file)
    if plain(name) not in found.columns:
        raise BadRequest(f"the file has no such column: name one with --field, such as {', '.join(asked)}")
    line = next((line for line in found.lines if line.number == row), None)
    if line is None or line.cells is None or found.columns[plain(name)] >= len(line.cells):
        raise BadRequest(DAMAGED)
    return plain(name), found


def _fit(value: str, feed: Feed) -> str:
    """Give a value that can be no person's name; `BadRequest` for any other."""
    if value in {indicator.key for indicator in feed.indicators} | feed.sources.keys() | {""}:
        return value
    if cells.looks_like_a_code(value):
        return cells.capitals(value)
    for read in (cells.number, cells.day):
        try:
            read(value, "value")
        except BadRecord:
            continue
        return value
    raise BadRequest(UNFIT)


def _read_again(service: Service, feed: Feed, file: Landed) -> Statement:
    today = day_of(service.clock.now())
    return told(feed, service.landing.reopened(file), _stated(feed, file), today=today).statement


def _stated(feed: Feed, file: Landed) -> Stated:
    """Give what was said of a file when it landed."""
    return Stated(file.source if file.source in feed.sources else None, file.stated)


def replay(service: Service, letters: Sequence[Kept], by: str) -> Iterator[Replayed]:
    """Read the files again that these letters lie in, one after the other; what cannot be read says why."""
    chosen: defaultdict[tuple[str, str], int] = defaultdict(int)
    for each in letters:
        chosen[each.letter.feed, _whole(service, each.letter.file)] += 1
    for (feed, file), number in chosen.items():
        try:
            yield _replayed(service, contract(feed, service.settings.dags), file, number, by)
        except (BadFile, BadRequest) as bad:
            yield Replayed(feed, file, number, why=str(bad))


def _whole(service: Service, file: str) -> str:
    """Give the whole checksum; a worker's letter names its first digits. What nobody knows stays as it is."""
    try:
        return service.landing.whole(file)
    except BadRequest:
        return file


def _replayed(service: Service, feed: Feed, checksum: str, letters: int, by: str) -> Replayed:
    if checksum == BUS:
        raise BadRequest("in no file, but on the bus: publish the files that they came from again")
    check_promises(feed, service.store)
    file, now = service.landing.landed(checksum, feed.key), service.clock.now()
    delivery = service.landing.reopened(file)
    service.landing.mend(checksum, feed.key, Mending(by, now))
    done = publish(
        feed,
        delivery,
        _stated(feed, file),
        bus=service.bus,
        landing=service.landing,
        now=now,
        registered=service.store.organisations()[0].keys(),
    )
    solved = let_go(service, feed.key, done)
    return Replayed(feed.key, checksum, letters, solved, replace(done, asides=(), drafted=frozenset()))


def let_go(service: Service, feed: str, done: Published) -> int:
    """Note which dead letters of a file no longer hold, now that it was published again; give how many.

    Those of its reader that it no longer puts aside, and those of the worker that no longer come to it.
    """
    still = {(aside.row, aside.field, aside.reason.value) for aside in done.asides}
    return read_again(service.engine, feed, done.receipt.file, still, done.drafted, service.clock.now())


def of_reason(letters: Sequence[Kept], reason: Reason | None, file: str | None) -> list[Kept]:
    """Choose letters by reason and by the first digits of their file; None: any."""
    return [
        each
        for each in letters
        if (reason is None or each.letter.reason is reason)
        and (file is None or each.letter.file.startswith(file) or file.startswith(each.letter.file))
    ]
