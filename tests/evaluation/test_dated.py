"""A demo's bus: what was carried at once is seen day by day, and never in another order than the day before."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.bus.embedded import EmbeddedBus
from monitor.clock import HandClock
from monitor.evaluation.dated import Coming, DatedBus
from monitor.store.engine import open_engine
from monitor.store.upgrade import ready

FEED = "complaints"
FIRST = date(2025, 1, 1)
NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)
FILES = {f"{number:012x}": Coming(FIRST + timedelta(days=number // 2), number) for number in range(12)}


def message(file: str, number: int) -> bytes:
    return f'{{"type":"monitor.observation.v1","origin":"run/{file}","data":{number}}}'.encode()


@settings(max_examples=15, deadline=None)
@given(st.permutations([*FILES] * 3), st.integers(1, 7))
def test_files_that_were_carried_in_any_order_are_read_in_the_order_of_their_days(
    tmp_path_factory: object, carried: list[str], limit: int
) -> None:
    assert hasattr(tmp_path_factory, "mktemp")
    engine = open_engine(f"sqlite:///{Path(tmp_path_factory.mktemp('bus')) / 'log.sqlite'}")
    ready(engine)
    clock, plain = HandClock(NOON), EmbeddedBus(engine)
    plain.publish(FEED, [b"before"])
    bus = DatedBus(engine, clock, FILES)
    bus.hold()
    plain.publish(FEED, [message(file, number) for number, file in enumerate(carried)])
    position, read = 0, []
    for day in range(7):
        clock.move(NOON + timedelta(days=day))
        bus.publish(FEED, [f"by hand on day {day}".encode()])
        while (batch := bus.read(FEED, position, limit)).messages:
            read += [(day, body) for body in batch.messages]
            position = batch.next
        assert bus.end(FEED) == position
    engine.dispose()
    assert read[0] == (0, b"before")
    assert len(read) == 1 + 7 + len(carried)
    files = [(day, body.split(b"/")[1][:12].decode()) for day, body in read[1:] if b"/" in body]
    assert files == [((FILES[file].day - FIRST).days, file) for file in sorted(carried)]


def test_a_file_is_whole_once_its_receipt_has_come(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'log.sqlite'}")
    ready(engine)
    bus, (file, other, *_) = DatedBus(engine, HandClock(NOON), FILES), FILES
    bus.publish(FEED, [b"before"])
    bus.hold()
    for body, is_whole in ((message(file, 1), False), (message(file, 2).replace(b"observation", b"receipt"), True)):
        bus.publish(FEED, [body])
        assert (bus.is_whole(FEED, file), bus.is_whole(FEED, other)) == (is_whole, False)
    engine.dispose()
