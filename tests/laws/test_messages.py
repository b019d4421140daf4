"""Encode then decode is the identity, for every message that a topic can carry."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import wire
from monitor.errors import BadRecord, FutureSchema, Reason
from monitor.model import (
    Advance,
    Contribution,
    DeadLetter,
    Feed,
    Indicator,
    Message,
    Observation,
    Organisation,
    Receipt,
    Source,
)
from monitor.wire import decode, encode
from tests.factories import contribution, feed, word
from tests.laws.world import examples, marks

pytestmark = marks
Noun = TypeVar("Noun")
LETTERS = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
TEXTS, WHOLE, DAYS = st.text(LETTERS, max_size=12), st.integers(0, 10**9), st.dates(date(1948, 1, 1), date(2198, 1, 1))
CODES = st.from_regex(r"[A-Z0-9]{3,6}", fullmatch=True)
NUMBERS = st.floats(0, 2e9)
SPANS = st.timedeltas(timedelta(0), timedelta(days=5_000))
PERIODS = st.tuples(DAYS, st.integers(1, 400)).map(lambda drawn: (drawn[0], drawn[0] + timedelta(days=drawn[1])))
COUNTED = st.dictionaries(TEXTS, WHOLE, max_size=3)
NAMED = st.none() | st.frozensets(CODES, max_size=3)
CALENDARS = st.sampled_from(["weekly", "monthly", "quarterly", "yearly", "months:2,5,8"])
INSTANTS = st.datetimes(datetime(1950, 1, 1), datetime(2190, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def made(noun: type[Noun], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Noun]:
    """Make a noun of these parts; its other texts are any that a message may hold."""
    texts = {field.name: TEXTS for field in fields(noun) if field.type == "str"}  # type: ignore[arg-type]
    return st.builds(noun, **{**texts, **parts})


SOURCES = made(
    Source, calendars=st.dictionaries(TEXTS, CALENDARS, max_size=3), lateness=SPANS, tolerance=NUMBERS,
    waits=st.dictionaries(TEXTS, SPANS, max_size=3),
)  # fmt: skip
INDICATORS = made(Indicator, per=NUMBERS, low=NUMBERS, high=NUMBERS, weight=NUMBERS, denominator=TEXTS)
CONTRIBUTIONS = st.builds(Contribution, TEXTS, TEXTS, PERIODS, NUMBERS, st.none() | NUMBERS)


def balanced(receipt: Receipt) -> Receipt:
    """Count the rows that a receipt accounts for."""
    return replace(receipt, rows=receipt.rows - receipt.difference)


MESSAGES: dict[str, st.SearchStrategy[Message]] = {
    "contract": made(
        Feed, indicators=st.lists(INDICATORS, max_size=2).map(tuple), retention=SPANS, readers=st.just(("extract",)),
        sources=st.dictionaries(TEXTS, SOURCES, max_size=2), allowed=st.frozensets(TEXTS, max_size=2),
        seal_months=st.integers(0, 100),
    ),
    "organisation": made(
        Organisation, code=CODES, region=st.none() | TEXTS, stated_by=TEXTS, start=st.none() | DAYS,
        end=st.none() | DAYS,
    ),
    "observation": made(
        Observation, rank=st.tuples(WHOLE, INSTANTS), known=st.none() | DAYS,
        contributions=st.lists(CONTRIBUTIONS, max_size=3).map(tuple),
    ),
    "advance": PERIODS.flatmap(
        lambda period: st.builds(Advance, TEXTS, TEXTS, st.just(period[0]), st.just(period[1]), NAMED, NAMED)
    ),
    "dead letter": made(
        DeadLetter, file=st.just("9f8e"), row=WHOLE, stage=st.just("reader"), value=TEXTS, organisation=CODES
    ),
    "receipt": made(
        Receipt, rows=WHOLE, observations=WHOLE, merged=WHOLE, suppressed=WHOLE, out_of_scope=COUNTED,
        dead_lettered=COUNTED,
    ).map(balanced).filter(lambda receipt: receipt.rows < 2**31),
}  # fmt: skip


@pytest.mark.parametrize("noun", MESSAGES)
@given(data=st.data())
@examples(40)
def test_what_was_encoded_decodes_to_itself(noun: str, data: st.DataObject) -> None:
    message = data.draw(MESSAGES[noun])
    assert decode(encode(message, "complaints")) == message


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
@examples(60)
def test_bytes_that_are_no_message_are_a_bad_record(data: bytes) -> None:
    with pytest.raises(BadRecord):
        decode(data)


@pytest.mark.parametrize("place", ["data", "remark"])
def test_lists_in_lists_without_end_are_a_bad_record(place: str) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    with pytest.raises(BadRecord):
        decode(b'{"type":"monitor.advance.v1","' + place.encode() + b'":' + deep + b',"data":{}}')


def test_spans_in_years_that_were_kept_by_an_earlier_version_are_read() -> None:
    contract = replace(feed("complaints"), retention=timedelta(days=400))
    sent, kept = wire.encode(contract, "complaints"), wire.dump(contract)

    assert wire.decode(sent.replace(b'"P400D"', b'"P1Y35D"')) == contract
    assert wire.load(Feed, kept.replace('"P400D"', '"P1Y35D"')) == contract
    assert wire.load(Feed, kept.replace('"P400D"', '"P2Y"')).retention == timedelta(days=730)


def test_a_number_of_an_array_is_written_as_the_number_that_it_is() -> None:
    message = word(contribution(numerator=np.float64(5.5)))
    assert decode(encode(message, "complaints")) == message


def test_a_message_of_a_newer_format_is_refused_by_its_version() -> None:
    newer = encode(word(contribution()), "complaints").replace(b"observation.v1", b"observation.v99")
    with pytest.raises(FutureSchema, match="99"):
        decode(newer)


@pytest.mark.parametrize(("said", "reason"), [("NaN", Reason.BAD_MESSAGE), ("-5.0", Reason.OUT_OF_RANGE)])
def test_numbers_that_are_none_are_refused(said: str, reason: Reason) -> None:
    broken = encode(word(contribution(numerator=5.0)), "complaints").replace(
        b'"numerator":5.0', f'"numerator":{said}'.encode()
    )
    with pytest.raises(BadRecord) as caught:
        decode(broken)
    assert caught.value.reason is reason
