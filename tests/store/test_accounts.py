"""Every row and every observation is accounted for, and what is missing shows."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from monitor.bus.embedded import EmbeddedBus
from monitor.errors import REMEDIES, Reason
from monitor.kept import Changes
from monitor.model import DeadLetter, Receipt
from monitor.store.accounts import accounting, receipts
from monitor.store.letters import dead_letters
from monitor.store.store import SqlStore
from monitor.wire import encode
from tests.store.factories import FEED, word, write

RECEIPT = Receipt(
    feed=FEED, source="local", file="abc", run="run1", rows=12, observations=6, merged=1, out_of_scope={"type": 2},
    suppressed=1, dead_lettered={"bad date": 2},
)  # fmt: skip
COUNTS = {"messages": 1, "accepted": 6, "applied": 3, "unchanged": 2, "dead_lettered:contradiction": 1}


def test_both_sums_come_out(store: SqlStore, engine: Engine) -> None:
    write(store, Changes(receipts=[RECEIPT], counts=COUNTS))
    write(store, Changes(receipts=[replace(RECEIPT, run="run2")], counts=COUNTS))
    EmbeddedBus(engine).publish(FEED, [encode(word(f"s{number}"), FEED) for number in range(5)])
    assert accounting(engine, EmbeddedBus(engine), FEED) == {
        "rows": 24,
        "observations": 12,
        "merged": 2,
        "out_of_scope": {"type": 4},
        "suppressed": 2,
        "dead_lettered": {"bad date": 4, "contradiction": 2},
        "dead_lettered_by_worker": {"contradiction": 2},
        "replayed": {},
        "accepted": 15,
        "applied": 6,
        "unchanged": 4,
        "pending": 3,
        "receipts_pending": 0,
        "difference": 0,
    }


def test_a_receipt_that_no_worker_has_read_counts_once(store: SqlStore, engine: Engine) -> None:
    bus, again = EmbeddedBus(engine), replace(RECEIPT, run="run2")
    messages = [*(word(f"s{number}") for number in range(6)), RECEIPT, RECEIPT, again, replace(RECEIPT, feed="other")]
    bus.publish(FEED, [encode(message, FEED) for message in messages])
    found = accounting(engine, bus, FEED)
    assert (found["rows"], found["dead_lettered"], found["receipts_pending"]) == (24, {"bad date": 4}, 2)
    assert (found["accepted"], found["pending"], found["difference"]) == (6, 6, 0)
    write(store, Changes(receipts=[RECEIPT, again], counts=COUNTS))  # at position 1: one that has been read comes again
    found = accounting(engine, bus, FEED)
    assert (found["rows"], found["receipts_pending"], found["pending"]) == (24, 0, 5)


class TurningBus(EmbeddedBus):
    """A bus under which a worker turns whenever somebody asks what is pending."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._store = SqlStore(engine)

    def observations_from(self, feed: str, position: int) -> int:
        write(self._store, Changes(receipts=[RECEIPT], counts=COUNTS))
        found = super().observations_from(feed, position)
        write(self._store, Changes(receipts=[replace(RECEIPT, run="run2")], counts=COUNTS))
        return found


def test_a_tick_while_it_is_counted_loses_nothing(engine: Engine) -> None:
    EmbeddedBus(engine).publish(FEED, [encode(word(f"s{number}"), FEED) for number in range(5)])
    found = accounting(engine, TurningBus(engine), FEED)
    assert (found["difference"], found["accepted"], found["pending"], found["applied"]) == (0, 5, 5, 0)


def test_the_same_receipt_counts_once(store: SqlStore, engine: Engine) -> None:
    for _ in range(2):
        write(store, Changes(receipts=[RECEIPT]))
    assert receipts(engine, FEED) == (RECEIPT,)


@pytest.mark.parametrize(
    ("receipt", "counts", "difference"),
    [
        (replace(RECEIPT, rows=15), COUNTS, 3),
        (RECEIPT, COUNTS | {"applied": 1}, 2),
        (replace(RECEIPT, merged=2), COUNTS | {"accepted": 7}, 2),
        (RECEIPT, COUNTS | {"messages": 0}, 1),
        (replace(RECEIPT, rows=14, observations=8), COUNTS, 2),
    ],
)
def test_what_was_dropped_shows(
    store: SqlStore, engine: Engine, receipt: Receipt, counts: dict[str, int], difference: int
) -> None:
    write(store, Changes(receipts=[receipt], counts=counts))
    assert accounting(engine, EmbeddedBus(engine), FEED)["difference"] == difference


def test_a_dead_letter_is_listed_once_with_its_remedy(store: SqlStore, engine: Engine) -> None:
    letter = DeadLetter(FEED, "abc", 7, "start", Reason.BAD_DATE, "2026-02-30", "RAA")
    for _ in range(2):
        write(store, Changes(dead_letters=[letter]))
    (listed,) = dead_letters(engine, FEED)
    assert listed["remedy"] == REMEDIES[Reason.BAD_DATE]
    assert (listed["file"], listed["row"], listed["value"], listed["stage"]) == ("abc", 7, "2026-02-30", "reader")
    assert dead_letters(engine, "complaints") == []


@pytest.mark.parametrize(("value", "withheld"), [("R99", False), (None, True)])
def test_only_a_withheld_code_is_said_to_be_withheld(
    store: SqlStore, engine: Engine, value: str | None, withheld: bool
) -> None:
    letter = DeadLetter(FEED, "abc", 7, "organisation", Reason.UNKNOWN_ORGANISATION, value, None)
    write(store, Changes(dead_letters=[letter]))
    (listed,) = dead_letters(engine, FEED)
    assert ("could be a name" in str(listed["remedy"])) is withheld
