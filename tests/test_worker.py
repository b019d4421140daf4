"""The worker's loop: an outage is waited for, a wrong topic is left out, a first load ends when all of it is in."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from monitor.calendars import calendar
from monitor.errors import BadTopic, Outage
from monitor.kept import Cell
from monitor.ports import Batch
from monitor.store import tables
from monitor.store.history import ticks
from monitor.store.registry import load_organisations
from monitor.store.store import SqlStore
from monitor.wire import encode
from monitor.worker import PAUSE_SECONDS, settle, work
from tests.factories import NOON, advance, contribution, feed, month, organisations, word
from tests.laws.world import World, world


class StoppedError(Exception):
    """What ends a worker that would go on for ever."""


class AwayBus:
    """A bus that is away once, and then stops whoever asks again."""

    def __init__(self) -> None:
        self.asked = 0
        self.waited: list[float] = []

    def feeds(self) -> tuple[str, ...]:
        self.asked += 1
        raise Outage("the log is away") if self.asked == 1 else StoppedError


@pytest.fixture
def one() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.mark.parametrize(("until_idle", "ends", "asked"), [(False, StoppedError, 2), (True, Outage, 1)])
def test_an_outage_is_waited_for_unless_it_was_to_end_when_idle(
    one: World, until_idle: bool, ends: type[Exception], asked: int
) -> None:
    bus: Any = AwayBus()
    with pytest.raises(ends):
        work(replace(one.service, bus=bus), until_idle=until_idle)
    assert bus.asked == asked


class TidiedStore(SqlStore):
    """A store that counts how often it was tidied."""

    tidied = 0

    def tidy(self) -> None:
        super().tidy()
        self.tidied += 1
        raise Outage("no room to copy it now")


class QuietBus:
    """A bus without feeds, that stops whoever asks for the third time."""

    def __init__(self) -> None:
        self.asked = 0
        self.waited: list[float] = []

    def feeds(self) -> tuple[str, ...]:
        self.asked += 1
        if self.asked == 3:
            raise StoppedError
        return ()

    def wait(self, seconds: float) -> None:
        """Come back at once."""
        self.waited.append(seconds)


def test_a_worker_that_found_nothing_tidies_before_it_looks_again_and_needs_no_success(one: World) -> None:
    store, bus = TidiedStore(one.service.engine), QuietBus()
    quiet: Any = replace(one.service, store=store, bus=bus)  # type: ignore[arg-type]
    with pytest.raises(StoppedError):
        work(quiet, until_idle=False)
    assert store.tidied == 2
    assert bus.waited == [PAUSE_SECONDS] * 2


CELL = Cell("new_complaints", "local", "RA00", month(0)[0])
CELL_NUMBER = calendar("monthly").number(month(0)[0])
FEEDS = ("complaints", "incident_reports", "survey_pulses")


def spoilt(one: World, name: str) -> None:
    """Give a topic another identity, as if it had been made anew."""
    with one.service.engine.begin() as connection:
        connection.execute(update(tables.topics).where(tables.topics.c.feed == name).values(identity="anew"))


def said(one: World, name: str, *subjects: str) -> None:
    words = [word(contribution(), subject=subject, feed=name) for subject in subjects]
    one.publish({name: [feed(name), *words]})


def waiting(one: World, name: str) -> int:
    position = one.service.store.position(name)
    return one.service.bus.end(name) - (position.next if position else 0)


def test_a_feed_whose_topic_was_made_anew_is_left_out_and_named_while_the_others_go_on(one: World) -> None:
    load_organisations(one.service.engine, organisations(1), [], by="tests", at=NOON)
    for name in FEEDS:
        said(one, name, "first")
    work(one.service, until_idle=True)
    spoilt(one, "incident_reports")
    for name in FEEDS:
        said(one, name, "second", "third")
    with pytest.raises(BadTopic, match=r"feed incident_reports: .*made anew.*restore topic and store"):
        work(one.service, until_idle=True)
    assert {name: waiting(one, name) for name in FEEDS} == {
        "complaints": 0,
        "incident_reports": 3,
        "survey_pulses": 0,
    }


class FilledMeanwhile:
    """A bus on which somebody publishes more at just the moment when all has been read, as often as told."""

    def __init__(self, one: World, times: int) -> None:
        self._bus, self._one, self._times = one.service.bus, one, times
        self.topic, self.end, self.feeds = self._bus.topic, self._bus.end, self._bus.feeds
        self.publish, self.observations_from = self._bus.publish, self._bus.observations_from

    def read(self, feed: str, position: int, limit: int) -> Batch:
        if position == self._bus.end(feed) and self._times:
            self._times -= 1
            words = [word(contribution(), subject=f"{self._times}/{at}") for at in range(5)]
            self._bus.publish(feed, [encode(each, feed) for each in words])
        return self._bus.read(feed, position, limit)


@pytest.mark.parametrize("times", [0, 1, 2, 3, 4])
def test_a_first_load_ends_only_when_nothing_waits(one: World, times: int) -> None:
    load_organisations(one.service.engine, organisations(1), [], by="tests", at=NOON)
    one.publish({"complaints": [feed(), word(contribution()), advance(*month(0))]})
    settings = one.service.settings.model_copy(update={"batch_messages": 2})
    bus: Any = FilledMeanwhile(one, times)
    turned = settle(replace(one.service, bus=bus, settings=settings), "complaints")
    assert turned.settles
    assert waiting(one, "complaints") == 0
    *before, last = ticks(one.service.engine)
    assert (last.tick.settles, last.tick.behind) == (True, False)
    assert not any(each.tick.settles for each in before)
    (sum_,) = one.service.store.sums([CELL]).values()
    assert sum_.words == 1 + 5 * times
    assert {number[1] for number in one.service.store.settled("complaints").values()} == {CELL_NUMBER}
