"""Patient feedback: responses count, not comments; ambiguous days and unknown codes are put aside."""

from datetime import date

import pytest

from tests.feeds.samples import FEEDBACK, file_of, reasons, state


def comment(
    identity: str = "NEAS PTS 528 - Q1",
    *,
    trust: str = "NEAS",
    day: str = "30/09/2021",
    service: str = "PTS",
    answer: str = "1",
    sentiment: str = "2",
    manner: str = "",
) -> str:
    return f"{identity},{trust},{day},{service},{answer},{sentiment},{manner}"


def shares(*rows: str) -> dict[str, tuple[float, float | None]]:
    (draft,) = state("patient_feedback", file_of(FEEDBACK, *rows)).drafts
    return {part.indicator: (part.numerator, part.denominator) for part in draft.contributions}


def test_two_comments_of_one_response_are_one_observation() -> None:
    found = state("patient_feedback", file_of(FEEDBACK, comment(), comment("NEAS PTS 528 - Q2")))
    assert (len(found.drafts), found.merged) == (1, 1)


@pytest.mark.parametrize(("answer", "poor"), [("1", 0), ("3", 0), ("4", 1), ("5", 1)])
def test_poor_answers_count_among_those_who_rated(answer: str, poor: float) -> None:
    assert shares(comment(answer=answer))["negative_feedback_share"] == (poor, 1)


@pytest.mark.parametrize("answer", ["6", "7"])
def test_an_answer_that_rates_nothing_does_not_count(answer: str) -> None:
    assert "negative_feedback_share" not in shares(comment(answer=answer))


@pytest.mark.parametrize(
    ("sentiment", "manner", "negative"), [("4", "1", 1), ("5", "1", 1), ("2", "1", 0), ("4", "", 0), ("", "1", 0)]
)
def test_manner_counts_where_a_comment_on_it_is_negative(sentiment: str, manner: str, negative: float) -> None:
    rows = (comment(), comment("NEAS PTS 528 - Q2", sentiment=sentiment, manner=manner))
    assert shares(*rows)["staff_manner_negative_share"] == (negative, 1)


def test_the_trusts_have_codes_and_the_month_is_that_of_the_response() -> None:
    (draft,) = state("patient_feedback", file_of(FEEDBACK, comment(trust="NHFT"))).drafts
    part = draft.contributions[0]
    assert (part.organisation, part.period) == ("RP1", (date(2021, 9, 1), date(2021, 10, 1)))


@pytest.mark.parametrize(
    ("day", "meant"),
    [("13/05/2021", date(2021, 5, 1)), ("05/13/2021", date(2021, 5, 1)), ("5/5/2021", date(2021, 5, 1))],
)
def test_a_service_of_mixed_orders_is_read_where_one_can_be_meant(day: str, meant: date) -> None:
    (draft,) = state("patient_feedback", file_of(FEEDBACK, comment(day=day, service="See and Convey"))).drafts
    assert draft.contributions[0].period[0] == meant


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (comment(day="03/10/2021", service="See and Convey"), "ambiguous date"),
        (comment(day="05/13/2021"), "bad date"),
        (comment(day="30/09/2031"), "future date"),
        (comment(answer="8"), "unknown code"),
        (comment(answer=""), "unknown code"),
        (comment(sentiment="9"), "unknown code"),
        (comment(trust="SMITH"), "unknown organisation"),
        (comment(identity=""), "missing field"),
    ],
)
def test_a_bad_row_is_put_aside(bad: str, reason: str) -> None:
    found = state("patient_feedback", file_of(FEEDBACK, bad))
    assert reasons(found) == [reason]
    assert found.asides[0].value in (None, "2031-09-30")


def test_a_comment_that_disagrees_with_its_response_is_put_aside() -> None:
    found = state("patient_feedback", file_of(FEEDBACK, comment(), comment("NEAS PTS 528 - Q2", answer="5")))
    assert (len(found.drafts), reasons(found)) == (1, ["duplicate row with other content"])
