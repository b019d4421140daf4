"""What becomes of words and of cases depends on what was said before on a topic, never on where a batch ends."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.calendars import calendar
from monitor.casefile import Pack
from monitor.model import Feed, Message, Observation, Source
from monitor.store.accounts import accounting
from monitor.store.letters import kept
from monitor.store.registry import load_organisations
from tests.factories import NOON, advance, contribution, feed, month, organisation, organisations, word
from tests.laws.nation import COMPLAINTS, INCIDENTS, Event, Nation, Turn, What, nations, turns, words_of
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


def row(number: int, code: str = "RA00", **which: Any) -> Observation:
    return replace(word(contribution(code), **which), origin=f"run/file/{number}")


@pytest.mark.parametrize(
    "said",
    [
        [row(4), WIDE, row(4, subject="s3"), row(4, "RA03", subject="s3")],
        [row(4), WIDE, row(4, subject="s3"), row(4, "RA03", subject="s3"), row(4, subject="s2")],
        [WIDE, row(4, subject="s3"), row(4, "RA03", subject="s3"), row(4, subject="s2"), row(5, "RX07")],
    ],
    ids=["refused again", "taken in the end", "taken first"],
)
def test_what_was_put_aside_and_taken_and_is_refused_again_lies_aside_once_however_batches_are_cut(
    said: list[Message],
) -> None:
    with world(batch=1) as each, world(batch=2) as some, world(batch=500) as whole:
        expected = became(taken_in(each, said))
        assert became(taken_in(some, said)) == expected
        assert became(taken_in(whole, said)) == expected
        assert each.digest() == each.replay()


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


WORSE = Nation(5, 12, ("complaints", "incident_reports"), (Event(What.WORSENS, 1, 0, 0),))
CALM = replace(WORSE, events=())
JANUARY, END = date(2023, 1, 1), WORSE.instants[-1]


def said_of_one(nation: Nation, contract: Feed, revision: int) -> list[Message]:
    """Publish what one organisation has had since January again, as it is in this nation."""
    periods = calendar(contract.sources["local"].calendars[contract.indicators[0].key])
    numbers = range(periods.first_within(JANUARY) - 1, periods.last_before(END.date()) + 1)
    who = WORSE.organisations[1]
    return [word for number in numbers for word in words_of(nation, contract, who, number, revision=revision)]


def lived(one: World, written: Iterable[Turn]) -> World:
    """Run a history with a worker that is started anew wherever it has read half of what waits."""
    for each in written:
        one.prepare(each)
        for key in one.feeds:
            while one.turn(key, each.now):
                position = one.worker.position(key)
                if position and position.next < one.service.bus.end(key):
                    one.forget()
            if each.settles:
                one.turn(key, each.now, settles=True)
    return one


def steps(one: World) -> list[tuple[Any, ...]]:
    """Give what became of cases, with the evidence; a batch more is a tick more, which is all that may differ."""
    return [
        (change.what, change.reason, change.at, change.at_start, replace(change.case, frozen=None), shown(change.pack))
        for change in one.changes
    ]


def shown(pack: Pack | None) -> Any:
    return pack and (pack.known_at, pack.exhibits)


@given(nations(), st.sampled_from([7, 60]))
@examples(4)
def test_the_cut_of_batches_decides_nothing_of_cases(nation: Nation, batch: int) -> None:
    with world() as whole, world(batch=batch) as cut:
        assert steps(lived(cut, turns(nation))) == steps(lived(whole, turns(nation)))
        assert cut.digest() == cut.replay()


@pytest.mark.parametrize(("was", "meanwhile"), [(WORSE, CALM), (CALM, WORSE)], ids=["a case goes", "a case comes"])
def test_nobody_is_judged_by_half_of_what_waits(was: Nation, meanwhile: Nation) -> None:
    """One feed says something else and takes it back in the same breath; what the other says holds, and is told."""
    there_and_back = [*said_of_one(meanwhile, INCIDENTS, 9), *said_of_one(was, INCIDENTS, 10)]
    said = {INCIDENTS.key: there_and_back, COMPLAINTS.key: said_of_one(meanwhile, COMPLAINTS, 9)}
    written = [*turns(was), *(Turn(END + timedelta(days=day), said if day == 1 else {}) for day in (1, 2, 3))]
    with world() as whole, world(batch=20) as cut:
        assert steps(lived(cut, written)) == steps(lived(whole, written))
        assert cut.digest() == cut.replay()
