"""Publishing on the real log: everything arrives, in order, and again changes no word."""

from pathlib import Path

from monitor.bus.embedded import EmbeddedBus
from monitor.feeds.delivery import Delivery
from monitor.feeds.publish import publish
from monitor.landing import Landing
from monitor.model import Feed, Observation, Receipt
from monitor.store.engine import open_engine
from monitor.store.upgrade import upgrade
from monitor.wire import decode
from tests.feeds.samples import NOW, SICKNESS, contract, file_of, sickness_row

FEED = "staff_sickness"
CODES = [f"{letter}{number:02d}" for letter in "RTG" for number in range(100)]


def test_a_file_arrives_whole_and_in_order_over_several_transactions(tmp_path: Path) -> None:
    days = ("31/01/2025", "28/02/2025", "31/03/2025", "30/04/2025")
    content = file_of(SICKNESS, *(sickness_row(code, day=day) for day in days for code in CODES))
    engine = open_engine(f"sqlite:///{tmp_path / 'monitor.sqlite'}")
    try:
        upgrade(engine)
        bus, chunks = EmbeddedBus(engine), []
        told = publish(
            contract(FEED),
            Delivery("file.csv", content),
            bus=bus,
            landing=Landing(tmp_path),
            now=NOW,
            progress=chunks.append,
        )
        read = [decode(message) for message in bus.read(FEED, 0, 10_000).messages]
    finally:
        engine.dispose()
    assert told.messages == len(read) == bus_length(told.receipt, organisations=len(CODES), advances=1)
    assert sum(chunks) == len(read)
    assert len(chunks) == 3  # words in two, and what they complete after them
    assert isinstance(read[0], Feed)
    assert isinstance(read[-1], Receipt)
    assert sum(isinstance(message, Observation) for message in read) == 1_200


def bus_length(receipt: Receipt, *, organisations: int, advances: int) -> int:
    contract_and_receipt = 2
    return contract_and_receipt + organisations + receipt.observations + advances
