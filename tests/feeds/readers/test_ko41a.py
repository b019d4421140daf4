"""Complaints of a financial year: sums, shares of subjects, and the backlog."""

from datetime import date

import pytest

from monitor.feeds.readers.ko41a import HEADER
from tests.feeds.samples import file_of, reasons, state

TOP = ",".join([*HEADER, "Organisation_Name"])


def row(year: str = "2024-25", counts: str = "403,354,49,51,114,5,468", kind: str = "Mental Health") -> str:
    return f"{year},RDY,{kind},{counts},Trust"


def test_one_row_tells_of_three_indicators() -> None:
    (draft,) = state("complaints", file_of(TOP, row())).drafts
    assert [(part.indicator, part.numerator, part.denominator) for part in draft.contributions] == [
        ("new_complaints", 403, 0),
        ("conduct_complaints_share", 170, 468),
        ("complaints_backlog", 49, 354),
    ]
    assert draft.contributions[0].period == (date(2024, 4, 1), date(2025, 4, 1))


def test_shares_of_nothing_are_left_out() -> None:
    (draft,) = state("complaints", file_of(TOP, row(counts="3,0,3,0,0,0,0"))).drafts
    assert [part.indicator for part in draft.contributions] == ["new_complaints"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row("2024"), "bad date"),
        (row("2024-26"), "bad date"),
        (row("2026-27"), "future date"),
        (row(counts="-3,354,49,51,114,5,468"), "out of range"),
        (row(counts="3.5,354,49,51,114,5,468"), "bad number"),
        (row(counts="403,354,49,510,114,5,468"), "out of range"),
    ],
)
def test_a_bad_row_is_put_aside(bad: str, reason: str) -> None:
    assert reasons(state("complaints", file_of(TOP, bad))) == [reason]


def test_other_providers_are_out_of_scope() -> None:
    assert state("complaints", file_of(TOP, row(kind="Others"))).out_of_scope == {"type: Others": 1}


@pytest.mark.parametrize("kind", ["Mental Health Trust", "Mental-Health", ""])
def test_a_type_that_nobody_has_seen_silences_no_peer_group(kind: str) -> None:
    found = state("complaints", file_of(TOP, row(kind=kind)))
    assert (len(found.drafts), found.out_of_scope) == (1, {})


def test_a_type_that_nobody_has_seen_states_no_organisation() -> None:
    assert state("complaints", file_of(TOP, row(kind="Provider"))).organisations == ()


def test_a_local_calendar_does_not_take_a_year() -> None:
    found = state("complaints", file_of(TOP, row()), source="local")
    assert reasons(found) == ["not a period of the calendar"]
