"""Two workers on one feed, with pauses and empty ticks: each word is applied once, and both see one history."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from threading import Thread
from time import sleep

import pytest

from monitor.errors import PositionMoved
from monitor.kept import Cell
from monitor.model import Organisation, Succession
from monitor.ports import Batch
from monitor.store.registry import load_organisations
from monitor.store.store import SqlStore
from monitor.worker import Worker
from tests.factories import NOON, advance, contribution, feed, month, organisation, organisations, word
from tests.laws.world import AT_LENGTH, World, check_accounts, marks, world

pytestmark = marks
CODES = [one.code for one in organisations(12)]
WORDS, MONTHS = 600, 5
SEEDS = range(60 if AT_LENGTH else 3)


class SlowBus:
    """Hands on to a bus, pauses at random before and after a read, and gives an empty batch now and then."""

    def __init__(self, one: World, random: Random) -> None:
        self._bus, self._random = one.service.bus, random
        self.topic, self.end, self.feeds = self._bus.topic, self._bus.end, self._bus.feeds
        self.publish, self.observations_from = self._bus.publish, self._bus.observations_from

    def read(self, feed: str, position: int, limit: int) -> Batch:
        sleep(self._random.random() / 500)
        batch = self._bus.read(feed, position, self._random.randrange(1, limit))
        sleep(self._random.random() / 500)
        return Batch((), position) if self._random.random() < 0.2 else batch


def published(one: World) -> None:
    """Put single events, each twice, and their contract and advances on the bus."""
    load_organisations(one.service.engine, organisations(12), [], by="tests", at=NOON)
    random = Random(1)
    words = [
        word(contribution(CODES[at % 12], month(at % MONTHS), 1.0, 10.0), subject=f"s{at}") for at in range(WORDS)
    ] * 2
    random.shuffle(words)
    one.publish({"complaints": [feed(), *words, advance(month(0)[0], month(MONTHS)[0], CODES)]})


def works(one: World, worker: Worker, lost: list[int], failed: list[BaseException]) -> None:
    """Turn until everything has been read; a lost claim is tried again, as the worker's own loop does."""
    now, turned = datetime(2020, 7, 1, tzinfo=NOON.tzinfo), Worker.turn.__wrapped__  # type: ignore[attr-defined]
    try:
        while pending(one):
            try:
                turned(worker, "complaints", now)
            except PositionMoved:
                lost.append(1)
            now += timedelta(seconds=1)
    except BaseException as error:
        failed.append(error)
        raise


def pending(one: World) -> bool:
    position = one.service.store.position("complaints")
    return position is None or position.next < one.service.bus.end("complaints")


def totals(one: World, cells: Sequence[Cell]) -> tuple[float, int]:
    sums = one.service.store.sums(cells).values()
    return sum(each.numerator for each in sums), sum(each.words for each in sums)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_workers_on_one_feed_apply_each_word_once(seed: int) -> None:
    with world() as one:
        published(one)
        lost: list[int] = []
        failed: list[BaseException] = []
        rules = one.worker.rules
        workers = [
            Worker(SqlStore(one.service.engine), SlowBus(one, Random(seed * 2 + at)), rules, 90) for at in (0, 1)
        ]
        threads = [Thread(target=works, args=(one, worker, lost, failed)) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed
        assert lost, "the two never met, so this shows nothing"
        cells = [Cell("new_complaints", "local", code, month(at)[0]) for code in CODES for at in range(MONTHS)]
        assert totals(one, cells) == (WORDS, WORDS)
        check_accounts(one.service, "complaints")
        position = one.service.store.position("complaints")
        assert position is not None
        assert position.next == one.service.bus.end("complaints")
        one.work(datetime(2020, 7, 2, tzinfo=NOON.tzinfo), settles=True)
        assert one.digest() == one.replay()


class LoadedMeanwhile(SqlStore):
    """A store whose registry somebody loads again just when it has been read."""

    def organisations(self) -> tuple[Mapping[str, Organisation], tuple[Succession, ...]]:
        found = super().organisations()
        ended = date(2025, 4, 1)
        load_organisations(
            self.engine, [organisation("RA00", end=ended)], [Succession("RA00", "RA01", ended)], by="tests", at=NOON
        )
        return found


def test_a_registry_loaded_while_a_worker_reads_it_costs_that_worker_its_claim() -> None:
    with world() as one:
        published(one)
        worker = Worker(LoadedMeanwhile(one.service.engine), one.service.bus, one.worker.rules, 90)
        with pytest.raises(PositionMoved):
            Worker.turn.__wrapped__(worker, "complaints", NOON)  # type: ignore[attr-defined]
        assert one.service.store.position("complaints") is None
