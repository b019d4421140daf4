"""The staff survey: shares of their own bases, and years that end in November."""

from datetime import date

import pytest

from tests.feeds.samples import SURVEY, file_of, reasons, state

ACUTE = "Acute and Acute & Community Trusts"


def row(code: str = "R0A", year: str = "2024", group: str = ACUTE, items: str = "1000,30.5,1200,40") -> str:
    return f"{code},{year},Trust,{group},North West,{items}"


def test_an_item_is_its_share_of_its_base() -> None:
    (draft,) = state("survey_pulses", file_of(SURVEY, row())).drafts
    assert {part.indicator: (part.numerator, part.denominator) for part in draft.contributions} == {
        "burnout_share": (305.0, 1_000),
        "stress_share": (480.0, 1_200),
    }
    assert {part.period for part in draft.contributions} == {(date(2023, 12, 1), date(2024, 12, 1))}


def test_an_item_without_figure_or_of_a_small_base_is_left_out() -> None:
    (draft,) = state("survey_pulses", file_of(SURVEY, row(items="10,30,1200,40"))).drafts
    assert [part.indicator for part in draft.contributions] == ["stress_share"]


def test_a_row_without_any_item_is_suppressed() -> None:
    found = state("survey_pulses", file_of(SURVEY, row(items="NA,NA,5,40")))
    assert (found.suppressed, found.drafts) == (1, ())


def test_commissioners_and_enterprises_are_out_of_scope_whatever_their_codes_look_like() -> None:
    found = state("survey_pulses", file_of(SURVEY, row("01T/01V", group="CCGs"), row("NQX", group="CSUs")))
    assert found.out_of_scope == {"type: CCGs": 1, "type: CSUs": 1}
    assert found.left_out == {"01T/01V": 1, "NQX": 1}


@pytest.mark.parametrize("group", ["Acute Trusts", ""])
def test_a_group_that_nobody_has_seen_states_no_organisation_and_its_figures_go_ahead(group: str) -> None:
    found = state("survey_pulses", file_of(SURVEY, row(group=group)))
    assert (len(found.drafts), found.out_of_scope, found.organisations) == (1, {}, ())


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(year="2027"), "future date"),
        (row(year="24"), "bad date"),
        (row(items="1000,130.5,1200,40"), "out of range"),
        (row(items="1000.5,30,1200,40"), "bad number"),
    ],
)
def test_a_bad_row_is_put_aside(bad: str, reason: str) -> None:
    assert reasons(state("survey_pulses", file_of(SURVEY, bad))) == [reason]


def test_a_region_is_kept_and_a_partnership_is_none() -> None:
    content = file_of(SURVEY, row(), row("R0B").replace("North West", "Devon"))
    assert [one.region for one in state("survey_pulses", content).organisations] == ["North West", None]
