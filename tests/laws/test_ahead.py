"""Cases are reviewed ahead of the transaction: whatever comes between, they end as if reviewed within it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from hypothesis import given

from monitor.casefile import CaseChange
from monitor.kept import Changes
from monitor.model import Tick
from monitor.ports import View
from monitor.store.store import SqlStore
from monitor.store.transaction import SqlTransaction
from monitor.store.view import AheadView
from tests.laws.nation import Event, Nation, What, nations, turns
from tests.laws.world import World, act_on_cases, examples, marks, world

pytestmark = marks


class Interrupted(SqlStore):
    """A store in which somebody closes the open cases between the review and the claim of one instant's ticks."""

    def __init__(self, one: World, at: datetime) -> None:
        super().__init__(one.service.engine)
        self.one, self.at = one, at

    @contextmanager
    def ahead(self, tick: Tick, changes: Changes) -> Iterator[AheadView]:
        with super().ahead(tick, changes) as view:
            yield view
        if tick.now == self.at:
            act_on_cases(self.one.service, What.CLOSED, tick.now)


class Compared(SqlStore):
    """A store that holds what each review saw ahead against what its transaction sees once it has written."""

    def __init__(self, one: World) -> None:
        super().__init__(one.service.engine)
        self.ahead_of, self.compared = Changes(), 0

    @contextmanager
    def ahead(self, tick: Tick, changes: Changes) -> Iterator[AheadView]:
        with super().ahead(tick, changes) as view:
            yield view
            self.ahead_of, self.saw = changes, seen(view, changes)

    @contextmanager
    def claim(self, tick: Tick, changes: Changes | None = None) -> Iterator[SqlTransaction]:
        with super().claim(tick, changes) as transaction:
            yield transaction
            assert seen(transaction, self.ahead_of) == self.saw
            self.compared += bool(self.ahead_of.scores)


def seen(view: View, changes: Changes) -> dict[str, object]:
    """Read all that a tick's own changes can alter."""
    evidence = view.evidence(None)
    last = {scores.block: scores.number for scores in changes.scores}
    return {
        "sequence": view.sequence,
        "contracts": view.contracts(),
        "evidence": evidence,
        "refolds": {code: sorted(ticks) for code, ticks in view.refolds(evidence.keys()).items()},
        "scores": [
            (block, each.number, each.organisations, {name: array.tobytes() for name, array in each.arrays.items()})
            for block, number in sorted(last.items())
            for each in view.scores(block, number - 5, number)
        ],
    }


@given(nations(most=7))
@examples(4)
def test_what_lies_ahead_is_what_the_transaction_sees(nation: Nation) -> None:
    with world() as one:
        store = one.worker.store = Compared(one)
        one.run(turns(nation))
        assert store.compared


def test_an_act_between_review_and_claim_is_seen() -> None:
    nation, again = _that_changes_a_case_again()
    with world() as one:
        one.worker.store = Interrupted(one, again.at)
        live = one.run(turns(nation)).digest()
        assert again.case.id not in [change.case.id for change in one.changes if change.what != "opened"]
        assert one.replay() == live


def _that_changes_a_case_again() -> tuple[Nation, CaseChange]:
    """Give a nation in which an open case of a concern changes, with the change."""
    for who in range(9):
        events = Event(What.WORSENS, who, 0, 0), Event(What.REVISED, who, 1, 5), Event(What.LATE, who, 2, 7)
        nation = Nation(who, 12, ("complaints", "incident_reports"), events)
        with world() as one:
            for change in one.run(turns(nation)).changes:
                if change.what in ("worsened", "corrected"):
                    return nation, change
    raise AssertionError("no case changes again: the law was tried on nothing")
