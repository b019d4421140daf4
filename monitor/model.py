"""The nouns of design.md up to the tick, frozen: what the service is told; those of a case are in `casefile`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

import numpy as np

from monitor.errors import Reason

Vector = np.ndarray[tuple[int], np.dtype[np.float64]]
"""One entry per organisation, in code order; NaN = missing, in arrays only."""
Period = tuple[date, date]
"""[start, end) of a calendar, Europe/London."""
Rank = tuple[int, datetime]
"""How recent a word is: (revision, published); the larger holds."""


class Family(StrEnum):
    """What kind of voice a feed is; corroboration counts these."""

    INCIDENTS = "incidents"
    WORKFORCE = "workforce"
    PATIENTS = "patients"
    STAFF_VOICE = "staff voice"


class PeerGroup(StrEnum):
    """Organisations that can be compared with each other."""

    ACUTE = "acute"
    MENTAL_HEALTH = "mental health"
    COMMUNITY = "community"
    AMBULANCE = "ambulance"


class Kind(StrEnum):
    """How an indicator's figures are distributed, and so which detector reads them.

    `count`: events, with or without exposure. `rate`: a large numerator over its exposure, or a bare
    rate in percent. `proportion`: some of all (numerator ≤ denominator). `score`: a sum over respondents.
    """

    COUNT = "count"
    RATE = "rate"
    PROPORTION = "proportion"
    SCORE = "score"


class Reading(StrEnum):
    """What a lasting change of an indicator in one direction means."""

    WORSENING = "worsening"
    IMPROVING = "improving"
    SILENCE = "silence"
    UNREAD = "no reading"


class SmallNumbers(StrEnum):
    """Which rule decides whether a figure may be shown (domain.md §5)."""

    PEOPLE = "people"
    RESPONDENTS = "respondents"
    FTE_DAYS = "fte days"


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is measured, what a rise means and what a fall means.

    `per` scales numerator / denominator to the unit people use (100 for a percentage, 1000 for "per
    1,000 bed days"); `low` and `high` bound one period's figure in that unit, beyond which it is a slip
    of unit, never a fact; `most` bounds what a count counts in one period of one organisation, a hundred times what is
    usual. `weight` is its share within its family (1 = full). `detector` names the method that reads it, as
    `river:ADWIN`; None: that of its kind.
    """

    key: str
    name: str
    unit: str
    kind: Kind
    numerator: str
    denominator: str | None
    rise: Reading
    fall: Reading
    small_numbers: SmallNumbers
    per: float = 1.0
    low: float = 0.0
    high: float = 1e9
    weight: float = 1.0
    ask: str = ""
    most: float = 1e6
    detector: str | None = None

    @property
    def worse(self) -> int:
        """+1 where the concern is a rise, -1 where it is a fall."""
        return 1 if self.rise is Reading.WORSENING else -1

    def reading(self, *, worse: bool) -> Reading:
        """Read a change: towards the concern, or away from it."""
        return self.rise if (self.worse > 0) is worse else self.fall


@dataclass(frozen=True, slots=True)
class Source:
    """How one source publishes; a period is due at end + wait + lateness.

    `calendars` and `waits` are per indicator (no wait: closed as soon as covered). `coverage` says how
    completeness is known: `manifest`, `file per organisation` or `all registered`. An organisation of
    whose rows in a file more than `tolerance` (a share) were dead-lettered is not advanced.
    """

    calendars: Mapping[str, str]
    lateness: timedelta
    waits: Mapping[str, timedelta] = field(default_factory=dict)
    coverage: str = "file per organisation"
    tolerance: float = 0.02

    def wait(self, indicator: str) -> timedelta:
        """How long after its end a period of this indicator can still grow."""
        return self.waits.get(indicator, timedelta(0))


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's contract: all that the worker knows of it, sent ahead of its observations."""

    key: str
    name: str
    family: Family
    indicators: tuple[Indicator, ...]
    sources: Mapping[str, Source]
    readers: tuple[str, ...]
    owner: str
    licence: str
    allowed: frozenset[str] = frozenset()  # attributes that may travel beside figures: none, no reader sends any
    retention: timedelta = timedelta(days=30)
    seal_months: int = 25

    def indicator(self, key: str) -> Indicator | None:
        """Give the indicator of this key; None: this feed has none such."""
        for indicator in self.indicators:  # asked of every figure: a generator would take twice as long
            if indicator.key == key:
                return indicator
        return None


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who is measured, by ODS code. `stated_by` names the feed that stated a provisional one."""

    code: str
    name: str
    peer_group: PeerGroup | None
    region: str | None
    start: date | None = None
    end: date | None = None
    stated_by: str | None = None


@dataclass(frozen=True, slots=True)
class Succession:
    """From `legal_date`, `successor` stands where `predecessor` stood."""

    predecessor: str
    successor: str
    legal_date: date


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a subject adds to one period of one series; without denominator a bare value."""

    organisation: str
    indicator: str
    period: Period
    numerator: float
    denominator: float | None


@dataclass(frozen=True, slots=True)
class Observation:
    """The whole word of one subject; a higher rank replaces it, no contributions withdraw it."""

    feed: str
    source: str
    subject: str
    rank: Rank
    known: date | None
    contributions: tuple[Contribution, ...]
    origin: str  # run/file/row
    is_event: bool = False  # one report or response, which expires into its periods' sums; else a figure


@dataclass(frozen=True, slots=True)
class Advance:
    """[start, end) is completely published.

    `organisations` None: for all registered. `indicators` None: for all that the source promises; a
    publication that holds only some of a source's indicators names them.
    """

    feed: str
    source: str
    start: date
    end: date
    organisations: frozenset[str] | None
    indicators: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record put aside: where it lies, why, and its value only where that can identify nobody."""

    feed: str
    file: str  # checksum, or "bus"
    row: int  # line of the file, or position on the bus
    field: str
    reason: Reason
    value: str | None = None
    organisation: str | None = None
    stage: str = "reader"  # who put it aside: reader or worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One publishing of one file: rows = observations + merged + out of scope + suppressed + dead-lettered."""

    feed: str
    source: str
    file: str  # checksum
    run: str
    rows: int
    observations: int
    merged: int
    out_of_scope: Mapping[str, int]
    suppressed: int
    dead_lettered: Mapping[str, int]

    @property
    def difference(self) -> int:
        """Rows that nothing accounts for: 0, or something was dropped silently."""
        lost = sum(self.out_of_scope.values()) + self.suppressed + sum(self.dead_lettered.values())
        return self.rows - self.observations - self.merged - lost


Message = Feed | Organisation | Observation | Advance | DeadLetter | Receipt
"""What a feed's topic carries: contract, organisations, observations, dead letters, advances, receipt."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One turn of the worker: a batch, perhaps empty, and the instant it ran at."""

    feed: str
    topic: str
    number: int
    next: int
    now: datetime
    messages: tuple[Message, ...]
    settles: bool = False  # the last step of a first load
    registry: int = 0  # version of the registry that it was worked out with
    threshold: float = 0.0  # fused probability at or below which a case could open
    settle_after: timedelta = timedelta(0)  # how long a period had to rest after its first close
    behind: bool = False  # more was waiting on its topic: it takes in, and judges nobody yet
    rebuild: int = 0  # the last begin or end of a replay when its worker read; not kept
    accepting: int = 0  # the last act that accepted a level when its worker read; not kept
