"""Small nations with a history: what two feeds say at each step, drawn so that hypothesis can shrink it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property

import numpy as np
from hypothesis import strategies as st

from monitor.calendars import Calendar, calendar
from monitor.model import (
    Advance,
    Contribution,
    Family,
    Feed,
    Message,
    Observation,
    Organisation,
    PeerGroup,
    Period,
    Succession,
)
from tests.factories import feed, organisation

COMPLAINTS = feed(
    "complaints", indicators=("new_complaints", "conduct_complaints_share", "complaints_backlog"), lateness_days=10
)
INCIDENTS = feed(
    "incident_reports", indicators=("low_harm_reports", "report_delay"), calendar="weekly", lateness_days=10,
    wait_days=3, family=Family.INCIDENTS,
)  # fmt: skip
BEGIN, PAST, LIVE = date(2022, 1, 1), 14, 3
"""A first load of fourteen months, of which the last are scored, and three months of operation."""
WEEKS_BEGIN = date(2022, 8, 1)
"""Weekly figures begin later: half a year of them is enough to be scored."""
DAYS = (2, 4, 12, 20)
"""Days of a month on which the worker turns: publication, settlement, after the due day, and once more."""


class What(StrEnum):
    """What can happen to an organisation beside the usual."""

    LATE = "late"  # a month's words come some turns later, or never
    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"  # a word goes to another organisation
    EXPOSED = "exposed"  # its exposure is stated only from some turn on
    PREPENDED = "prepended"  # its oldest months come last
    STARTS = "starts"  # it is not there before some month
    WORSENS = "worsens"
    REPEATED = "repeated"  # everything so far is published again
    MERGED = "merged"  # into the next organisation; loaded at some turn
    STATED = "stated"  # a feed states somebody new and publishes the past
    LOADED = "loaded"  # the registry is loaded again and says something new
    WATCHED = "watched"  # somebody acts on the open cases
    CLOSED = "closed"
    ACCEPTED = "accepted"  # somebody takes what still holds in the open cases as the new normal


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to whom (place among the organisations), in which month of operation, and how."""

    what: What
    who: int
    month: int
    how: int

    @property
    def turn(self) -> int:
        """Number of the turn at which it happens: 0 is the first load."""
        return 1 + self.month * len(DAYS) + self.how % len(DAYS)


@dataclass(slots=True)
class Turn:
    """One instant: what is published, loaded and done before the worker's tick."""

    now: datetime
    said: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    settles: bool = False
    registry: tuple[list[Organisation], list[Succession]] | None = None
    acts: list[What] = field(default_factory=list)


@dataclass(frozen=True)
class Nation:
    """Organisations, feeds and events; everything else follows from them and the seed."""

    seed: int
    size: int
    keys: tuple[str, ...]
    events: tuple[Event, ...]

    @property
    def feeds(self) -> list[Feed]:
        """Give the contracts of its feeds."""
        return [contract for contract in (COMPLAINTS, INCIDENTS) if contract.key in self.keys]

    @cached_property
    def organisations(self) -> list[Organisation]:
        """Two peer groups: one of eight or more with a common shock, and a small one without."""
        groups = [PeerGroup.ACUTE if place < 9 else PeerGroup.MENTAL_HEALTH for place in range(self.size)]
        return [organisation(f"R{place:02d}", group) for place, group in enumerate(groups)]

    @cached_property
    def instants(self) -> list[datetime]:
        """The first load, then four turns a month."""
        days = [_month(PAST + month) + timedelta(days=day) for month in range(LIVE) for day in DAYS]
        return [datetime.combine(day, time(9), UTC) for day in (_month(PAST), *days)]

    def of(self, what: What) -> list[Event]:
        """Give the events of this kind."""
        return [event for event in self.events if event.what is what]

    def by(self, event: Event) -> Organisation:
        """Give the organisation that an event is about."""
        return self.organisations[event.who % self.size]


def _begin(contract: Feed) -> date:
    return WEEKS_BEGIN if contract.key == INCIDENTS.key else BEGIN


