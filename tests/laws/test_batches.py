"""What becomes of a word depends on what came before it on its topic, never on where a batch ends."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Feed, Message, Source
from monitor.store.accounts import accounting
from monitor.store.letters import kept
from monitor.store.registry import load_organisations
from tests.factories import NOON, advance, contribution, feed, month, organisation, organisations, word
from tests.laws.world import World, assert_same_scores, examples, marks, world

pytestmark = marks
BATCHES = (1, 7, 500)
LATER = datetime(2020, 12, 1, 12, tzinfo=UTC)
CODES = ["RA00", "RA01", "RA02", "RA03", "RX07", "RX08"]  # the last two are in no registry until the feed states them
BACKLOG = "complaints_backlog"
WIDE = feed(indicators=("new_complaints", BACKLOG))


def promised(contract: Feed, **calendars: str) -> Feed:
    """Give the contract that promises these indicators, each in its calendar."""
    kept = tuple(one for one in contract.indicators if one.key in calendars)
    return replace(contract, indicators=kept, sources={"local": Source(calendars, contract.sources["local"].lateness)})


CONTRACTS = [
    WIDE,
    promised(WIDE, new_complaints="monthly"),
    promised(WIDE, new_complaints="monthly", complaints_backlog="quarterly"),
    replace(WIDE, sources={"local": Source({"new_complaints": "fortnightly"}, WIDE.sources["local"].lateness)}),
]
WORDS = st.builds(
    lambda code, at, key, subject, revision, row: replace(
        word(contribution(code, month(at), 5.0 + row, 100.0, key), subject=subject, revision=revision),
        origin=f"run/file/{row}",
    ),
    st.sampled_from(CODES), st.integers(0, 4), st.sampled_from(["new_complaints", BACKLOG]),
    st.sampled_from(["s0", "s1", "s2", "s3"]), st.integers(0, 2), st.integers(1, 5),
)  # fmt: skip
ADVANCES = st.builds(lambda first, count: advance(month(first)[0], month(first + count)[0]), *[st.integers(0, 3)] * 2)
STATED = st.sampled_from(["RX07", "RX08"]).map(organisation)
SAID = st.lists(st.one_of(WORDS, WORDS, WORDS, ADVANCES, STATED, st.sampled_from(CONTRACTS)), min_size=8, max_size=40)


def became(one: World) -> dict[str, Any]:
    """Give what a feed's store holds of its topic."""
    letters = kept(one.service.engine, WIDE.key, with_replayed=True)
    account = accounting(one.service.engine, one.service.bus, WIDE.key)
    aside = {(each.letter.row, each.letter.field, each.letter.reason, each.replayed is None) for each in letters}
    return {
        "account": {name: value for name, value in account.items() if name != "replayed"},
        "letters": aside,
        "words": one.service.store.words(WIDE.key, {"s0", "s1", "s2", "s3"}),
        "coverage": one.service.store.coverage(WIDE.key),
        "contract": one.service.store.contracts().get(WIDE.key),
        "organisations": one.service.store.organisations()[0],
    }


def taken_in(one: World, said: list[Message]) -> World:
    load_organisations(one.service.engine, organisations(4), [], by="tests", at=NOON)
    one.publish({WIDE.key: said})
    while one.turn(WIDE.key, LATER):
        pass
    one.turn(WIDE.key, LATER, settles=True)
    return one


@given(SAID)
@examples(10)
def test_the_cut_of_batches_decides_nothing(said: list[Message]) -> None:
    with world(batch=BATCHES[0]) as each, world(batch=BATCHES[1]) as some, world(batch=BATCHES[2]) as whole:
        expected = became(taken_in(each, said))
        for other in (some, whole):
            assert became(taken_in(other, said)) == expected
            assert_same_scores(each.service, other.service)
            assert other.digest() == other.replay()


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize(
    ("said", "applied", "reasons"),
    [
        ([WIDE, word(contribution(indicator=BACKLOG)), CONTRACTS[1]], 1, {"unreadable message": 1}),
        ([WIDE, word(contribution()), CONTRACTS[1], word(contribution(indicator=BACKLOG))], 1,
         {"unknown indicator": 1}),
        ([WIDE, word(contribution("RX07", indicator=BACKLOG)), CONTRACTS[1]], 0, {"unknown organisation": 1}),
        ([WIDE, word(contribution("RX07")), organisation("RX07")], 0, {"unknown organisation": 1}),
        ([word(contribution()), WIDE], 0, {"no contract yet": 1}),
        ([WIDE, word(contribution("RX07")), organisation("RX07"), word(contribution("RX07"))], 1,
         {"unknown organisation": 1}),
        ([WIDE, advance(*month(0)), CONTRACTS[3], word(contribution())], 1, {"unreadable message": 1}),
    ],
    ids=["smaller contract later", "smaller by what nobody spoke of", "smaller by what was put aside",
         "organisation later", "contract later", "told again", "no calendar"],
)  # fmt: skip
def test_a_message_is_judged_by_what_came_before_it(
    batch: int, said: list[Message], applied: int, reasons: dict[str, int]
) -> None:
    with world(batch=batch) as one:
        account = became(taken_in(one, said))["account"]
        assert (account["applied"], account["dead_lettered_by_worker"]) == (applied, reasons)
        assert account["difference"] == 0
