"""A tick's review over a view in memory: the nation as itself, whoever settles when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from monitor.casefile import Act, ActKind, Case, CaseChange, CaseKind, Outcome, Pack
from monitor.cases import acted
from monitor.evidence import Evidence
from monitor.kept import Block, Cell, Changes, Scores, Sum
from monitor.memory import nothing_known
from monitor.model import Family, Feed, Organisation, PeerGroup, Tick
from monitor.organisations import registry
from monitor.review import review
from monitor.rules import Rules
from tests.factories import feed, organisations

CONTRACT = feed("complaints", family=Family.PATIENTS)
GROUPS = dict(zip("ABCD", PeerGroup, strict=False))
ALL = [one for letter, group in GROUPS.items() for one in organisations(20, group, letter)]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
JANUARY = (date(2026, 1, 1), date(2026, 2, 1))


def evidence(code: str, worse: float) -> Evidence:
    month = date(2025, 11, 1)
    return Evidence(
        code, "new_complaints", "local", Family.PATIENTS, worse, 1.0, month, month, JANUARY, date(2026, 2, 20), 12
    )  # fmt: skip


@dataclass
class Memorised:
    """A view of a store that is a few values; what it is told to record, it shows from then on."""

    bad: Collection[str]
    cases: dict[str, Case] = field(default_factory=dict)
    opened: list[CaseChange] = field(default_factory=list)
    registered: Sequence[Organisation] = tuple(ALL)
    sequence: int = 5
    acts_so_far: int = 0

    def contracts(self) -> Mapping[str, Feed]:
        return {"complaints": CONTRACT}

    def evidence(self, organisations: Collection[str] | None) -> Mapping[str, tuple[Evidence, ...]]:
        asked = {one.code for one in ALL} if organisations is None else set(organisations)
        return {code: (evidence(code, 1e-6 if code in self.bad else 0.5),) for code in sorted(asked)}

    def judged(self, organisation: Organisation, sequence: int) -> tuple[Sequence[Evidence], float]:
        return (), 1.0

    def scores(
        self, block: Block, first: int, last: int, only: Collection[str] | None = None
    ) -> Sequence[Scores]:  # fmt: skip
        return []

    def first_known(self, cell: Cell) -> Sum | None:
        return None

    def refolds(self, organisations: Collection[str]) -> Mapping[str, tuple[tuple[int, datetime], ...]]:
        return {}

    def open_cases(self) -> Sequence[Case]:
        return [case for case in self.cases.values() if case.outcome is None]

    def opened_since(self, instant: datetime) -> frozenset[str]:
        concerns = [change for change in self.opened if change.case.kind is CaseKind.CONCERN]
        return frozenset(change.case.organisation for change in concerns if change.at >= instant)

    def last_faults(self, feed: str, organisations: Collection[str]) -> Sequence[Case]:
        return ()

    def last_shock(self) -> Case | None:
        closed = [case for case in self.cases.values() if case.kind is CaseKind.NATION and case.closed]
        return max(closed, key=lambda case: case.closed or NOW, default=None)

    def pack(self, case: str) -> Pack | None:
        return None

    def packs(self, organisations: Collection[str]) -> Sequence[Pack]:
        return ()

    def acts(self, cases: Collection[str]) -> Mapping[str, tuple[Act, ...]]:
        return {}

    def last_closed(self) -> Mapping[str, datetime]:
        return {}

    def messages_since(self, instant: datetime) -> Mapping[str, int]:
        return {}

    def told(self, cases: Collection[str]) -> Mapping[str, frozenset[str]]:
        return {}

    def close_nation(self, now: datetime) -> None:
        (nation,) = [case for case in self.open_cases() if case.kind is CaseKind.NATION]
        change = acted(nation, Act(nation.id, ActKind.CLOSE, "Ana", now, outcome=Outcome.NO_CONCERN))
        assert change is not None
        self.cases[nation.id] = change.case

    def turn(self, letters: str, now: datetime) -> list[tuple[str, str]]:
        """Review a tick that has scored these peer groups; give what happened to whom."""
        block = Block("new_complaints", "local", PeerGroup.ACUTE)
        codes = tuple(one.code for one in ALL if one.code[1] in letters)
        memory = replace(nothing_known("complaints"), contract=CONTRACT, registry=registry(self.registered))
        tick = Tick("complaints", "topic", 3, 3, now, (), registry=1, threshold=1e-3)
        changes = Changes(scores=[Scores(block, 1, JANUARY, codes, {})])
        found = review(self, memory, tick, Rules(), changes, []).cases
        self.cases |= {change.case.id: change.case for change in found}
        self.opened += [change for change in found if change.what == "opened"]
        return [(change.case.organisation, change.what) for change in found]


def first(count: int, letters: str = "ABCD") -> set[str]:
    return {f"R{letter}{number:02d}" for letter in letters for number in range(count)}


def test_a_shock_is_told_once_as_the_nation() -> None:
    assert Memorised(first(3)).turn("ABCD", NOW) == [("NATION", "opened")]


def test_a_late_word_of_one_group_does_not_end_the_shock() -> None:
    view = Memorised(first(3))
    view.turn("ABCD", NOW)
    assert view.turn("A", NOW + timedelta(days=1)) == []


def test_groups_that_settle_on_different_days_are_one_nation() -> None:
    view, told = Memorised(first(3, "A")), []
    for day, letters in enumerate(("A", "AB", "ABC", "ABCD")):
        view.bad = first(3, letters)
        told += view.turn(letters[-1], NOW + timedelta(days=day))
    assert [code for code, _ in told].count("NATION") == 1
    assert {code for code, _ in told} == first(3, "AB") | {"NATION"}


def test_a_shock_that_passes_closes_the_next_day_and_only_then_can_another_open() -> None:
    view = Memorised(first(3))
    view.turn("ABCD", NOW)
    view.bad = ()
    assert view.turn("A", NOW + timedelta(hours=1)) == []
    assert view.turn("A", NOW + timedelta(days=1)) == [("NATION", "closed")]
    view.bad = first(3)
    assert view.turn("ABCD", NOW + timedelta(days=1, hours=1)) == [("NATION", "opened")]
    assert len([case for case in view.cases.values() if case.kind is CaseKind.NATION]) == 2


def test_a_shock_that_people_have_closed_is_not_told_again_while_it_lasts_whoever_is_scored() -> None:
    view = Memorised(first(3))
    view.turn("ABCD", NOW)
    view.close_nation(NOW + timedelta(hours=1))
    closed = dict(view.cases)
    assert view.turn("ABCD", NOW + timedelta(hours=2)) == []
    assert view.turn("A", NOW + timedelta(days=1)) == []
    assert view.cases == closed


def test_a_shock_that_people_have_closed_passes_and_then_another_is_told() -> None:
    view = Memorised(first(3))
    view.turn("ABCD", NOW)
    view.close_nation(NOW + timedelta(hours=1))
    view.bad = ()
    assert view.turn("A", NOW + timedelta(hours=2)) == [], "not on the day whose name it bears"
    assert view.turn("A", NOW + timedelta(days=1)) == [("NATION", "evidence gone")]
    assert view.turn("A", NOW + timedelta(days=1)) == []
    view.bad = first(3)
    assert view.turn("ABCD", NOW + timedelta(days=1, hours=1)) == [("NATION", "opened")]
    assert [case.outcome for case in view.cases.values()] == [Outcome.NO_CONCERN, None]


def test_a_few_at_once_are_themselves() -> None:
    assert {what for _, what in Memorised(first(1)).turn("ABCD", NOW)} == {"opened"}
    assert len(Memorised(first(1)).turn("ABCD", NOW)) == 4


def test_the_case_of_one_that_ended_without_an_heir_fades_with_its_signals() -> None:
    view = Memorised({"RA00"})
    assert view.turn("A", NOW) == [("RA00", "opened")]
    gone = replace(ALL[0], end=date(2026, 4, 1))
    view.registered = (gone, *ALL[1:])
    assert view.turn("A", NOW + timedelta(days=60)) == []
    assert view.turn("A", NOW + timedelta(days=120)) == [("RA00", "faded")]
    assert view.turn("A", NOW + timedelta(days=300)) == []
