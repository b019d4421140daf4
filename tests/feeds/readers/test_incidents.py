"""The incident extract: patients, revisions, deletions, and the day that each figure goes by."""

from datetime import date

import pytest

from monitor.feeds.statement import Statement
from tests.feeds.samples import INCIDENTS, file_of, reasons, state

OPTIONAL = f"{INCIDENTS},IsAnonymous,RiskTheme"
WEEK = (date(2026, 10, 5), date(2026, 10, 12))


def row(
    reference: str = "A-1",
    revision: str = "1",
    *,
    deleted: str = "",
    entity: str = "P1",
    happened: str = "2026-09-28",
    reported: str = "2026-10-07",
    organisation: str = "R0A",
    kind: str = "1",
    physical: str = "5",
    psychological: str = "4",
    more: str = "",
) -> str:
    codes = f"{kind},{physical},{psychological},"
    return f"{reference},{revision},{deleted},{entity},{happened},{reported},{organisation},{codes}{more}"


def read(*rows: str, header: str = INCIDENTS) -> Statement:
    return state("incident_reports", file_of(header, *rows))


def parts(*rows: str, header: str = INCIDENTS) -> dict[str, tuple[date, float, float | None]]:
    (draft,) = read(*rows, header=header).drafts
    return {part.indicator: (part.period[0], part.numerator, part.denominator) for part in draft.contributions}


def test_one_report_feeds_volume_harm_and_delay_each_on_its_own_day() -> None:
    assert parts(row()) == {
        "low_harm_reports": (WEEK[0], 1, 0),
        "harm_share": (date(2026, 9, 1), 0, 1),
        "report_delay": (date(2026, 10, 1), 9, 1),
    }


@pytest.mark.parametrize(
    ("physical", "psychological", "is_harmful"),
    [("5", "4", 0), ("4", "3", 0), ("3", "4", 1), ("1", "", 1), ("5", "2", 1), ("5", "1", 1), ("", "", 0)],
)
def test_psychological_harm_stands_one_step_up(physical: str, psychological: str, is_harmful: float) -> None:
    found = parts(row(physical=physical, psychological=psychological))
    assert found["harm_share"][1:] == (is_harmful, 1)
    assert ("low_harm_reports" in found) is not bool(is_harmful)


def test_the_worst_harm_over_patients_counts_once() -> None:
    rows = (row(entity="P1"), row(entity="P2", physical="2"), row(entity="P3"))
    found = read(*rows)
    assert (len(found.drafts), found.merged) == (1, 2)
    assert parts(*rows)["harm_share"][1:] == (1, 1)


def test_the_highest_revision_holds() -> None:
    rows = (row(revision="2", physical="3"), row(revision="3"), row(revision="1", physical="1"))
    found = read(*rows)
    assert (found.drafts[0].revision, found.merged) == (3, 2)
    assert parts(*rows)["harm_share"][1:] == (0, 1)


def test_a_deleted_revision_withdraws() -> None:
    found = read(row(), row(revision="2", deleted="true"))
    assert (found.drafts[0].revision, found.drafts[0].contributions) == (2, ())


@pytest.mark.parametrize("kind", ["2", "3", "4"])
def test_risks_outcomes_and_good_care_are_no_incidents(kind: str) -> None:
    assert parts(row(kind=kind)) == {}
    assert set(parts(row(kind=kind, more=",Y,1"), header=OPTIONAL)) == {"anonymous_share", "staffing_risk_share"}


def test_optional_columns_bring_two_shares_by_the_day_reported() -> None:
    found = parts(row(more=",Y,1"), header=OPTIONAL)
    assert found["anonymous_share"] == (date(2026, 10, 1), 1, 1)
    assert found["staffing_risk_share"] == (date(2026, 10, 1), 1, 1)
    assert parts(row(more=",0,7"), header=OPTIONAL)["staffing_risk_share"][1:] == (0, 1)


def test_history_told_late_is_no_slow_report() -> None:
    assert "report_delay" not in parts(row(happened="2019-01-01"))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(happened="2026-10-08"), "bad date"),
        (row(reported="2027-01-01"), "future date"),
        (row(happened="01/13/2026"), "bad date"),
        (row(revision=""), "missing field"),
        (row(reference=""), "missing field"),
        (row(kind="9"), "unknown code"),
        (row(physical="0"), "unknown code"),
        (row(deleted="perhaps"), "unknown code"),
        (row(organisation="Ward 7"), "unknown organisation"),
    ],
)
def test_a_bad_row_is_put_aside_and_the_rest_counts(bad: str, reason: str) -> None:
    found = read(row("B-1"), bad, row("B-2"))
    assert (len(found.drafts), reasons(found)) == (2, [reason])


def test_two_organisations_under_one_reference_and_revision_are_not_mixed() -> None:
    found = read(row(), row(organisation="R0B"))
    assert (len(found.drafts), reasons(found)) == (1, ["duplicate row with other content"])


def test_a_file_without_rows_says_that_nothing_happened() -> None:
    found = read()
    assert (found.rows, found.has_events, found.first_day) == (0, True, None)


def test_the_file_says_which_indicators_it_tells_of() -> None:
    assert read(row()).indicators == {"low_harm_reports", "harm_share", "report_delay"}
