"""Cases stand as their last change says; their histories, packs and acts stay."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from monitor.casefile import Act, ActKind, Case, CaseChange, CaseKind, Notification, Outcome, Pack, What
from monitor.errors import BadRequest, Outage
from monitor.kept import Changes
from monitor.store import acts, cases, rebuilds
from monitor.store.derived import clear_derived, digest
from monitor.store.engine import reading
from monitor.store.outbox import Outbox
from monitor.store.store import SqlStore
from tests.store.factories import FEED, NOW, case, change, notification, pack, scores, tick, write


def record(store: SqlStore, *changes: CaseChange, says: tuple[Notification, ...] = ()) -> None:
    position = store.position(FEED)
    with store.claim(tick(position.tick if position else 0)) as transaction:
        transaction.record(changes, says)


def act(kind: ActKind = ActKind.NOTE, *, id: str = "c1", days: int = 0, outcome: Outcome | None = None) -> Act:
    return Act(id, kind, "ann", NOW + timedelta(days=days), "asked the ward", outcome)


def test_a_case_opens_and_closes_and_its_history_stays(store: SqlStore, engine: Engine) -> None:
    record(store, change())
    record(store, change("c2", "RBB"))
    assert [each.id for each in cases.list_cases(engine, open_only=True)] == ["c1", "c2"]
    faded = change(outcome=Outcome.FADED)
    record(store, faded)
    assert [each.id for each in cases.list_cases(engine, open_only=True)] == ["c2"]
    assert cases.case(engine, "c1") == faded.case
    assert cases.changes(engine, "c1") == (change(), faded)
    assert cases.packs(engine, "c1") == (pack(), pack())


def test_a_transaction_sees_open_cases_last_packs_and_when_cases_closed(store: SqlStore) -> None:
    record(store, change(), change("c2", "RBB", outcome=Outcome.FADED))
    with store.claim(tick(1)) as transaction:
        assert [each.id for each in transaction.open_cases()] == ["c1"]
        assert transaction.pack("c1") == pack()
        assert transaction.pack("c9") is None
        assert transaction.last_closed() == {"RBB": NOW}


def test_a_transaction_sees_the_nation_s_case_that_closed_last(store: SqlStore) -> None:
    def shock(id: str, days: int, outcome: Outcome | None) -> CaseChange:
        nation = replace(case(id, "NATION", kind=CaseKind.NATION, outcome=outcome), closed=NOW + timedelta(days=days))
        return CaseChange(nation, What.CLOSED, "because", NOW)

    record(store, change(outcome=Outcome.FADED))
    with store.claim(tick(1)) as transaction:
        assert transaction.last_shock() is None
    told = [shock("n1", 2, Outcome.PASSED), shock("n2", 9, Outcome.NO_CONCERN), shock("n3", 1, Outcome.PASSED)]
    record(store, *told)
    with store.claim(tick(3)) as transaction:
        assert transaction.last_shock() == told[1].case


def test_the_last_packs_of_some_organisations_are_of_all_their_cases_whoever_has_them_now(
    store: SqlStore, engine: Engine
) -> None:
    def frozen(id: str, organisation: str, at: str) -> CaseChange:
        return replace(change(id, organisation), pack=replace(pack(id), state=at))

    record(store, frozen("c1", "RAA", "first"), frozen("c2", "RBB", "other"))
    record(store, frozen("c1", "RAA", "second"), frozen("c3", "RAA", "third"))
    record(store, replace(change("c1", "RCC"), pack=None))  # moved
    with reading(engine) as connection:
        assert [each.state for each in cases.read_packs(connection, ["RAA"])] == ["second", "third"]
        assert [each.state for each in cases.read_packs(connection, ["RBB", "RAA"])] == ["other", "second", "third"]
        assert cases.read_packs(connection, ["RCC"]) == cases.read_packs(connection, []) == ()


def test_what_stood_as_its_feed_went_live_is_kept_as_such_and_is_not_counted_as_opened(
    store: SqlStore, engine: Engine
) -> None:
    stood = replace(change("c2", "RBB"), at_start=True)
    record(store, change(), stood)
    assert cases.changes(engine, "c2") == (stood,)
    assert cases.stood(engine) == {"c2"}
    with store.claim(tick(1)) as transaction:
        assert transaction.opened_since(NOW) == {"RAA"}


def test_a_case_that_nobody_has_is_named_in_the_error(engine: Engine) -> None:
    with pytest.raises(BadRequest, match="c9"):
        acts.act(engine, act(id="c9"))


def test_acts_are_kept_in_their_order_and_later_ticks_see_them(store: SqlStore, engine: Engine) -> None:
    record(store, change())
    done = (act(ActKind.ASK, days=2), act(ActKind.CLOSE, days=1, outcome=Outcome.NO_CONCERN))
    for one in done:
        acts.act(engine, one)
    assert acts.acts(engine, "c1") == done
    with store.claim(tick(1)) as transaction:
        assert transaction.acts(["c1", "c2"]) == {"c1": done}


def test_a_tick_that_is_replayed_sees_the_acts_that_it_saw(store: SqlStore, engine: Engine) -> None:
    record(store, change())
    acts.act(engine, act())
    for sequence, seen in ((1, {}), (2, {"c1": (act(),)})):
        with store.redo(tick(0), sequence) as transaction:
            assert transaction.acts(["c1"]) == seen


def test_an_act_that_changes_its_case_does_so_in_one_transaction(store: SqlStore, engine: Engine) -> None:
    record(store, change(), says=(notification(),))
    closed = change(outcome=Outcome.NO_CONCERN)
    told: list[tuple[frozenset[str], Pack | None, int]] = []

    def tell(_: CaseChange, receivers: frozenset[str], frozen: Pack | None, number: int) -> tuple[Notification, ...]:
        told.append((receivers, frozen, number))
        return (notification("n2"),)

    acts.act(engine, act(ActKind.CLOSE), lambda case, done: closed, tell)
    assert cases.case(engine, "c1").outcome is Outcome.NO_CONCERN
    assert told == [(frozenset({"team"}), pack(), 1)]
    assert [each.id for each in Outbox(engine).pending(NOW, 9)] == ["n1", "n2"]


def test_what_is_derived_has_one_digest_and_a_replay_brings_it_back(store: SqlStore, engine: Engine) -> None:
    def derive(sequence: int) -> None:
        with store.redo(tick(0), sequence) as transaction:
            transaction.write(Changes(scores=[scores(0), scores(1)]))
            transaction.record([change()], [notification("never queued")])

    empty = digest(engine)
    write(store, Changes(scores=[scores(0)]))
    write(store, Changes(scores=[scores(1)]))
    record(store, change(), says=(notification(),))
    before = digest(engine)
    assert before != empty
    rebuild = clear_derived(engine)
    assert digest(engine) == empty
    derive(1)
    rebuilds.end(engine, rebuild)
    assert digest(engine) == before
    assert [each.id for each in Outbox(engine).pending(NOW, 9)] == ["n1"]


def test_nobody_acts_on_a_case_while_it_is_derived_again(store: SqlStore, engine: Engine) -> None:
    record(store, change())
    rebuild = clear_derived(engine)
    with pytest.raises(Outage, match="replay"):
        acts.act(engine, act())
    rebuilds.end(engine, rebuild)
    with pytest.raises(BadRequest):  # nothing derived it again
        acts.act(engine, act())


def test_acts_on_a_case_that_is_not_made_again_are_counted_and_stay(store: SqlStore, engine: Engine) -> None:
    for id in ("c1", "c2"):
        record(store, change(id))
        acts.act(engine, act(ActKind.CLOSE, id=id))
    rebuild = clear_derived(engine)
    with store.redo(tick(0), 1, rebuild=rebuild) as transaction:
        transaction.record([change("c1")], [])
    done: list[str] = []

    def decide(case: Case, _: Act) -> None:
        done.append(case.id)

    assert acts.redo_acts(engine, decide, after=0, before=3, rebuild=rebuild) == 1
    assert done == ["c1"]
    assert len(acts.acts(engine, "c2")) == 1


def test_of_two_replays_at_once_the_later_goes_on(store: SqlStore, engine: Engine) -> None:
    record(store, change())
    earlier, later = clear_derived(engine), clear_derived(engine)
    with pytest.raises(Outage, match="another replay"), store.redo(tick(0), 1, rebuild=earlier):
        pass
    with pytest.raises(Outage, match="another replay"):
        rebuilds.end(engine, earlier)
    assert not rebuilds.is_whole(engine)
    with store.redo(tick(0), 1, rebuild=later) as transaction:
        transaction.record([change()], [])
    rebuilds.end(engine, later)
    assert rebuilds.is_whole(engine)


def test_the_same_case_of_another_content_has_another_digest(store: SqlStore, engine: Engine) -> None:
    record(store, change())
    before = digest(engine)
    record(store, CaseChange(case(), What.WORSENED, "more", NOW))
    assert digest(engine) != before
