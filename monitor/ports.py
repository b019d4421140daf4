"""Every question that the core asks of the outside: bus, store, notifier, clock.

Adapters answer them (`bus/`, `store/`, `alerts/terminal.py`); the core knows only this page, and what a publishing asks
of the landing: that speaks of deliveries, so it stands a floor higher, beside them (`feeds/landed.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import NamedTuple, Protocol

from monitor.acceptance import Acceptances
from monitor.casefile import Act, Case, CaseChange, Notification, Pack
from monitor.evidence import Evidence, Standing
from monitor.kept import (
    Block,
    Cell,
    Changes,
    Coverage,
    Figures,
    Interval,
    Position,
    Saved,
    Scores,
    Settlement,
    Sum,
)
from monitor.model import (
    Feed,
    Observation,
    Organisation,
    Succession,
    Tick,
)


class View(Protocol):
    """What a review sees: all that is stored, and what its tick has changed."""

    @property
    def sequence(self) -> int:
        """Give the tick's place in the one order of all feeds' ticks."""

    @property
    def acts_so_far(self) -> int:
        """Give the number of the last act that anybody has recorded; 0: none."""

    def contracts(self) -> Mapping[str, Feed]:
        """Give every feed's contract."""

    def evidence(self, organisations: Collection[str] | None) -> Mapping[str, tuple[Evidence, ...]]:
        """Give the evidence of the last settled period of every series (all feeds), by organisation."""

    def judged(self, organisation: Organisation, sequence: int) -> tuple[Sequence[Evidence], float]:
        """Give what an earlier tick judged an organisation by, from scores as they are now; and the threshold.

        That is the evidence of the last period of every series that was settled then.
        """

    def scores(
        self, block: Block, first: int, last: int, only: Collection[str] | None = None
    ) -> Sequence[Scores]:  # fmt: skip
        """Give the scores of a block's periods first..last, oldest first; `only`: these of their arrays, at least."""

    def first_known(self, cell: Cell) -> Sum | None:
        """Give what a closed cell held first; None: nothing else than now."""

    def refolds(self, organisations: Collection[str]) -> Mapping[str, tuple[tuple[int, datetime], ...]]:
        """Give, by organisation, the last tick (sequence, instant) that scored each of its blocks' past again."""

    def open_cases(self) -> Sequence[Case]:
        """Give the open cases of every kind."""

    def opened_since(self, instant: datetime) -> frozenset[str]:
        """Name the organisations of which a concern opened from this instant on, those standing at start apart."""

    def last_faults(self, feed: str, organisations: Collection[str]) -> Sequence[Case]:
        """Give these organisations' closed data cases of this feed, the one that closed last at the end."""

    def last_shock(self) -> Case | None:
        """Give the nation's case that closed last; None: none has."""

    def pack(self, case: str) -> Pack | None:
        """Give the evidence as a case's last change froze it."""

    def packs(self, organisations: Collection[str]) -> Sequence[Pack]:
        """Give the last evidence of every case that was these organisations' when it was frozen, oldest first."""

    def acts(self, cases: Collection[str]) -> Mapping[str, tuple[Act, ...]]:
        """Give the acts on these cases, oldest first."""

    def last_closed(self) -> Mapping[str, datetime]:
        """Give when each organisation's last concern case closed."""

    def messages_since(self, instant: datetime) -> Mapping[str, int]:
        """Count the cases of which each receiver had the first message from this instant on."""

    def told(self, cases: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Name the receivers that have had each of these cases as a message."""


class Transaction(View, Protocol):
    """One tick's writing: all of it or nothing. The position was claimed when it began."""

    def write(self, changes: Changes) -> None:
        """Write all that the tick caused apart from cases."""

    def record(self, changes: Sequence[CaseChange], notifications: Sequence[Notification]) -> None:
        """Append case changes to their organisations' histories and queue what must be said."""


class Store(Protocol):
    """What has been taken in and derived; read freely, then write all of a tick or nothing."""

    def position(self, feed: str) -> Position | None:
        """Say where this feed's worker stands; None: it has never run."""

    def contracts(self) -> Mapping[str, Feed]:
        """Give every feed's contract."""

    def organisations(self) -> tuple[Mapping[str, Organisation], tuple[Succession, ...]]:
        """Give the registry: organisations by code, and successions."""

    def registry(self) -> int:
        """Give the registry's version; each recorded change of it makes a new one."""

    def rebuild(self) -> int:
        """Give the number of the last begin or end of a replay: what was read before it no longer holds."""

    def acceptances(self) -> Acceptances:
        """Give every level that people have accepted as the new normal."""

    def words(self, feed: str, subjects: Collection[str]) -> Mapping[str, Observation]:
        """Give the held words of these subjects; a subject without one is absent."""

    def sums(self, cells: Collection[Cell]) -> Mapping[Cell, Sum]:
        """Give what these cells hold; a cell without words is absent."""

    def figures(
        self, indicator: str, source: str, calendar: str, first: int, last: int, of: Collection[str] | None = None
    ) -> Figures:
        """Give the sums of one indicator over periods first..last (inclusive), of every organisation with any.

        `of`: only of these organisations.
        """

    def heard(self, feed: str) -> frozenset[tuple[str, str]]:
        """Give the (indicator, source) pairs that any word has come of."""

    def coverage(self, feed: str) -> Coverage:
        """Give what has been declared complete."""

    def seals(self, feed: str) -> Mapping[tuple[str, str], Interval]:
        """Give, by (indicator, source), the days between which periods take no event any more."""

    def forgotten(self, feed: str, subjects: Collection[str]) -> frozenset[str]:
        """Give those of these subjects whose words have expired: what they said stands in a sum, unknown to anybody."""

    def live(self, feed: str) -> frozenset[str]:
        """Give the sources past their first load."""

    def live_by_feed(self) -> Mapping[str, frozenset[str]]:
        """Give the sources past their first load of every feed that has any."""

    def put_aside(self, feed: str) -> frozenset[tuple[str, int]]:
        """Give file and row of what this feed's worker has put aside and not taken since."""

    def unscored(self, feed: str) -> Mapping[Cell, Sum]:
        """Give what closed cells held when this feed was last not behind, of those that have changed since."""

    def saved(self, feed: str) -> Mapping[Block, Saved]:
        """Give the cached states of this feed's blocks; one of another version is absent."""

    def settlements(self, block: Block, first: int, last: int, model: str) -> Sequence[Settlement]:
        """Give what this model's version settled of a block's periods first..last, oldest first."""

    def settled(self, feed: str) -> Mapping[Block, tuple[int, int]]:
        """Give the first and last settled period number of each of this feed's blocks."""

    def closes(self, feed: str) -> Mapping[tuple[Block, int], datetime]:
        """Give when each not yet settled period first closed."""

    def standings(self, since: date) -> Sequence[Standing]:
        """Give the standings from a day on, oldest first."""

    def evidence_on(self, day: date) -> Mapping[str, tuple[Evidence, ...]]:
        """Give the evidence of every series that was known on a day, by organisation, from scores as they are now."""

    def concerns_found(self, since: date) -> Mapping[str, Sequence[tuple[date, date]]]:
        """Give from when to when each organisation had a case that ended, since a day, as "concern found"."""

    def scores(self, block: Block, first: int, last: int) -> Sequence[Scores]:
        """Give the scores of a block's periods first..last, oldest first."""

    def ahead(self, tick: Tick, changes: Changes) -> AbstractContextManager[View]:
        """Show what the tick's transaction will see once it has written these changes, without a lock.

        It holds where the transaction then has the same `sequence` and `acts_so_far`.
        """

    def claim(self, tick: Tick, changes: Changes | None = None) -> AbstractContextManager[Transaction]:
        """Begin the tick's transaction and take the position.

        `changes`: what it will write, made ready as far as can be before other writers are kept out.

        `PositionMoved` where another tick took it, or the registry is of another version than the tick's, or
        somebody has accepted a level, or everything has been derived again since the tick read; `Outage` while a
        replay is under way.
        """

    def tidy(self) -> None:
        """Do what is better done while nothing else is to be: the tick that would have to would take longer."""


class Batch(NamedTuple):
    """Messages read from a topic, and the position after them."""

    messages: tuple[bytes, ...]
    next: int


class Bus(Protocol):
    """One ordered topic a feed; what `publish` has returned for is durable."""

    def publish(self, feed: str, messages: Iterable[bytes]) -> int:
        """Append messages in order and give their number; may deliver twice after a crash, never zero times."""

    def topic(self, feed: str) -> str | None:
        """Give the identity of the feed's topic; a topic made anew has another. None: there is none."""

    def read(self, feed: str, position: int, limit: int) -> Batch:
        """Read up to `limit` messages from this position on."""

    def end(self, feed: str) -> int:
        """Give the position after the last message; 0 where there is none."""

    def observations_from(self, feed: str, position: int) -> int:
        """Count the observations from this position on: what is pending."""

    def feeds(self) -> tuple[str, ...]:
        """Name the feeds that have a topic."""

    def wait(self, seconds: float) -> None:
        """Rest until something may have been published since the last rest, at most so long."""


class Notifier(Protocol):
    """One way to a receiver; raises `Outage` where trying again can help."""

    def send(self, notification: Notification) -> None:
        """Show the notification; once per id however often it is sent."""


class Clock(Protocol):
    """Tells the time; tests and demos move theirs by hand."""

    def now(self) -> datetime:
        """Give the present instant, aware, UTC."""
