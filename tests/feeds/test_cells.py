"""What one cell says, or why not; nothing personal is repeated."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import BadRecord, Reason
from monitor.feeds import cells
from monitor.model import PeerGroup


@pytest.mark.parametrize(
    ("text", "value"), [("4.88", 4.88), ("0", 0), ("1,234", 1_234), ("1,234,567.5", 1_234_567.5), ("1e3", 1_000)]
)
def test_numbers_are_read(text: str, value: float) -> None:
    assert cells.number(text, "n") == value


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "1e999", "4,88", "12%", "Smith", "1 2", "0x10", "١٢"])
def test_what_is_no_finite_number_is_put_aside_unrepeated(text: str) -> None:
    with pytest.raises(BadRecord) as caught:
        cells.number(text, "n")
    assert (caught.value.reason, caught.value.value) == (Reason.BAD_NUMBER, None)
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["2025-04-30", "2025-04-30T23:10:00", "30/04/2025", "30/04/2025 00:00", "30-04-2025", "30 Apr 2025", "45777"],
)
def test_days_are_read_in_every_usual_form(text: str) -> None:
    assert cells.day(text, "day") == date(2025, 4, 30)


@given(st.dates(date(1990, 1, 1), date(2063, 12, 31)))
def test_excel_days_are_counted_from_the_end_of_1899(day: date) -> None:
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)
    assert cells.day(str(serial), "day") == day


@pytest.mark.parametrize("text", ["2014-NOV", "2014-11", "November 2014", "Nov-2014"])
def test_a_month_is_its_first_day(text: str) -> None:
    assert cells.day(text, "day") == date(2014, 11, 1)


@pytest.mark.parametrize(
    "text", ["31/02/2025", "2025-13-01", "0001-01-01", "01/01/1900", "12", "yesterday", "2014-XXX"]
)
def test_what_is_no_day_is_put_aside(text: str) -> None:
    with pytest.raises(BadRecord, match="bad date"):
        cells.day(text, "day")


def test_a_day_to_come_is_named() -> None:
    with pytest.raises(BadRecord, match="2026-11-17: future date"):
        cells.past_day("17/11/2026", "day", date(2026, 11, 16))


@pytest.mark.parametrize("code", ["RXX", "TAF", "G6V2S", "8GH44", "0AR", "rxx"])
def test_codes_of_organisations_are_read(code: str) -> None:
    assert cells.organisation(code, "code") == code.upper()


@pytest.mark.parametrize("text", ["ß12", "ﬁ1", "ŉ1"])
def test_a_letter_that_grows_in_capitals_makes_no_code_of_another_body(text: str) -> None:
    with pytest.raises(BadRecord, match="unknown organisation"):
        cells.organisation(text, "code")
    assert not cells.looks_like_a_code(text)


@pytest.mark.parametrize("text", ["SMITH", "Jo Smith", "9434765919", "R1"])
def test_what_could_be_a_person_is_not_repeated(text: str) -> None:
    with pytest.raises(BadRecord) as caught:
        cells.organisation(text, "code")
    assert caught.value.value is None
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "group"),
    [
        ("Acute", PeerGroup.ACUTE),
        ("Acute - Large", PeerGroup.ACUTE),
        ("Mental Health", PeerGroup.MENTAL_HEALTH),
        ("Mental Health and Learning Disability", PeerGroup.MENTAL_HEALTH),
        ("Community Provider Trust", PeerGroup.COMMUNITY),
        ("Ambulance", PeerGroup.AMBULANCE),
        ("Integrated Care Board", None),
        ("Others", None),
        ("", None),
    ],
)
def test_types_as_published_lead_to_peer_groups(kind: str, group: PeerGroup | None) -> None:
    assert cells.peer_group(kind) is group


def test_only_types_known_to_be_outside_the_peer_groups_are_out_of_scope() -> None:
    assert cells.kind_out_of_scope("Integrated Care Board") == "type: Integrated Care Board"
    assert [cells.kind_out_of_scope(kind) for kind in ("Acute", "Acute Trust", "Dr Smith", "")] == [None] * 4


@pytest.mark.parametrize(
    ("code", "repeated"),
    [
        *(("R0A", True), ("8A123", True), ("RAJ", True), ("RAJ-X", True)),
        *(("LEE", False), ("AMY", False), ("LEE-A", False), ("R0A Lee", False), ("9434765919", False)),
        *(("JONES1", False), ("MARY2", False), ("LEE1-A", False), ("G6V2S", True), ("B2M3M", True)),
        *(("JS1234", False), ("AL1990", False), ("O1HARA", False)),
    ],
)
def test_what_begins_with_letters_alone_is_repeated_only_where_it_is_registered(code: str, repeated: bool) -> None:
    assert cells.shown(code, {"RAJ"}) == (code if repeated else None)


def test_an_official_publication_names_nobody_so_its_codes_may_be_repeated() -> None:
    assert [cells.shown(code, public=True) for code in ("RQX", "R0A Lee", "9434765919")] == ["RQX", None, None]
