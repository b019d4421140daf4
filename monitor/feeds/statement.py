"""What one file states, row by row: nothing is dropped, every row has one of five outcomes.

rows = observations + merged + out of scope + suppressed + put aside, where a row is the smallest cell that
names an organisation and a period. The ledger is how a reader keeps count; the statement is its result.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from monitor.errors import BadRecord, Reason
from monitor.feeds.cells import looks_like_a_code
from monitor.model import Contribution, Organisation, Period


class Draft(NamedTuple):
    """An observation as its file states it; its natural key stays inside this process.

    `published` None: the file's own date holds. `source` None: the publication's. `others`: further rows of its word.
    """

    key: str
    row: int
    contributions: tuple[Contribution, ...]
    revision: int = 0
    published: date | None = None
    source: str | None = None
    is_event: bool = False
    others: tuple[int, ...] = ()

    @property
    def rows(self) -> tuple[int, ...]:
        """Name every row that this word was read from."""
        return (self.row, *self.others)


class Aside(NamedTuple):
    """A row put aside, with its value only where that can identify nobody."""

    row: int
    field: str
    reason: Reason
    value: str | None = None
    organisation: str | None = None


class Cell(NamedTuple):
    """What a row of figures speaks of, so that its period is complete for this organisation."""

    source: str
    organisation: str
    indicator: str
    period: Period


@dataclass(frozen=True, slots=True)
class Statement:
    """What one file states.

    Parameters
    ----------
    left_out
        Rows out of scope per organisation code: one line per code and file.
    stated
        The cells that files of figures complete for the organisations in them.
    seen
        Rows per organisation code, the dead-lettered ones included.
    has_events
        Events do not say what they cover: a person or a sidecar does.
    indicators
        What the events of this layout tell of; None: all that their source promises.
    days
        The days of the events told for the first time, each with the first row that tells of it.
    unread
        How many columns there are that a layout of fixed columns does not have; 0 for the other layouts.
    remarks
        What whoever publishes the file should know of it, in words.
    """

    rows: int
    drafts: tuple[Draft, ...]
    organisations: tuple[Organisation, ...]
    merged: int
    out_of_scope: Mapping[str, int]
    left_out: Mapping[str, int]
    suppressed: int
    asides: tuple[Aside, ...]
    stated: frozenset[Cell]
    seen: Mapping[str, int]
    has_events: bool = False
    indicators: frozenset[str] | None = None
    days: Mapping[date, int] = field(default_factory=dict)
    unread: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def first_day(self) -> date | None:
        """Give the earliest day of an event told for the first time; None: there is none."""
        return min(self.days, default=None)

    def __post_init__(self) -> None:
        """Hold the law of this page."""
        lost = sum(self.out_of_scope.values()) + self.suppressed + len(self.asides)
        assert self.rows == len(self.drafts) + self.merged + lost, "a row without an outcome, or with two"


@dataclass(slots=True)
class Ledger:
    """A reader's running account of one table; `rows` was counted before anything was read."""

    rows: int
    organisations: dict[str, Organisation] = field(default_factory=dict)
    merged: int = 0
    out_of_scope: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    suppressed: int = 0
    asides: list[Aside] = field(default_factory=list)
    stated: set[Cell] = field(default_factory=set)
    seen: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    has_events: bool = False
    indicators: frozenset[str] | None = None
    days: dict[date, int] = field(default_factory=dict)
    unread: int = 0
    _figures: dict[tuple[str | None, str], Draft] = field(default_factory=dict)
    _events: list[Draft] = field(default_factory=list)

    def figure(self, draft: Draft) -> None:
        """Take a figure that may be there once: the same again and an older word are merged, another is put aside."""
        place = (draft.source, draft.key)
        held = self._figures.setdefault(place, draft)
        if held is draft:
            return
        if _is_newer(draft, held):
            self._figures[place] = draft
        elif not (held.contributions == draft.contributions or _is_newer(held, draft)):
            organisation = held.contributions[0].organisation
            self.asides.append(Aside(draft.row, "row", Reason.DUPLICATE_ROW, None, organisation))
            return
        self.merged += 1

    def event(self, draft: Draft, first_day: date, *, rows: int) -> None:
        """Take an event, told in so many rows."""
        self._events.append(draft._replace(is_event=True))
        self.merged += rows - 1
        # A later revision may be of a report of long ago, and does not show how far back the file is complete.
        if draft.revision <= 1:
            self.days[first_day] = min(draft.row, self.days.get(first_day, draft.row))

    def leave_out(self, reason: str, organisation: str, rows: int = 1) -> None:
        """Count rows that are none of this service's business; groups are joined as 01T/01V."""
        self.out_of_scope[reason] += rows
        self.left_out[organisation if all(map(looks_like_a_code, organisation.split("/"))) else "?"] += rows

    def put_aside(self, row: int, bad: BadRecord, organisation: str | None) -> None:
        """Keep a row that cannot be taken in, with its reason."""
        self.asides.append(Aside(row, bad.field, bad.reason, bad.value, organisation))

    def statement(self) -> Statement:
        """Close the account; every row must have had its outcome."""
        return Statement(
            self.rows,
            (*self._figures.values(), *self._events),
            tuple(self.organisations.values()),
            self.merged,
            dict(self.out_of_scope),
            dict(self.left_out),
            self.suppressed,
            tuple(self.asides),
            frozenset(self.stated),
            dict(self.seen),
            self.has_events,
            self.indicators,
            self.days,
            self.unread,
        )


def _is_newer(one: Draft, other: Draft) -> bool:
    """Say whether a row's own revision, or its own date of publication, puts it after another's."""
    if one.revision != other.revision:
        return one.revision > other.revision
    return one.published is not None and other.published is not None and one.published > other.published
