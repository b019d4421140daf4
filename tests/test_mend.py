"""Taking up again what was put aside: killed at any step and begun again, it ends as if nothing had happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from monitor.clock import HandClock
from monitor.feeds.delivery import Stated
from monitor.feeds.folder import feed
from monitor.feeds.publish import publish
from monitor.handed import deliver
from monitor.mend import find, fix, replay
from monitor.settings import Settings
from monitor.store import tables
from monitor.store.accounts import accounting
from monitor.store.engine import reading
from monitor.store.letters import Kept, kept
from monitor.store.registry import load_organisations
from monitor.wiring import Service, opened
from monitor.worker import work
from tests.factories import organisations
from tests.feeds.samples import DAGS, EXTRACT, INCIDENTS, file_of

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


def test_another_file_of_the_stated_day_that_disagrees_with_a_correction_is_put_aside(tmp_path: Path) -> None:
    clock, day = HandClock(NOW), date(2024, 3, 10)
    with opened(Settings(home=tmp_path / "home", dags=DAGS), clock) as service:
        load_organisations(service.engine, organisations(1), (), by="test", at=NOW)
        for name, *figures in (("a", "5O", 60), ("b", 55, 66)):
            rows = [
                f"local,RA00,new_complaints,2024-0{month}-01,,,,,{figure},100,,"
                for month, figure in enumerate(figures, 1)
            ]
            (tmp_path / "x.csv").write_text("\n".join([EXTRACT, *rows]))
            file = deliver(tmp_path / "x.csv")
            publish(
                feed(FEED, DAGS), file, Stated(published=day), bus=service.bus, landing=service.landing, now=clock.now()
            )
            if name == "a":
                (letter,) = work_and_list(service)
                fix(service, letter, value="50", column=None, by="A. Name")
                list(replay(service, [letter], "A. Name"))
            clock.move(NOW + timedelta(days=3))
        assert {(each.letter.row, each.letter.reason.value) for each in work_and_list(service)} == {
            (2, "contradiction"), (3, "contradiction"),
        }  # fmt: skip
        assert [numerator for _, numerator, _ in state(service)[0]] == [50, 60]  # type: ignore[attr-defined]


def work_and_list(service: Service) -> list[Kept]:
    """Let the worker take what is there; give what lies aside."""
    work(service, until_idle=True)
    return kept(service.engine, FEED)


EVENTS = "organisation,indicator,start,key,revision,numerator,denominator"
REPORTS = "incident_reports"


@contextmanager
def reports(folder: Path, header: str, *rows: str) -> Iterator[Service]:
    """Publish reports of one known trust, RA00, and let the worker take them."""
    with opened(Settings(home=folder / "home", dags=DAGS), HandClock(NOW)) as service:
        load_organisations(service.engine, organisations(1), (), by="test", at=NOW)
        (folder / "x.csv").write_text("\n".join([header, *rows, ""]))
        path = deliver(folder / "x.csv")
        publish(feed(REPORTS, DAGS), path, bus=service.bus, landing=service.landing, now=NOW)
        work(service, until_idle=True)
        yield service


def held(service: Service) -> dict[str, tuple[float, float]]:
    """Replay all that lies aside; give what is held of each indicator, when nothing lies aside and all adds up."""
    list(replay(service, kept(service.engine, REPORTS), "A. Name"))
    work(service, until_idle=True)
    account = accounting(service.engine, service.bus, REPORTS)
    assert (account["difference"], account["pending"], kept(service.engine, REPORTS)) == (0, 0, [])
    sums = tables.period_sums.c
    columns = (tables.series.c.indicator, sums.numerator, sums.denominator)
    series = select(*columns).where(tables.series.c.id == sums.series)
    with reading(service.engine) as connection:
        return {indicator: (above, below) for indicator, above, below in connection.execute(series) if above or below}


def test_an_event_of_a_wrong_organisation_is_corrected_in_all_its_rows(tmp_path: Path) -> None:
    rows = [f"{code},{what},2024-05-14,{key},1,1,1" for code, what, key in (
        ("R9Z", "low_harm_reports", "k1"), ("r9z", "anonymous_share", "k1"), ("R9Z", "staffing_risk_share", "k1"),
        ("R9Z", "anonymous_share", "k2"),
    )]  # fmt: skip
    with reports(tmp_path, EVENTS, *rows) as service:
        first, second = sorted(kept(service.engine, REPORTS), key=lambda each: each.letter.row)
        done = fix(service, first, value="RA00", column="organisation", by="A. Name")
        assert ([each.row for each in done.corrections], done.still, done.alike) == ([2, 3, 4], [], [5])
        fix(service, second, value="RA00", column="organisation", by="A. Name")
        assert held(service) == {
            "low_harm_reports": (1, 1), "anonymous_share": (2, 2), "staffing_risk_share": (1, 1),
        }  # fmt: skip


def test_an_event_whose_first_row_is_right_is_corrected_in_those_that_are_wrong(tmp_path: Path) -> None:
    codes = ("RA00", "R9Z", "r9z"), ("low_harm_reports", "anonymous_share", "staffing_risk_share")
    rows = [f"{code},{what},2024-05-14,k1,1,1,1" for code, what in zip(*codes, strict=True)]
    with reports(tmp_path, EVENTS, *rows, "R9Z,anonymous_share,2024-05-14,k2,1,1,1") as service:
        letter, other = sorted(kept(service.engine, REPORTS), key=lambda each: each.letter.row)
        for value, still in (("R9X", [3, 4]), ("RA00", [])):  # a slip, thought again about before any replay
            done = fix(service, letter, value=value, column="organisation", by="A. Name")
            assert ([each.row for each in done.corrections], done.alike) == ([3, 4], [5])
            assert [aside.row for aside in done.still] == still
        fix(service, other, value="RA00", column="organisation", by="A. Name")
        assert held(service) == {
            "low_harm_reports": (1, 1), "anonymous_share": (2, 2), "staffing_risk_share": (1, 1),
        }  # fmt: skip


@pytest.mark.parametrize(
    "codes", [("R9Z", "R8Z", "R9Z"), ("LEE", "JON", "LEE"), ("LEE", "R8Z", "LEE"), ("R9Z", "JON", "R9Z")]
)
def test_an_event_of_several_wrong_organisations_is_corrected_one_after_the_other(
    tmp_path: Path, codes: tuple[str, ...]
) -> None:
    """Also where a code could be a name, so that no letter repeats it."""
    indicators = ("low_harm_reports", "anonymous_share", "staffing_risk_share")
    rows = [f"{code},{what},2024-05-14,k1,1,1,1" for code, what in zip(codes, indicators, strict=True)]
    with reports(tmp_path, EVENTS, *rows) as service:
        for wrong, still in (([2, 4], [3]), ([3], [])):
            (letter,) = kept(service.engine, REPORTS)
            done = fix(service, letter, value="RA00", column="organisation", by="A. Name")
            assert [each.row for each in done.corrections] == wrong
            assert [(aside.row, aside.reason.value) for aside in done.still] == [
                (row, "unknown organisation") for row in still
            ]
            list(replay(service, [letter], "A. Name"))
            work(service, until_idle=True)
        assert held(service) == dict.fromkeys(indicators, (1, 1))


def test_whatever_stands_in_a_whole_file_is_corrected_at_once_where_somebody_asks_for_it(tmp_path: Path) -> None:
    rows = [f"RA00,anonymous_share,2024-05-14,k{number},1,{figure},1" for number, figure in enumerate("1xxxy")]
    with reports(tmp_path, EVENTS, *rows) as service:
        letters = {each.letter.row: each for each in kept(service.engine, REPORTS)}
        done = fix(service, letters[3], value="0", column=None, by="A. Name", alike=True)
        assert ([each.row for each in done.corrections], done.alike) == ([3, 4, 5], [])
        fix(service, letters[6], value="1", column=None, by="A. Name")
        assert held(service) == {"anonymous_share": (2, 5)}


@pytest.mark.parametrize("wrong", [{2}, {3}, {2, 3}, {2, 4}, {2, 3, 4}])
@pytest.mark.parametrize("at_once", [True, False])
def test_an_event_that_was_taken_without_its_wrong_rows_is_whole_once_they_are_corrected(
    tmp_path: Path, wrong: set[int], at_once: bool
) -> None:
    rows = [
        f"RA00,{what},2024-05-14,k1,1,{'x' if row in wrong else 1},1"
        for row, what in ((2, "low_harm_reports"), (3, "anonymous_share"), (4, "staffing_risk_share"))
    ]
    with reports(tmp_path, EVENTS, *rows) as service:
        for letter in kept(service.engine, REPORTS):
            fix(service, letter, value="1", column=None, by="A. Name")
            if not at_once:
                list(replay(service, [letter], "A. Name"))
                work(service, until_idle=True)
        assert held(service) == dict.fromkeys(("low_harm_reports", "anonymous_share", "staffing_risk_share"), (1, 1))


def test_a_patient_who_was_put_aside_makes_the_report_worse_once_corrected(tmp_path: Path) -> None:
    header, *patients = file_of(
        INCIDENTS, "A-1,1,,P1,2024-05-13,2024-05-14,RA00,1,5,4,", "A-1,1,,P2,2024-05-12,2024-05-14,RA00,1,1,4,"
    ).decode().splitlines()  # fmt: skip
    with reports(tmp_path, header, *patients) as service:
        (letter,) = kept(service.engine, REPORTS)
        assert (letter.letter.row, letter.letter.reason.value) == (3, "duplicate row with other content")
        fix(service, letter, value="2024-05-13", column="T005", by="A. Name")
        assert held(service)["harm_share"] == (1, 1)
