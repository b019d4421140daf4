"""Makes small nouns to keep: only what a test is about is spelled out there."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from monitor.calendars import calendar
from monitor.casefile import Case, CaseChange, CaseKind, Notification, Outcome, Pack, What
from monitor.kept import Block, Cell, Changes, Scores, Settlement, Sum
from monitor.model import (
    Contribution,
    Family,
    Feed,
    Indicator,
    Kind,
    Observation,
    PeerGroup,
    Reading,
    SmallNumbers,
    Source,
    Tick,
)
from monitor.store.store import SqlStore

NOW = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
FEED = "incident_reports"
BLOCK = Block("low_harm_reports", "local", PeerGroup.ACUTE)
WEEK = calendar("weekly")
FIRST = WEEK.number(date(2026, 1, 5))


def week(number: int) -> tuple[date, date]:
    return WEEK.period(FIRST + number)


def cell(number: int = 0, organisation: str = "RAA", indicator: str = "low_harm_reports") -> Cell:
    return Cell(indicator, "local", organisation, week(number)[0])


def word(subject: str = "s1", numerator: float = 1.0, *, revision: int = 0, origin: str = "run/abc/7") -> Observation:
    part = Contribution("RAA", "low_harm_reports", week(0), numerator, 0.0)
    return Observation(FEED, "local", subject, (revision, NOW), None, (part,), origin)


def tick(number: int, *, feed: str = FEED, topic: str = "topic-1", next: int | None = None, registry: int = 0) -> Tick:
    return Tick(feed, topic, number, number + 1 if next is None else next, NOW, (), registry=registry)


def write(store: SqlStore, changes: Changes, *, feed: str = FEED) -> int:
    """Write these changes in a tick of their own and give its number."""
    position = store.position(feed)
    number = position.tick if position else 0
    with store.claim(tick(number, feed=feed, registry=store.registry()), changes) as transaction:
        transaction.write(changes)
    return number


def sums(values: dict[Cell, float]) -> dict[Cell, Sum]:
    return {place: Sum(value, 10.0, 1) for place, value in values.items()}


def contract(key: str = FEED) -> Feed:
    indicator = Indicator(
        *("low_harm_reports", "Reports", "reports", Kind.COUNT, "reports", None),
        *(Reading.UNREAD, Reading.WORSENING, SmallNumbers.PEOPLE),
    )
    sources = {"local": Source({"low_harm_reports": "weekly"}, timedelta(days=7))}
    return Feed(key, "Incidents", Family.INCIDENTS, (indicator,), sources, ("incidents",), "owner", "licence")


def settlement(number: int, *, model: str = "counts/1", block: Block = BLOCK) -> Settlement:
    common = {"shock": np.array([0.5, float(number)]), "closed": np.array([True, False])}
    return Settlement(block, FIRST + number, week(number), ("RAA", "RBB"), common, model, NOW, 3)


def scores(number: int, *, worse: tuple[float, float] = (0.2, float("nan")), block: Block = BLOCK) -> Scores:
    tail, since = np.array(worse), np.full(2, float(FIRST))
    arrays = {
        "z": np.array([1.5, np.nan]),
        "worse": tail,
        "better": 1 - tail,
        "worse_since": since,
        "better_since": since,
        "known": np.array([week(number)[1].toordinal(), 0.0]),
    }
    return Scores(block, FIRST + number, week(number), ("RAA", "RBB"), arrays)


def case(
    id: str = "c1", organisation: str = "RAA", *, outcome: Outcome | None = None, kind: CaseKind = CaseKind.CONCERN
) -> Case:
    closed = NOW if outcome else None
    return Case(
        id=id, organisation=organisation, opened=NOW, p=0.001, families={"incidents": 0.01}, signals=(),
        patterns=("C1",), against=(), because="two families", outcome=outcome, closed=closed, kind=kind,
    )  # fmt: skip


def pack(id: str = "c1") -> Pack:
    return Pack(id, "RAA", "A trust", NOW, f"{FEED}/3", ("counts/1",), "digest", ())


def change(id: str = "c1", organisation: str = "RAA", *, outcome: Outcome | None = None) -> CaseChange:
    what = What.FADED if outcome else What.OPENED
    return CaseChange(case(id, organisation, outcome=outcome), what, "because", NOW, pack(id))


def notification(id: str = "n1", *, receiver: str = "team", minutes: int = 0) -> Notification:
    return Notification(id, "c1", receiver, What.OPENED, "because", NOW + timedelta(minutes=minutes), {"says": "ask"})
