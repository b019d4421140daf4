"""The nouns of a case, frozen: signals and what they amount to, its life, people's acts, its evidence, what is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from monitor.acceptance import Accepted
from monitor.model import Family, Period, Reading


@dataclass(frozen=True, slots=True)
class Signal:
    """Evidence of one series that counts now: its direction, its tail probability and its start."""

    organisation: str
    indicator: str
    source: str
    family: Family
    reading: Reading
    p: float
    since: date
    period: Period
    known: date
    rises: bool
    latched: bool = False
    latched_since: date | None = None


class WatchKind(StrEnum):
    """Why somebody is worth a look without a case."""

    NEAR = "near a case"
    LONG_LOW = "long low"
    BRIGHT_SPOT = "bright spot"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What all current signals of an organisation amount to.

    `p` is the fused tail probability of the worsening evidence; `families` each family's own p;
    `opens` says that the case rule is met, `because` why in words; `watch` why it is a watch item, of which kind.
    `shares`: what part of the worsening evidence comes from each family, of 1 in all.
    """

    organisation: str
    p: float
    families: Mapping[str, float]
    signals: tuple[Signal, ...]
    patterns: tuple[str, ...]
    unassessed: tuple[str, ...]
    against: tuple[str, ...]
    opens: bool
    because: str
    watch: str | None = None
    watch_kind: WatchKind | None = None
    shares: Mapping[str, float] = field(default_factory=dict)


class Outcome(StrEnum):
    """How a case ended."""

    FADED = "faded"
    CONCERN_FOUND = "concern found"
    NO_CONCERN = "no concern found"
    DATA_FAULT = "fault of data"
    MERGED = "merged into"
    PASSED = "passed"


class CaseKind(StrEnum):
    """What a case is about: an organisation's care, a fault of data, or a shock that the whole nation shares."""

    CONCERN = "concern"
    DATA = "data"
    NATION = "nation"


@dataclass(frozen=True, slots=True)
class Slip:
    """That a series is off by a unit: its figures are not believed, from the period that begins on this day."""

    indicator: str
    source: str
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One organisation's concern, open until it has an outcome; people's acts lie beside it."""

    id: str
    organisation: str
    opened: datetime
    p: float
    families: Mapping[str, float]
    signals: tuple[Signal, ...]
    patterns: tuple[str, ...]
    against: tuple[str, ...]
    because: str
    outcome: Outcome | None = None
    closed: datetime | None = None
    kind: CaseKind = CaseKind.CONCERN
    feed: str | None = None  # whose data are at fault
    slip: Slip | None = None  # what of it is off by a unit; None: a fault of data is a silence
    frozen: tuple[int, datetime] | None = None  # sequence and instant of the tick that froze its evidence last
    unassessed: tuple[str, ...] = ()  # patterns that want figures which nobody sends
    shares: Mapping[str, float] = field(default_factory=dict)  # of the worsening evidence, by family
    still_opens: bool = True  # the case rule was met when its evidence was frozen last
    is_gone: bool = False  # its evidence has passed, as was told; `signals` stay as it had them
    asked: datetime | None = None  # when a person was last asked about what holds in it; None: never


class ActKind(StrEnum):
    """What a named body can do to a case, the furthest last; a note moves nothing on."""

    NOTE = "note"
    ACKNOWLEDGE = "ack"
    WATCH = "watch"
    SNOOZE = "snooze"
    ESCALATE = "escalate"
    ASK = "ask"
    ACCEPT = "accept"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Act:
    """What a named person or body did to a case, and when; never changed afterwards."""

    case: str
    kind: ActKind
    by: str
    at: datetime
    text: str = ""
    outcome: Outcome | None = None
    accepted: tuple[Accepted, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """One settled period of a series as it was known; `seen`, `expected`, `low`, `high` in people's unit.

    None where there is no figure or no expectation. `numerator` and `denominator` decide what may be shown.
    """

    period: Period
    numerator: float | None
    denominator: float | None
    seen: float | None
    expected: float | None
    low: float | None
    high: float | None
    z: float | None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One series of an evidence pack: its signal, its points (oldest first) and its peers.

    `peers`: how many were compared in the last period; `peers_z`: their median score; `shock`: the factor by which
    what all peers share moved what was expected here in the last period (1 = not), and that was taken out. `calendar`:
    the periods that the points may be shown in, by name; None (older packs): as their figures say. What weakens it:
    `heard`, the share of the peers that had reported the last period; `first`, that period's sums as first known where
    they were others; `exposed`, the period whose exposure it is counted against; `is_young`, scored for under a year.
    """

    signal: Signal
    points: tuple[Point, ...]
    peers: int
    peers_z: float | None
    shock: float | None
    calendar: str | None = None
    heard: float | None = None
    first: tuple[float, float | None] | None = None
    exposed: Period | None = None
    is_young: bool = False


@dataclass(frozen=True, slots=True)
class Showing:
    """In which calendar a series has been shown, until the end of which period, so that it is in no other.

    `after`: what lies before left in another calendar, or within another organisation's figures; None: nothing.
    """

    organisation: str
    indicator: str
    source: str
    calendar: str
    after: date | None
    until: date


@dataclass(frozen=True, slots=True)
class Pack:
    """The frozen evidence of a case at one tick: aggregates only."""

    case: str
    organisation: str
    name: str
    known_at: datetime
    tick: str  # feed/number
    models: tuple[str, ...]
    state: str  # digest of the exhibits
    exhibits: tuple[Exhibit, ...]
    showings: tuple[Showing, ...] = ()  # one of each series that this pack or an earlier one shows


class What(StrEnum):
    """What a step of a case's history did; a digest tells of many, a heartbeat of none."""

    OPENED = "opened"
    WORSENED = "worsened"
    CORRECTED = "corrected"
    FADED = "faded"
    GONE = "evidence gone"
    MOVED = "moved"
    ACCEPTED = "accepted"
    ASKED = "asked"
    CLOSED = "closed"
    DIGEST = "digest"
    HEARTBEAT = "heartbeat"


class How(StrEnum):
    """By which form a receiver hears: by itself, or with others in the next digest."""

    MESSAGE = "message"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class CaseChange:
    """One step of a case's history, with its reason in words; numbered per organisation."""

    case: Case
    what: What
    reason: str
    at: datetime
    pack: Pack | None = None
    at_start: bool = False  # history opened it, as its feed went live


@dataclass(frozen=True, slots=True)
class Notification:
    """One message about one change of one case for one receiver, with its reason."""

    id: str
    case: str
    receiver: str
    what: What
    reason: str
    queued: datetime
    body: Mapping[str, object]
    how: How = How.MESSAGE
    at_start: bool = False  # of a case that stood when its feed went live: its digest waits for no week
