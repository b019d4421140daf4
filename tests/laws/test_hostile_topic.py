"""Whatever lies on a topic is taken in or put aside, and the worker goes on: each field of each message, falsified."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from monitor import wire
from monitor.errors import BadRecord, Reason
from monitor.model import DeadLetter, Message, Receipt
from monitor.sound import check
from monitor.store.accounts import accounting
from monitor.store.registry import load_organisations
from tests.factories import NOON, advance, contribution, feed, month, organisation, organisations, word
from tests.laws.world import AT_LENGTH, World, examples, marks, world

pytestmark = marks
CODES = [one.code for one in organisations(6)]
CONTRACT = feed()
SENT: dict[str, Message] = {
    "contract": CONTRACT,
    "organisation": organisation("RB00", start=date(2010, 4, 1), end=date(2030, 4, 1)),
    "observation": replace(word(contribution(), subject="told", known=date(2020, 2, 3)), is_event=True),
    "bare observation": word(contribution(denominator=None), subject="bare"),
    "advance": replace(advance(*month(0), CODES), indicators=frozenset({"new_complaints"})),
    "dead letter": DeadLetter("complaints", "9f8e7d", 3, "DATE", Reason.BAD_DATE, "2020-13-01", "RA00"),
    "receipt": Receipt(
        feed="complaints",
        source="local",
        file="9f8e7d",
        run="run",
        rows=9,
        observations=1,
        merged=1,
        out_of_scope={"type: other": 2},
        suppressed=3,
        dead_lettered={"bad date": 2},
    ),
}
FALSE: tuple[Any, ...] = (
    *(None, True, "", "*", "weekly", "fortnightly", "x" * 5_000, "\x00", "²", "RA00", "RA99", "bus", "worker"),
    *(0, -1, 7, 2**31, 2**63, 2**70, 1e308, -1e308, 1e-308, "NaN", "inf", "-0.0"),
    *("0001-01-01", "1899-12-31", "9999-12-31", "2020-02-30", "2020-06-15", "20200101", 1e18),
    *("2024-01-01T12:00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2024-01-01T12:00:00+01:00"),
    *("P9999999D", "-P1D", "P1D", [], {}, [[]], {"x": None}, ["2020-01-01", "9999-12-31"]),
    *(["2020-02-01", "2020-01-01"], [0, "2024-01-01T12:00:00"], {"new_complaints": "fortnightly"}, {"*": "monthly"}),
    *("run/file/" + "9" * 30, "run/file/" + "9" * 5_000, "run/file/-1", "////", "quarterly", "count", "proportion"),
)


def places(whole: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to every part of a message's data, the whole of it first."""
    yield path
    inside = whole.items() if isinstance(whole, dict) else enumerate(whole) if isinstance(whole, list) else ()
    for key, value in inside:
        yield from places(value, (*path, key))


def falsified(message: Message, path: tuple[Any, ...], value: Any) -> bytes:
    """Write a message with another value in one place of its data."""
    envelope = json.loads(wire.encode(message, "complaints"))
    inside: Any = envelope
    for key in ("data", *path)[:-1]:
        inside = inside[key]
    inside[("data", *path)[-1]] = value
    return json.dumps(envelope, separators=(",", ":")).encode()


def data(message: Message) -> Any:
    return json.loads(wire.encode(message, "complaints"))["data"]


def falsifications(message: Message) -> Iterator[tuple[Any, bytes]]:
    """Give every value in every place; in `make test` every third of them, other ones in each place."""
    every = 1 if AT_LENGTH else 3
    for at, path in enumerate(places(data(message))):
        for value in FALSE[at % every :: every]:
            yield (path, value), falsified(message, path, value)


def balances(one: World) -> bool:
    """Hold both identities, as far as receipts of files that were never published can come out."""
    account = accounting(one.service.engine, one.service.bus, "complaints")
    refused = sum(account["dead_lettered_by_worker"].values())
    is_whole = bool(account["accepted"] == account["applied"] + account["unchanged"] + refused + account["pending"])
    return is_whole and not account["difference"]


@pytest.mark.parametrize("noun", SENT)
def test_no_message_with_one_field_falsified_stops_the_worker(noun: str) -> None:
    tried = [*falsifications(SENT[noun])]
    sound = [wire.encode(message, "complaints") for message in (CONTRACT, SENT["advance"])]
    with world(batch=40) as one:
        load_organisations(one.service.engine, organisations(6), [], by="tests", at=NOON)
        now = datetime(2020, 7, 1, tzinfo=UTC)
        for at in range(0, len(tried), 30):
            said = [each for _, each in tried[at : at + 30]]
            words = [
                wire.encode(word(contribution(CODES[n % 6]), subject=f"w{at}/{n}"), "complaints") for n in range(6)
            ]
            one.service.bus.publish("complaints", [*sound, *said, *sound, *words])
            while one.turn("complaints", now):
                assert balances(one), tried[at : at + 30]
            now += timedelta(days=1)
        one.turn("complaints", now, settles=True)
        assert balances(one)
        position = one.service.store.position("complaints")
        assert position is not None
        assert position.next == one.service.bus.end("complaints") == len(tried) + 10 * -(-len(tried) // 30)
        assert one.digest() == one.replay()


@given(st.data())
@examples(60)
def test_any_json_in_place_of_a_part_is_refused_as_a_bad_record_or_is_sound(drawn: st.DataObject) -> None:
    message = SENT[drawn.draw(st.sampled_from(sorted(SENT)))]
    path = drawn.draw(st.sampled_from([*places(data(message))]))
    plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    value = drawn.draw(st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
    try:
        check(wire.decode(falsified(message, path, value)))
    except BadRecord as bad:
        event(bad.reason)


@pytest.mark.parametrize(
    ("noun", "path", "value", "field"),
    [
        ("observation", ("rank", 1), "2024-05-01T00:00:00", "published"),
        ("observation", ("contributions", 0, "period"), ["9999-12-01", "9999-12-31"], "period"),
        ("observation", ("contributions", 0, "numerator"), 1.7e308, "numerator"),
        ("observation", ("origin",), "run/file/" + "9" * 30, "origin"),
        ("contract", ("sources", "local", "calendars", "new_complaints"), "fortnightly", "calendars"),
        ("contract", ("sources", "local", "lateness"), "-P1D", "lateness"),
        ("contract", ("retention",), "P99999D", "retention"),
        ("organisation", ("end",), "9999-12-31", "end"),
        ("organisation", ("code",), "*", "code"),
        ("advance", ("end",), "9999-12-31", "end"),
        ("advance", ("organisations",), ["*"], "organisations"),
        ("dead letter", ("stage",), "worker", "row"),
        ("receipt", ("rows",), 10, "rows"),
    ],
)
def test_what_is_out_of_bounds_is_named_by_its_field(noun: str, path: tuple[Any, ...], value: Any, field: str) -> None:
    with pytest.raises(BadRecord) as caught:
        wire.decode(falsified(SENT[noun], path, value))
    assert (caught.value.field, caught.value.value) == (field, None)
