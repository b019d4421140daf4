"""Standings: what the pool is made of, one look at a time, never what is too young, and kept as it was seen."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from monitor.casefile import Outcome
from monitor.evidence import Standing
from monitor.fusion import combine
from monitor.kept import Block, Changes, Scores
from monitor.model import Family, PeerGroup
from monitor.organisations import registry
from monitor.standings import known, next_look, pool, turns
from monitor.store.store import SqlStore
from tests.store.factories import BLOCK, FEED, NOW, change, contract, scores, tick, week, write

TODAY = date(2026, 4, 2)
FEEDS = (("incidents", 52), ("patients", 52))
AMONG = "incidents 52, patients 52"
NOBODY = registry([])
OTHER = Block("low_harm_reports", "local", PeerGroup.COMMUNITY)


def standing(day: date, *, among: str = AMONG, organisations: int = 220, **opens: float) -> Standing:
    return Standing(day, among, organisations, opens)


def stood(number: int, worse: tuple[float, float], block: Block = BLOCK) -> Scores:
    """Score a week of two organisations, both of whose figures were known as it ended."""
    one = scores(number, worse=worse, block=block)
    return Scores(
        *(one.block, one.number, one.period, one.organisations),
        {**one.arrays, "known": np.full(2, float(week(number)[1].toordinal()))},
    )


def test_standings_stay_as_they_were_seen(store: SqlStore) -> None:
    some = [standing(day, RAA=0.01, RBB=2e-5) for day in (date(2026, 2, 1), date(2026, 3, 1))]
    write(store, Changes(standings=some[::-1]))
    assert list(store.standings(date(2026, 1, 1))) == some
    assert list(store.standings(date(2026, 2, 2))) == some[1:]


def test_evidence_on_a_day_is_what_was_known_on_it(store: SqlStore) -> None:
    rows = [stood(0, (0.3, 0.4)), stood(1, (0.1, 0.2)), stood(2, (0.01, 0.02))]
    rows[1].arrays["known"][0] += 30  # its second week came late
    write(store, Changes(contract=contract(), scores=rows))
    on = {code: [item.worse for item in some] for code, some in store.evidence_on(week(1)[1]).items()}
    assert on == {"RAA": [0.3], "RBB": [0.2]}
    assert store.evidence_on(week(0)[0]) == {}
    assert store.evidence_on(TODAY + timedelta(days=90)) == store.evidence()


def test_the_last_month_is_looked_at_first_and_one_at_a_time(store: SqlStore) -> None:
    days = turns(TODAY)
    assert days[0] == date(2026, 3, 1)
    for day in days[:3]:
        kept = known(store, FEEDS, TODAY)
        new = next_look(store, NOBODY, FEEDS, TODAY, kept)
        assert [each.day for each in new] == [day]
        write(store, Changes(standings=new))
    assert [each.day for each in known(store, FEEDS, TODAY)] == days[:3]


def test_a_pool_reaches_back_until_it_has_enough_and_goes_on_with_the_months(store: SqlStore) -> None:
    write(store, Changes(standings=[standing(day) for day in turns(TODAY)[:14]]))
    kept = known(store, FEEDS, TODAY)
    assert pool(store, kept) == ([], 3080)
    assert next_look(store, NOBODY, FEEDS, TODAY, kept) == []
    later = date(2026, 5, 1)
    kept = known(store, FEEDS, later)
    assert [each.day for each in next_look(store, NOBODY, FEEDS, later, kept)] == [date(2026, 4, 1)]


def test_among_other_feeds_all_is_looked_at_anew(store: SqlStore) -> None:
    write(store, Changes(standings=[standing(day, among="incidents 52") for day in turns(TODAY)]))
    assert known(store, FEEDS, TODAY) == []
    assert len(next_look(store, NOBODY, FEEDS, TODAY, [])) == 1


@pytest.mark.parametrize(("outcome", "left"), [(Outcome.CONCERN_FOUND, [0.02]), (Outcome.NO_CONCERN, [0.01, 0.02])])
def test_only_a_concern_found_is_no_example_of_chance(store: SqlStore, outcome: Outcome, left: list[float]) -> None:
    closed = change(outcome=outcome)
    with store.claim(tick(0)) as transaction:
        transaction.record([closed], ())
    during = standing(NOW.date(), organisations=10, RAA=0.01, RBB=0.02)
    before = standing(NOW.date() - timedelta(days=40), organisations=10, RAA=0.03)
    found, number = pool(store, [during, before])
    assert (found, number) == ([*left, 0.03], 20 - (2 - len(left)))


def test_a_look_back_asks_the_case_rule_of_who_has_two_families(store: SqlStore) -> None:
    patients = contract("complaints")
    indicator = patients.indicators[0]
    named = {"key": "new_complaints", "rise": indicator.fall}  # a rise is worse
    patients = replace(
        patients, family=Family.PATIENTS, indicators=(replace(indicator, **named),),
        sources={"local": replace(patients.sources["local"], calendars={"new_complaints": "weekly"})},
    )  # fmt: skip
    block = Block("new_complaints", "local", PeerGroup.ACUTE)
    write(store, Changes(contract=contract(), scores=[stood(4, (1e-6, 0.5))]))
    write(store, Changes(contract=patients, scores=[stood(4, (1e-6, 1e-9), block)]), feed="complaints")
    seen = next_look(store, NOBODY, FEEDS, TODAY, [])[0]
    assert (seen.day, seen.organisations, seen.among) == (date(2026, 3, 1), 2, AMONG)
    assert seen.opens == pytest.approx({"RAA": combine([1e-6, 1e-6]), "RBB": combine([0.5, 1e-9])}, rel=1e-6)
    assert FEED in store.contracts()
