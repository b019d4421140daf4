"""The registry is loaded as a recorded act; feeds never overwrite it."""

from dataclasses import replace
from datetime import date

from sqlalchemy import Engine, select

from monitor.kept import Changes
from monitor.model import Advance, Organisation, PeerGroup, Succession
from monitor.store import history, tables
from monitor.store.engine import reading
from monitor.store.registry import load_organisations
from monitor.store.store import SqlStore
from tests.store.factories import FEED, NOW, contract, tick, week, write

REGISTERED = Organisation("RAA", "A Trust", PeerGroup.ACUTE, "London", date(2001, 4, 1), None)
STATED = Organisation("RAA", "a trust", None, None, stated_by=FEED)
MERGER = Succession("RZZ", "RAA", date(2026, 4, 1))


def load(engine: Engine, *organisations: Organisation) -> None:
    load_organisations(engine, organisations, (MERGER,), by="ann", at=NOW)


def test_a_load_is_recorded_and_repeating_it_adds_nothing(store: SqlStore, engine: Engine) -> None:
    for _ in range(2):
        load(engine, REGISTERED)
    assert store.organisations() == ({"RAA": REGISTERED}, (MERGER,))
    with reading(engine) as connection:
        loads = connection.execute(select(tables.registry_loads)).all()
    assert [(row.by, row.at, row.organisations, row.successions) for row in loads] == [("ann", NOW, 1, 1)] * 2


def test_feeds_state_organisations_until_the_registry_does(store: SqlStore, engine: Engine) -> None:
    write(store, Changes(organisations=[STATED]))
    assert store.organisations()[0] == {"RAA": STATED}
    load(engine, REGISTERED)
    write(store, Changes(organisations=[STATED]))
    assert store.organisations()[0] == {"RAA": REGISTERED}


def test_a_feed_fills_in_what_the_registry_lacks(store: SqlStore, engine: Engine) -> None:
    load(engine, Organisation("RAA", "A Trust", None, None))
    write(store, Changes(organisations=[Organisation("RAA", "a trust", PeerGroup.ACUTE, "London", stated_by=FEED)]))
    assert store.organisations()[0] == {"RAA": Organisation("RAA", "A Trust", PeerGroup.ACUTE, "London")}


def test_a_load_that_lacks_the_type_keeps_the_known_one(store: SqlStore, engine: Engine) -> None:
    load(engine, REGISTERED)
    load(engine, Organisation("RAA", "A Trust", None, None, end=date(2026, 4, 1)))
    found = store.organisations()[0]["RAA"]
    assert (found.peer_group, found.region, found.end) == (PeerGroup.ACUTE, "London", date(2026, 4, 1))


def test_the_registry_of_every_version_can_be_read_again(store: SqlStore, engine: Engine) -> None:
    versions = [store.registry()]
    write(store, Changes(organisations=[STATED]))
    versions.append(store.registry())
    load(engine, REGISTERED)
    versions.append(store.registry())
    assert versions == sorted(set(versions))
    then = [history.registry(engine, version)[0] for version in versions]
    assert [tuple(each) for each in then] == [(), (STATED,), (REGISTERED,)]


def test_coverage_contracts_and_live_sources_come_back(store: SqlStore, engine: Engine) -> None:
    covered = {("low_harm_reports", "local"): {"RAA": (week(0), week(2)), "*": (week(5),)}}
    advance = Advance(FEED, "local", *week(0), frozenset({"RAA"}), frozenset({"low_harm_reports"}))
    write(store, Changes(contract=contract(), coverage=covered, advances=[advance], live={"local"}))
    write(store, Changes(contract=contract()))
    assert store.coverage(FEED) == covered
    assert store.live(FEED) == {"local"}
    assert store.contracts()[FEED] == contract()
    assert history.advances(engine) == {1: (advance,)}
    assert history.contracts(engine) == {1: contract()}


def test_ticks_remember_what_they_were_worked_out_with(store: SqlStore, engine: Engine) -> None:
    load(engine, REGISTERED)
    with store.claim(tick(0, registry=store.registry())):
        pass
    (one,) = history.ticks(engine)
    assert one.tick == tick(0, registry=1)


def test_what_a_load_does_not_say_stays_whoever_wrote_it_last(store: SqlStore, engine: Engine) -> None:
    load(engine, Organisation("RAA", "", None, None))
    assert store.organisations()[0]["RAA"].name == "RAA"
    load(engine, REGISTERED)
    load(engine, Organisation("RAA", "", None, None), Organisation("RAA", "", None, None, end=date(2026, 4, 1)))
    assert store.organisations()[0] == {"RAA": replace(REGISTERED, end=date(2026, 4, 1))}