def _month(number: int) -> date:
    return date(BEGIN.year + number // 12, number % 12 + 1, 1)


def turns(nation: Nation) -> list[Turn]:
    """Write a nation's history down, turn by turn."""
    written = [Turn(now) for now in nation.instants]
    written[0].registry = (nation.organisations, [])
    written[0].settles = True
    for contract in nation.feeds:
        written[0].said[contract.key].append(contract)
        for turn, released in _released(nation, contract).items():
            written[turn].said[contract.key] += _published(nation, contract, released)
    for event in sorted(nation.events, key=lambda event: event.turn):
        _happens(nation, event, written)
    return written


Release = tuple[Organisation, int]
"""One period (by number) of one organisation."""


def _released(nation: Nation, contract: Feed) -> dict[int, list[Release]]:
    """Give what is published at which turn; what never comes is absent."""
    periods = _calendar(contract)
    released: dict[int, list[Release]] = defaultdict(list)
    last = periods.last_before(nation.instants[-1].date())
    for one in nation.organisations:
        for number in range(periods.first_within(_begin(contract)), last + 1):
            turn = _turn_of(nation, one, periods.period(number))
            if turn is not None and turn < len(nation.instants):
                released[turn].append((one, number))
    return released


def _turn_of(nation: Nation, one: Organisation, period: Period) -> int | None:
    start, end = period
    usual = next(place for place, now in enumerate(nation.instants) if end < now.date() or now == nation.instants[-1])
    for event in nation.events:
        if nation.by(event) is not one:
            continue
        begins = _month(PAST + event.month)
        if event.what is What.STARTS and start < _month(PAST - 3 + event.month):
            return None
        if event.what is What.MERGED and event.how % 3 and end > begins:
            return None
        if event.what is What.PREPENDED and start < _month(10):
            return event.turn
        if event.what is What.LATE and begins <= start < _month(PAST + event.month + 1):
            return None if event.how % 7 == 6 else usual + 1 + event.how % 6
    return usual


def _published(nation: Nation, contract: Feed, released: list[Release]) -> list[Message]:
    words = [word for one, number in released for word in words_of(nation, contract, one, number)]
    return [*words, *_advances(contract, released)]


def _advances(contract: Feed, released: list[Release]) -> list[Message]:
    """Give one advance for each run of periods, naming all who have published it."""
    periods = _calendar(contract)
    spans: dict[Period, set[str]] = defaultdict(set)
    for one in {one for one, _ in released}:
        numbers = sorted(number for other, number in released if other is one)
        for place in np.split(np.array(numbers), np.flatnonzero(np.diff(numbers) > 1) + 1):
            spans[periods.start(int(place[0])), periods.start(int(place[-1]) + 1)].add(one.code)
    return [Advance(contract.key, "local", *span, frozenset(codes)) for span, codes in sorted(spans.items())]


def words_of(
    nation: Nation, contract: Feed, one: Organisation, number: int, *, revision: int = 0, factor: float = 1.0
) -> list[Observation]:
    """Give the words of one organisation on one period: its figures, and its exposure as a subject of its own."""
    rng = np.random.default_rng([nation.seed, int(one.code[1:]), number, revision])
    period = _calendar(contract).period(number)
    worse = factor * (1.7 if _has_worsened(nation, one, period) else 1.0)
    subject, rank = f"{contract.key}-{one.code}-{number}", (revision, datetime.combine(period[1], time(), UTC))
    known = None if number % 3 else period[1] + timedelta(days=2)
    parts = [Contribution(one.code, name, period, *figures) for name, figures in _figures(contract, rng, worse, one)]
    figures = Observation(contract.key, "local", subject, rank, known, tuple(parts), f"run/{contract.key}/{number}")
    exposed = Contribution(one.code, contract.indicators[0].key, period, 0.0, float(rng.integers(900, 1100)))
    counted = period[1] + timedelta(days=1)  # another day: where figures are withdrawn, this date is the cell's
    exposure = Observation(contract.key, "local", f"{subject}-exposure", rank, counted, (exposed,), "run/exposure/1")
    return [figures] if _is_plain(nation, one) or contract.key == INCIDENTS.key else [figures, exposure]


def _figures(
    contract: Feed, rng: np.random.Generator, worse: float, one: Organisation
) -> list[tuple[str, tuple[float, float | None]]]:
    count = float(rng.poisson(20 * worse))
    if contract.key == INCIDENTS.key:
        return [("low_harm_reports", (count, 0.0)), ("report_delay", (round(4 * worse * (count + 1), 3), count + 1))]
    share = float(rng.binomial(100, min(0.2 * worse, 0.9)))
    backlog = round(float(rng.gamma(50, worse / 50)), 4)
    bare = (backlog, None) if int(one.code[1:]) % 2 else (round(backlog * 40, 3), 40.0)
    return [
        ("new_complaints", (count, 0.0)),
        ("conduct_complaints_share", (share, 100.0)),
        ("complaints_backlog", bare),
    ]


def _has_worsened(nation: Nation, one: Organisation, period: Period) -> bool:
    since = [_month(PAST - 1 + event.month) for event in nation.of(What.WORSENS) if nation.by(event) is one]
    return any(begin <= period[0] for begin in since)


def _is_plain(nation: Nation, one: Organisation) -> bool:
    return any(nation.by(event) is one for event in nation.of(What.EXPOSED)) or int(one.code[1:]) % 5 == 0


def _calendar(contract: Feed) -> Calendar:
    return calendar(contract.sources["local"].calendars[contract.indicators[0].key])


def _happens(nation: Nation, event: Event, written: list[Turn]) -> None:
    turn, one = written[event.turn], nation.by(event)
    match event.what:
        case What.REVISED | What.WITHDRAWN | What.MOVED:
            for contract in nation.feeds:
                turn.said[contract.key] += _corrected(nation, event, contract)
        case What.EXPOSED:
            turn.said[COMPLAINTS.key] += _exposures(nation, one)
        case What.REPEATED:
            for contract in nation.feeds:
                turn.said[contract.key] += [
                    message for earlier in written[: event.turn] for message in earlier.said[contract.key]
                ]
        case What.STATED:
            for contract in nation.feeds:
                turn.said[contract.key] += _newcomer(contract, nation, event)
        case What.MERGED:
            heir = nation.organisations[(event.who + 1) % nation.size]
            turn.registry = _more(turn, [], [Succession(one.code, heir.code, _month(PAST + event.month))])
        case What.LOADED:
            renamed = Organisation(one.code, f"{one.name} {event.how}", one.peer_group, one.region)
            turn.registry = _more(turn, [renamed], [])
        case What.WATCHED | What.CLOSED | What.ACCEPTED:
            turn.acts.append(event.what)


def _newcomer(contract: Feed, nation: Nation, event: Event) -> list[Message]:
    """State an organisation that nobody has registered, with all that it has published until now."""
    periods, one = _calendar(contract), organisation(f"R{50 + event.who}")
    last = periods.last_before(nation.instants[event.turn].date())
    released = [(one, number) for number in range(periods.first_within(_begin(contract)), last + 1)]
    return [one, *_published(nation, contract, released)]


def _more(
    turn: Turn, organisations: list[Organisation], successions: list[Succession]
) -> tuple[list[Organisation], list[Succession]]:
    before = turn.registry or ([], [])
    return [*before[0], *organisations], [*before[1], *successions]


def _corrected(nation: Nation, event: Event, contract: Feed) -> list[Message]:
    """Give a later word on a period that has been published long ago or just now."""
    periods, one = _calendar(contract), nation.by(event)
    newest = periods.last_before(nation.instants[event.turn].date())
    number = max(newest - event.how // len(DAYS) * 3, periods.first_within(_begin(contract)))
    new = words_of(nation, contract, one, number, revision=1 + event.turn, factor=2.0)[0]
    if event.what is What.REVISED:
        return [new]
    parts = () if event.what is What.WITHDRAWN else _elsewhere(new, nation.organisations[(event.who + 2) % nation.size])
    return [Observation(new.feed, new.source, new.subject, new.rank, new.known, parts, new.origin)]


def _elsewhere(word: Observation, other: Organisation) -> tuple[Contribution, ...]:
    return tuple(
        Contribution(other.code, part.indicator, part.period, part.numerator, part.denominator)
        for part in word.contributions
        if part.denominator is not None  # two bare values in one cell contradict each other
    )


def _exposures(nation: Nation, one: Organisation) -> list[Message]:
    periods = _calendar(COMPLAINTS)
    numbers = range(periods.first_within(BEGIN), periods.last_before(nation.instants[-1].date()))
    return [
        Observation(
            COMPLAINTS.key, "local", f"late-exposure-{one.code}-{number}", (0, nation.instants[0]), None,
            (Contribution(one.code, "new_complaints", periods.period(number), 0.0, 1000.0),), "run/exposure/2",
        )
        for number in numbers
    ]  # fmt: skip


def nations(*, kinds: tuple[What, ...] = tuple(What), most: int = 5) -> st.SearchStrategy[Nation]:
    """Draw nations with up to `most` events of these kinds, and at least one organisation that worsens."""
    places = st.integers(0, 11)
    event = st.builds(Event, st.sampled_from(kinds), places, st.integers(0, LIVE - 1), st.integers(0, 13))
    worsens = st.builds(Event, st.just(What.WORSENS), places, st.integers(0, 1), st.just(0))
    return st.builds(
        lambda seed, size, keys, worse, events: Nation(seed, size, keys, (worse, *events)),
        st.integers(0, 99),
        st.integers(12, 14),
        st.sampled_from([("complaints",), ("complaints", "incident_reports")]),
        worsens,
        st.lists(event, max_size=most),
    )
