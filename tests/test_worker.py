"""The worker's loop: an outage is waited for, by whoever works until stopped."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from monitor.errors import Outage
from monitor.worker import work
from tests.laws.world import World, world


class StoppedError(Exception):
    """What ends a worker that would go on for ever."""


class AwayBus:
    """A bus that is away once, and then stops whoever asks again."""

    def __init__(self) -> None:
        self.asked = 0

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
