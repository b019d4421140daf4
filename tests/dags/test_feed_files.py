"""The feed files: importable on a bare machine, sound contracts, every indicator of the catalogue used once."""

import re
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from monitor.airflow import feed_dag
from monitor.calendars import calendar
from monitor.catalogue import INDICATORS
from monitor.errors import BadRequest
from monitor.feeds.contract import faults
from monitor.feeds.folder import feed, feeds
from monitor.feeds.places import DropFolder
from monitor.model import Family
from tests.feeds.samples import DAGS

FEEDS = feeds(DAGS)
NAMES = tuple(one.key for one in FEEDS)
SHIPPED = {"complaints", "incident_reports", "patient_feedback", "speaking_up", "staff_sickness", "survey_pulses"}


def test_the_feeds_are_there_in_the_order_of_their_names() -> None:
    assert list(NAMES) == sorted(NAMES)
    assert set(NAMES) >= SHIPPED, "a feed more is welcome"
    assert {one.family for one in FEEDS} == set(Family)


@pytest.mark.parametrize("name", NAMES)
def test_a_feed_file_gives_no_dag_outside_of_airflow(name: str) -> None:
    assert "airflow" not in sys.modules
    assert feed_dag(feed(name, DAGS)) is None


@pytest.mark.parametrize("one", FEEDS, ids=NAMES)
def test_a_contract_is_sound(one: object) -> None:
    assert faults(next(feed for feed in FEEDS if feed is one)) == ()


def test_every_indicator_of_the_catalogue_belongs_to_one_feed() -> None:
    keys = [indicator.key for one in FEEDS for indicator in one.indicators]
    assert sorted(key for key in keys if key in INDICATORS) == sorted(INDICATORS)
    assert len(keys) == len(set(keys)), "one series cannot come by two feeds"


@pytest.mark.parametrize(
    ("name", "source", "indicator", "per_year", "weeks"),
    [
        ("incident_reports", "local", "low_harm_reports", 52, 2),
        ("incident_reports", "local", "harm_share", 12, 2),
        ("incident_reports", "official", "harm_share", 4, 14),
        ("staff_sickness", "local", "stress_sickness_rate", 12, 3),
        ("staff_sickness", "official", "sickness_rate", 12, 17),
        ("complaints", "local", "new_complaints", 12, 1),
        ("complaints", "official", "new_complaints", 1, 30),
        ("survey_pulses", "local", "engagement_score", 3, 3),
        ("survey_pulses", "official", "burnout_share", 1, 16),
        ("patient_feedback", "local", "negative_feedback_share", 12, 1),
        ("speaking_up", "local", "speaking_up_cases", 4, 13),
    ],
)
def test_cadence_and_lag_are_those_measured(name: str, source: str, indicator: str, per_year: int, weeks: int) -> None:
    """detection.md, family K: what each source publishes, and how long after a period's end."""
    terms = feed(name, DAGS).sources[source]
    assert calendar(terms.calendars[indicator]).per_year == per_year
    assert terms.lateness.days == 7 * weeks


def test_harm_is_closed_when_most_of_it_is_in() -> None:
    terms = feed("incident_reports", DAGS).sources["local"]
    assert (terms.wait("harm_share").days, terms.wait("low_harm_reports").days) == (45, 0)


def test_a_name_that_is_no_feed_says_which_there_are() -> None:
    with pytest.raises(BadRequest, match=r"feeds are: .*complaints, .*incident_reports"):
        feed("sickness", DAGS)


@pytest.mark.parametrize("name", ["../dags/complaints", "complaints.py", "", "a b"])
def test_a_path_is_no_name(name: str) -> None:
    with pytest.raises(BadRequest, match="there is no feed"):
        feed(name, DAGS)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("FEED = 1", "FEED is no Feed"),
        ("import nowhere_at_all", "cannot be read: ModuleNotFoundError"),
        ("FEED = (", "cannot be read: SyntaxError"),
        ("raise SystemExit", "cannot be read: SystemExit;"),
        ("import sys; sys.exit('no licence')", "cannot be read: SystemExit: no licence"),
        ("assert 1 > 2, 'never'", "cannot be read: AssertionError: never"),
        ("open('/nowhere/at/all')", "cannot be read: FileNotFoundError"),
        ("raise GeneratorExit", "cannot be read: GeneratorExit"),
    ],
)
def test_a_broken_feed_file_is_named(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(BadRequest, match=rf"mine\.py.*{what}"):
        feed("mine", tmp_path)


def test_whoever_interrupts_the_reading_of_a_feed_file_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        feed("mine", tmp_path)


def test_a_copied_feed_must_change_its_key(tmp_path: Path) -> None:
    (tmp_path / "scotland.py").write_bytes((DAGS / "staff_sickness.py").read_bytes())
    with pytest.raises(BadRequest, match=r"name the file staff_sickness\.py, or change the key"):
        feeds(tmp_path)


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "operations.py").write_text("dags = None\n")
    assert feeds(tmp_path) == ()


def test_a_place_that_is_wrong_is_told_before_anything_runs() -> None:
    one = feed("complaints", DAGS)
    with pytest.raises(BadRequest, match=r"^DropFolder: published='\(' is no pattern"):
        feed_dag(one, DropFolder(published="("))
    with pytest.raises(BadRequest, match=r"^DropFolder: '\.\./etc': use letters"):
        feed_dag(one, DropFolder("../etc"))
    with pytest.raises(BadRequest, match=r"^DropFolder complaints: stands twice; make one place of the two$"):
        feed_dag(one, DropFolder(), DropFolder("complaints", quiet=timedelta(0)))


@pytest.mark.parametrize(
    ("stated", "what"),
    [
        ({"name": "a b/c"}, "name 'a b/c': use letters, digits"),
        ({"schedule": "every now and then"}, "schedule 'every now and then': write it as cron does"),
    ],
)
def test_a_name_or_schedule_that_airflow_takes_not_is_told_before_it_does(stated: dict[str, str], what: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(what)):
        feed_dag(feed("complaints", DAGS), **stated)


def test_airflow_makes_no_dag_of_a_contract_that_nothing_could_be_published_under(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = feed("complaints", DAGS)
    loose = {name: replace(source, tolerance=7, coverage="whatever") for name, source in one.sources.items()}
    wrong = replace(one, key="com plaints", allowed=frozenset({"ward", "nurse"}), sources=loose)
    assert feed_dag(wrong) is None, "whoever reads the file here says what is wrong with it, and all of it"
    monkeypatch.setitem(sys.modules, "airflow", ModuleType("airflow"))
    with pytest.raises(BadRequest) as refused:
        feed_dag(wrong)
    told = ("allowed attribute nurse", "allowed attribute ward", "key 'com plaints'", "tolerance 7", "coverage 'whate")
    assert all(what in str(refused.value) for what in told)
