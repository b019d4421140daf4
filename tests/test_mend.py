"""Taking up again what was put aside: killed at any step and begun again, it ends as if nothing had happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from monitor.clock import HandClock
from monitor.feeds.folder import feed
from monitor.feeds.publish import publish
from monitor.handed import deliver
from monitor.mend import find, fix, replay
from monitor.settings import Settings
from monitor.store import tables
from monitor.store.accounts import accounting
from monitor.store.engine import reading
from monitor.store.letters import kept
from monitor.store.registry import load_organisations
from monitor.wiring import Service, opened
from monitor.worker import work
from tests.factories import organisations
from tests.feeds.samples import DAGS, EXTRACT

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
FEED = "complaints"
ROWS = (
    "local,RA00,new_complaints,2024-01-01,2024-02-01,,,,50,100,,",
    "local,RA01,new_complaints,2024-01-01,2024-02-01,,,,60,100,,",
    "local,RA00,new_complaints,2024-02-01,2024-03-01,,,,7O,100,,",
    "local,RA00,new_complaints,2024-03-01,2024-04-01,,,,-1,100,,",
)
STEPS = ("work", "replay", "publish only", "work", "replay")


@contextmanager
def lying_aside(folder: Path) -> Iterator[Service]:
    """Publish four rows: one sound, one of a body that is registered only afterwards, two that cannot be read."""
    with opened(Settings(home=folder / "home", dags=DAGS), HandClock(NOW)) as service:
        load_organisations(service.engine, organisations(1), (), by="test", at=NOW)
        (folder / "x.csv").write_text("\n".join([EXTRACT, *ROWS]))
        published(service, folder)
        work(service, until_idle=True)
        load_organisations(service.engine, organisations(2), (), by="test", at=NOW)
        letter = next(each for each in kept(service.engine, FEED) if each.letter.row == 4)
        fix(service, letter, value="70", column=None, by="A. Name")
        yield service


def published(service: Service, folder: Path) -> None:
    """Publish the file as a replay does that is killed before it notes what it has let go of."""
    path = folder / "x.csv"
    publish(feed(FEED, DAGS), deliver(path), bus=service.bus, landing=service.landing, now=service.clock.now())


def take(service: Service, folder: Path, step: str) -> None:
    if step == "work":
        work(service, until_idle=True)
    elif step == "replay":
        list(replay(service, kept(service.engine, FEED), "A. Name"))
    else:
        published(service, folder)


def state(service: Service) -> tuple[object, ...]:
    """Give what must be the same: sums, what lies aside, what was taken, and that everything is accounted for."""
    account = accounting(service.engine, service.bus, FEED)
    aside = {(each.letter.row, each.letter.reason.value) for each in kept(service.engine, FEED)}
    columns = (tables.period_sums.c.start, tables.period_sums.c.numerator, tables.period_sums.c.words)
    with reading(service.engine) as connection:
        sums = sorted(map(tuple, connection.execute(select(*columns)).all()))
    return sums, aside, account["replayed"], account["applied"], account["difference"]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    folder = tmp_path_factory.mktemp("whole")
    with lying_aside(folder) as service:
        take(service, folder, "replay")
        take(service, folder, "work")
        return state(service)


def test_one_replay_takes_what_is_mended_and_leaves_the_rest(uninterrupted: tuple[object, ...]) -> None:
    sums, aside, replayed, applied, difference = uninterrupted
    assert [numerator for _, numerator, _ in sums] == [50, 60, 70]  # type: ignore[attr-defined]
    assert (aside, applied, difference) == ({(5, "out of range")}, 3, 0)
    assert replayed == {"bad number": 1, "unknown organisation": 1}


@settings(max_examples=10)
@given(st.lists(st.sampled_from(STEPS), max_size=4))
def test_killed_and_begun_again_it_is_the_same(
    uninterrupted: tuple[object, ...], tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    with lying_aside(folder) as service:
        for step in (*steps, "replay", "work"):
            take(service, folder, step)
        assert state(service) == uninterrupted


def test_a_letter_is_found_by_its_id(tmp_path: Path) -> None:
    with lying_aside(tmp_path) as service:
        (one, *_) = kept(service.engine, FEED)
        assert find(service, one.id) == one


def test_of_an_event_of_several_rows_the_ones_that_still_put_it_aside_are_named(tmp_path: Path) -> None:
    rows = [
        f"organisation,indicator,start,key,revision,numerator\nR9Z,{kind},2024-05-14,k1,1,1".split("\n")[1]
        for kind in ("low_harm_reports", "anonymous_share")
    ]
    text = "organisation,indicator,start,key,revision,numerator,denominator\n" + "\n".join(f"{row},1" for row in rows)
    with opened(Settings(home=tmp_path / "home", dags=DAGS), HandClock(NOW)) as service:
        load_organisations(service.engine, organisations(1), (), by="test", at=NOW)
        (tmp_path / "x.csv").write_text(text)
        publish(
            feed("incident_reports", DAGS), deliver(tmp_path / "x.csv"), bus=service.bus, landing=service.landing,
            now=NOW,
        )  # fmt: skip
        work(service, until_idle=True)
        (letter,) = kept(service.engine, "incident_reports")
        first = fix(service, letter, value="RA00", column="organisation", by="A. Name")
        assert ([aside.reason.value for aside in first.still], first.alike) == (["unknown organisation"], [3])
