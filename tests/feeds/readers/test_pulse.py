"""The pulse layout: waves, scores as sums, and the response rate."""

from datetime import date

import pytest

from tests.feeds.samples import PULSE, file_of, reasons, state

APRIL = (date(2025, 2, 1), date(2025, 5, 1))
JULY = (date(2025, 5, 1), date(2025, 8, 1))
JANUARY = (date(2025, 8, 1), date(2026, 2, 1))


def row(period: str = "2025-04", figures: str = "200,1000,6.5,6.8,7.0,6.75") -> str:
    return f"{period},R0A,{figures}"


@pytest.mark.parametrize(
    ("period", "wave"),
    [
        ("2025-04", APRIL),
        ("2025-Q1", APRIL),
        ("2025-26 Q1", APRIL),
        ("2025-04-28", APRIL),
        ("2025-07", JULY),
        ("2025Q2", JULY),
        ("2025-Q4", JANUARY),
        ("2026-01", JANUARY),
    ],
)
def test_a_wave_looks_back_to_the_one_before(period: str, wave: tuple[date, date]) -> None:
    (draft,) = state("survey_pulses", file_of(PULSE, row(period))).drafts
    assert {part.period for part in draft.contributions} == {wave}


def test_scores_are_sums_over_those_who_answered() -> None:
    (draft,) = state("survey_pulses", file_of(PULSE, row())).drafts
    assert {part.indicator: (part.numerator, part.denominator) for part in draft.contributions} == {
        "pulse_response_rate": (200, 1_000),
        "motivation_score": (1_300, 200),
        "involvement_score": (1_360, 200),
        "advocacy_score": (1_400, 200),
        "engagement_score": (1_350, 200),
    }


@pytest.mark.parametrize("figures", ["*,1000,*,*,*,*", ",,,,,"])
def test_hidden_responses_are_suppressed(figures: str) -> None:
    assert state("survey_pulses", file_of(PULSE, row(figures=figures))).suppressed == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row("2025-Q3"), "not a period of the calendar"),
        (row("2025-05"), "not a period of the calendar"),
        (row("2027-04"), "future date"),
        (row(figures="1001,1000,6,6,6,6"), "out of range"),
        (row(figures="200,1000,65,6,6,6"), "out of range"),
        (row(figures="200,1000,nan,6,6,6"), "bad number"),
    ],
)
def test_a_bad_row_is_put_aside(bad: str, reason: str) -> None:
    assert reasons(state("survey_pulses", file_of(PULSE, bad))) == [reason]
