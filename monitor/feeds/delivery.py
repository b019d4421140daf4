"""One file as it was handed over, and what it says: read and checked, nothing sent yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from monitor.errors import BadRequest, Reason
from monitor.feeds.coverage import Completes, Covers, advances
from monitor.feeds.publications import read
from monitor.feeds.statement import Statement
from monitor.feeds.table import Correction
from monitor.garbage import uncollected
from monitor.model import Advance, Feed

STATE_THE_DAY = "state the day on which the source published it"
"""In the way in which one was stated: by `--published`, a name that begins with it, or a publisher's page."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file as it was handed over, read once; `covers` says what an event file covers.

    Parameters
    ----------
    name
        For the person's eyes only: names may say who is in a file, so none is kept or sent.
    covers
        "all" registered organisations, the bytes of a coverage file, or None: not said.
    corrections
        What people have corrected in it since it landed.
    """

    name: str
    content: bytes
    covers: str | bytes | None = None
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """What is said of a file beside its bytes; None: left to the file itself, or to when it landed.

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
    """

    source: str | None = None
    published: date | None = None
    through: date | None = None
    since: date | None = None


NOTHING_STATED = Stated()


@dataclass(frozen=True, slots=True)
class Told:
    """What a delivery says: whose figures these are, its rows, and what they complete."""

    source: str
    statement: Statement
    completes: Completes

    @property
    def covered(self) -> tuple[Advance, ...]:
        """Give all that is complete now, by its figures and by what is said of its events."""
        return (*self.completes.of_figures, *self.completes.declared)


@uncollected()
def told(
    feed: Feed,
    delivery: Delivery,
    stated: Stated = NOTHING_STATED,
    *,
    today: date,
) -> Told:
    """Read and check a delivery: `BadFile` where it is none of this feed's, `BadRequest` where what is said cannot be.

    The same bytes read on the same day say the same.
    """
    published = stated.published
    if published is not None and published > today:
        raise BadRequest(f"the stated day of publication, {published}, is in the future; {STATE_THE_DAY}")
    whose, statement = read(
        feed,
        delivery.content,
        source=stated.source,
        today=today,
        published=published,
        corrections=delivery.corrections,
    )
    if published is not None:
        _had_happened(statement, published, today)
    covers = Covers(delivery.covers, stated.through, stated.since)
    return Told(whose, statement, advances(feed, whose, statement, covers, today))


def _had_happened(statement: Statement, published: date, today: date) -> None:
    """Raise where the file tells of days after the one on which it is said to have been published."""
    late = [
        (aside.value, aside.row)
        for aside in statement.asides
        if aside.reason is Reason.FUTURE_DATE and aside.value and date.fromisoformat(aside.value) <= today
    ]
    if late:
        day, row = max(late)
        stated = f"the stated day of publication, {published}"
        raise BadRequest(f"{stated}, is before {day}, which row {row} tells of; {STATE_THE_DAY}")
