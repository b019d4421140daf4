"""Every message of a topic becomes something that is counted: nothing on it vanishes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from monitor.model import Message, Receipt
from monitor.store.accounts import accounting
from monitor.store.letters import dead_letters
from tests.factories import NOON, advance, contribution, feed, month, organisation, word
from tests.laws.world import World, world

CONTRACT = feed()
COMPLETE = advance(*month(0))


@pytest.fixture
def one() -> Iterator[World]:
    with world() as made:
        yield made


def put_aside(one: World, *messages: Message) -> list[tuple[object, ...]]:
    """Publish and take in; give what was put aside, as long as the accounts come out."""
    one.publish({CONTRACT.key: messages})
    while one.turn(CONTRACT.key, NOON):
        account = accounting(one.service.engine, one.service.bus, CONTRACT.key)
        refused = sum(account["dead_lettered_by_worker"].values())
        assert account["difference"] == 0
        assert account["accepted"] == account["applied"] + account["unchanged"] + refused + account["pending"]
    letters = dead_letters(one.service.engine, CONTRACT.key)
    return [(letter["file"], letter["row"], letter["field"], letter["reason"]) for letter in letters]


def test_an_advance_without_a_contract_is_put_aside_by_its_position(one: World) -> None:
    assert put_aside(one, organisation("RA00"), COMPLETE) == [("bus", 1, "feed", "no contract yet")]


def test_an_advance_of_a_source_or_of_indicators_that_nobody_promised_is_put_aside(one: World) -> None:
    stray = [replace(COMPLETE, source="elsewhere"), replace(COMPLETE, indicators=frozenset({"harm_share"}))]
    assert put_aside(one, CONTRACT, *stray, COMPLETE) == [
        ("bus", 1, "source", "unknown code"),
        ("bus", 2, "indicators", "unknown indicator"),
    ]
    assert one.service.store.coverage(CONTRACT.key).keys() == {("local", "new_complaints")}


@pytest.mark.parametrize(
    "foreign",
    [
        feed("incident_reports", indicators=("harm_share",)),
        word(contribution(), feed="incident_reports"),
        replace(COMPLETE, feed="incident_reports"),
        Receipt(
            feed="incident_reports",
            source="local",
            file="abc",
            run="run",
            rows=7,
            observations=7,
            merged=0,
            out_of_scope={},
            suppressed=0,
            dead_lettered={},
        ),
    ],
    ids=lambda message: type(message).__name__,
)
def test_what_is_another_feed_s_is_put_aside_and_leaves_both_as_they_were(one: World, foreign: Message) -> None:
    said = [CONTRACT, organisation("RA00"), word(contribution(), subject="mine")]
    assert put_aside(one, *said, foreign) == [("bus", 3, "feed", "another feed's message")]
    assert one.service.store.contracts() == {CONTRACT.key: CONTRACT}
    assert accounting(one.service.engine, one.service.bus, "incident_reports")["difference"] == 0
    assert one.service.store.words(CONTRACT.key, ["mine", "one"]).keys() == {"mine"}
