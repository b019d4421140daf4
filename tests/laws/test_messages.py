"""Encode then decode is the identity, for every message that a topic can carry."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from tests.factories import contribution, word
from tests.laws.world import examples, marks

pytestmark = marks
TEXTS, WHOLE, DAYS = st.text(max_size=12), st.integers(0, 10**9), st.dates()
NUMBERS = st.floats(0, 1e300)
SPANS = st.timedeltas(timedelta(0), timedelta(days=5_000))
PERIODS = st.tuples(DAYS, DAYS)
COUNTED = st.dictionaries(TEXTS, WHOLE, max_size=3)
NAMED = st.none() | st.frozensets(TEXTS, max_size=3)
SOURCES = st.builds(
    Source, calendars=st.dictionaries(TEXTS, TEXTS, max_size=3), lateness=SPANS, tolerance=NUMBERS,
    waits=st.dictionaries(TEXTS, SPANS, max_size=3),
)  # fmt: skip
INDICATORS = st.builds(Indicator, per=NUMBERS, low=NUMBERS, high=NUMBERS, weight=NUMBERS)
CONTRIBUTIONS = st.builds(Contribution, TEXTS, TEXTS, PERIODS, NUMBERS, st.none() | NUMBERS)
MESSAGES: dict[str, st.SearchStrategy[Message]] = {
    "contract": st.builds(
        Feed, indicators=st.lists(INDICATORS, max_size=2).map(tuple), retention=SPANS,
        sources=st.dictionaries(TEXTS, SOURCES, max_size=2),
    ),
    "organisation": st.builds(Organisation),
    "observation": st.builds(
        Observation, rank=st.tuples(WHOLE, st.datetimes(timezones=st.just(UTC))),
        contributions=st.lists(CONTRIBUTIONS, max_size=3).map(tuple),
    ),
    "advance": st.builds(Advance, TEXTS, TEXTS, DAYS, DAYS, NAMED, NAMED),
    "dead letter": st.builds(DeadLetter),
    "receipt": st.builds(Receipt, out_of_scope=COUNTED, dead_lettered=COUNTED),
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
