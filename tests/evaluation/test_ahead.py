"""A process that publishes ahead: the worker sees each file on its day, as if each had been published then."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from monitor.clock import HandClock
from monitor.errors import BadFile
from monitor.evaluation.ahead import ahead
from monitor.evaluation.arrivals import Arrival
from monitor.evaluation.byhand import ByHand, noon
from monitor.evaluation.nation import END
from monitor.evaluation.simulate import simulate
from monitor.feeds.folder import feeds
from monitor.settings import read_settings
from monitor.wiring import Service, opened
from tests.conftest import ROOT

LIVE_FROM = date(2024, 10, 1)
HEAD = 3
"""Files of each feed's live time that are enough."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nation")


@pytest.fixture(scope="module")
def arrivals(folder: Path) -> list[Arrival]:
    """Give the first loads of a small nation, and a few files of each feed after them."""
    every = simulate(folder, seed=5, organisations=12, years=2)
    before = [one for one in every if one.arrives <= LIVE_FROM]
    later = [one for one in every if LIVE_FROM < one.arrives < END]
    firsts = {one for feed in {one.feed for one in later} for one in [x for x in later if x.feed == feed][:HEAD]}
    return [*before, *(one for one in later if one in firsts)]


def by_hand(folder: Path) -> ByHand:
    return ByHand(folder, {feed.key: feed for feed in feeds(ROOT / "dags")})


def lengths(service: Service, feed: str) -> tuple[int, int]:
    """Give where a topic ends, and how many messages can be read of it."""
    return service.bus.end(feed), len(service.bus.read(feed, 0, 10**6).messages)


def publish_each(home: Path, folder: Path, arrivals: Sequence[Arrival]) -> dict[str, tuple[int, int]]:
    """Publish each file on its day in this process; give the lengths of its topic then."""
    clock = HandClock(noon(LIVE_FROM))
    with opened(read_settings(home=home), clock) as service:
        seen = {}
        for one in arrivals:
            clock.move(noon(max(one.arrives, LIVE_FROM)))
            by_hand(folder).bring(service, one)
            seen[one.path] = lengths(service, one.feed)
    return seen


def test_a_worker_sees_of_a_topic_what_has_come_by_the_day(
    tmp_path: Path, folder: Path, arrivals: list[Arrival]
) -> None:
    ordered = sorted(arrivals, key=lambda one: (max(one.arrives, LIVE_FROM), one.feed))
    meant = publish_each(tmp_path / "each", folder, ordered)
    with opened(read_settings(home=tmp_path / "ahead"), HandClock(noon(LIVE_FROM))) as service:
        with ahead(by_hand(folder), service, arrivals) as carrier:
            assert carrier.bus(service, arrivals).feeds() == ()
            seen = {}
            for one in ordered:
                carrier.bring(service, one)
                bus = carrier.bus(service, arrivals)
                seen[one.path] = bus.end(one.feed), len(bus.read(one.feed, 0, 10**6).messages)
        assert bus.feeds() == service.bus.feeds()
    assert seen == meant


def test_feeds_are_given_one_by_one_as_they_are_loaded(tmp_path: Path, folder: Path, arrivals: list[Arrival]) -> None:
    before = [one for one in arrivals if one.arrives <= LIVE_FROM]
    with (
        opened(read_settings(home=tmp_path), HandClock(noon(LIVE_FROM))) as service,
        ahead(by_hand(folder), service, before) as carrier,
    ):
        loaded = carrier.load(service, before)
        first = next(loaded)
        assert carrier.bus(service, before).feeds() == (first[0],)
        assert sum(files for _, files in (first, *loaded)) == len(before)


def test_what_is_wrong_with_a_file_is_said_where_it_is_brought(tmp_path: Path, folder: Path) -> None:
    broken = Arrival("complaints/local/none.csv", "complaints", "local", LIVE_FROM, None, LIVE_FROM, "history", 0)
    with (
        opened(read_settings(home=tmp_path), HandClock(noon(LIVE_FROM))) as service,
        ahead(by_hand(folder), service, [broken]) as carrier,
        pytest.raises(BadFile, match=f"^{broken.path}: the file cannot be read"),
    ):
        carrier.bring(service, broken)
