"""A level that a person accepts is the new normal: its latch ends, its baseline begins anew, and a replay knows."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from monitor.casefile import ActKind, What
from monitor.kept import Block
from monitor.model import Feed
from monitor.store import acts as kept_acts
from monitor.store import cases as kept_cases
from tests.laws import nation
from tests.laws.nation import INCIDENTS, Event, Nation, turns
from tests.laws.world import World, act_on_cases, marks, scores, world

pytestmark = marks
WORSE = Nation(5, 12, ("complaints", "incident_reports"), (Event(nation.What.WORSENS, 1, 0, 0),))
WHO = WORSE.organisations[1].code
LAST = WORSE.instants[-1]


def latched(one: World) -> set[str]:
    """Name the indicators whose worsening still holds in the organisation that has worsened."""
    return {item.indicator for item in one.service.store.evidence()[WHO] if item.latched}


def accept(one: World) -> None:
    act_on_cases(one.service, nation.What.ACCEPTED, LAST)


def test_an_accepted_level_ends_its_latch_and_nothing_before_it_is_scored_otherwise() -> None:
    with world() as one:
        one.run(turns(WORSE))
        assert latched(one)
        before, accepted = scores(one.service), LAST + timedelta(days=1)
        accept(one)
        one.work(accepted)
        assert not latched(one)
        (act,) = [act for acts in _acts(one) for act in acts]
        assert act.kind is ActKind.ACCEPT
        begins = {(level.indicator, level.source): level.start for level in act.accepted}
        for (block, number), row in scores(one.service).items():
            for code, values in row.items():
                if code != WHO or not _begins_anew(begins, block, number):
                    held = list(before[block, number][code].values())
                    np.testing.assert_allclose(
                        list(values.values()), held, rtol=1e-9, err_msg=f"{block} {number} {code}"
                    )
        again = [change.reason for change in kept_cases.changes(one.service.engine, act.case)]
        assert any("accepted the level of" in reason for reason in again), "its history says so in words"


def _acts(one: World) -> list[tuple[kept_acts.Act, ...]]:
    return [kept_acts.acts(one.service.engine, case.id) for case in kept_cases.list_cases(one.service.engine)]


def _begins_anew(begins: dict[tuple[str, str], object], block: Block, number: int) -> bool:
    start = begins.get((block.indicator, block.source))
    contract = next(feed for feed in WORSE.feeds if feed.indicator(block.indicator))
    return start is not None and nation.calendar(_named(contract, block)).start(number) >= start


def _named(contract: Feed, block: Block) -> str:
    return contract.sources[block.source].calendars[block.indicator]


def test_a_replay_and_a_worker_without_memory_know_what_was_accepted_and_when() -> None:
    written = turns(WORSE)
    for place in (9, len(written) - 1):
        written[place] = replace(written[place], acts=[nation.What.ACCEPTED])
    with world() as steady, world() as forgetful:
        for turn in written:
            forgetful.forget()
            for one in (steady, forgetful):
                one.run([turn])
        assert any(change.what is What.ACCEPTED for change in _changes(steady))
        live = steady.digest()
        assert forgetful.digest() == live
        assert steady.replay() == live


def _changes(one: World) -> list[kept_cases.CaseChange]:
    engine = one.service.engine
    return [change for case in kept_cases.list_cases(engine) for change in kept_cases.changes(engine, case.id)]


def test_an_act_that_comes_while_a_tick_is_worked_out_makes_it_read_again() -> None:
    with world() as one, world() as other:
        for each in (one, other):
            each.run(turns(WORSE))
        accept(one)  # its worker remembers what held before
        accept(other)
        other.forget()
        for each in (one, other):
            each.work(LAST + timedelta(days=1))
        assert one.digest() == other.digest()
        assert INCIDENTS.key in one.worker.memories
