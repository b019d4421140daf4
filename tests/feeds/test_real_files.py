"""Every published file at hand gives the counts that its data page lists."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from monitor.errors import BadFile
from monitor.feeds.statement import Statement
from monitor.model import PeerGroup
from tests.feeds.samples import contract, reasons, state

Find = Callable[[str], Path]
FEEDS = ("staff_sickness", "complaints", "survey_pulses", "patient_feedback", "incident_reports")


@pytest.fixture(scope="module")
def months(real_data: Path) -> list[Statement]:
    files = sorted(real_data.glob("sickness_absence_official_csv_2024_25/*.csv"))
    return [state("staff_sickness", file.read_bytes()) for file in files]


def test_a_year_of_sickness_gives_its_rows_and_organisations(months: list[Statement]) -> None:
    assert len(months) == 12
    assert sum(month.rows for month in months) == 3_394
    assert sum(len(month.drafts) for month in months) == 2_722
    assert sum(sum(month.out_of_scope.values()) for month in months) == 672
    assert all(not month.asides and not month.suppressed and not month.merged for month in months)
    assert len({code for month in months for code in (*month.seen,)}) == 286


def test_a_year_of_sickness_gives_its_types(months: list[Statement]) -> None:
    left_out: dict[str, int] = {}
    for month in months:
        for reason, rows in month.out_of_scope.items():
            left_out[reason] = left_out.get(reason, 0) + rows
    groups = [one.peer_group for month in months for one in month.organisations]
    assert left_out == {
        "type: Integrated Care Board": 504,
        "type: Others": 120,
        "type: Commissioning Support Unit": 48,
    }
    assert {group: groups.count(group) for group in PeerGroup} == {
        PeerGroup.ACUTE: 1_616,
        PeerGroup.MENTAL_HEALTH: 571,
        PeerGroup.COMMUNITY: 415,
        PeerGroup.AMBULANCE: 120,
    }


def test_two_trusts_stop_and_one_whose_code_is_not_r_shaped_starts(months: list[Statement]) -> None:
    named = [{one.code for one in month.organisations} for month in months]
    assert [sorted({"RRP", "TAF", "G6V2S"} & codes) for codes in named] == [["RRP", "TAF"]] * 7 + [["G6V2S"]] * 5


def test_the_workbook_gives_its_cells(real_file: Find) -> None:
    book = state("staff_sickness", real_file("sickness_absence_official_2013_2022/*.xlsx").read_bytes())
    assert book.rows == 531 * 108
    assert book.out_of_scope == {
        "aggregate": 8 * 108,
        "empty column": 523,
        "zero rate: nothing recorded": 676,
    }
    assert set(reasons(book)) == {"unknown organisation"}
    assert {(aside.value, aside.organisation) for aside in book.asides} == {("RYK-X", None)}
    assert book.organisations == ()


def test_the_workbook_holds_what_the_table_made_from_it_holds(real_file: Find) -> None:
    """Zero rates are in that table and no figures here; RYK-X is in it and no organisation."""
    book = state("staff_sickness", real_file("sickness_absence_official_2013_2022/*.xlsx").read_bytes())
    assert len(book.drafts) + 676 + len(book.asides) == 44_058
    lines = real_file("sickness_absence_official_2013_2022/sickness_by_org_month_long.csv").read_text().splitlines()
    made = {tuple(line.rsplit(",", 3)[1:]) for line in lines[1:]}
    for draft in book.drafts:
        (part,) = draft.contributions
        rate = f"{part.numerator:.2f}".rstrip("0").rstrip(".")
        month = f"{part.period[0]:%Y-%m}"
        assert {(part.organisation, month, rate), (part.organisation, month, f"{part.numerator:.1f}")} & made
        assert part.denominator is None


def test_complaints_give_many_indicators_from_one_row(real_file: Find) -> None:
    found = state("complaints", real_file("complaints_ko41a_official_sample/*Org_Level.csv").read_bytes())
    assert (found.rows, len(found.drafts)) == (1, 1)
    parts = {part.indicator: (part.numerator, part.denominator) for part in found.drafts[0].contributions}
    assert parts == {
        "new_complaints": (403.0, 0),
        "conduct_complaints_share": (51.0 + 114 + 5, 468),
        "complaints_backlog": (49.0, 354),
    }
    assert {part.period for part in found.drafts[0].contributions} == {(date(2024, 4, 1), date(2025, 4, 1))}


def test_the_staff_survey_gives_its_rows_by_group(real_file: Find) -> None:
    found = state("survey_pulses", real_file("staff_survey_2021_2024/*.csv").read_bytes())
    assert found.rows == 1_075
    assert len(found.drafts) == 494 + 203 + 62 + 52 + 44
    assert sum(found.out_of_scope.values()) == 119 + 52 + 27 + 14 + 4 + 4
    assert found.asides == ()
    assert len(set(found.left_out) | {code for code in found.seen}) >= 325 - 6
    starts = {part.period for draft in found.drafts for part in draft.contributions}
    assert sorted(starts) == [(date(year - 1, 12, 1), date(year, 12, 1)) for year in (2021, 2022, 2023, 2024)]


def test_patient_feedback_counts_responses_and_puts_ambiguous_days_aside(real_file: Find) -> None:
    found = state("patient_feedback", real_file("patient_feedback_events/events_no_text.csv").read_bytes())
    assert found.rows == 7_908
    assert set(reasons(found)) == {"ambiguous date"}
    assert len(found.asides) == 693
    assert dict(found.seen) == {"RX6": 5_096, "RP1": 2_812}
    assert len(found.drafts) + found.merged == 7_908 - 693
    lost_whole = 4_466 - len(found.drafts)  # responses of which every comment stands on an ambiguous day
    assert 0 < lost_whole <= 693


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("complaints_ko41a_official_sample/*Site_Level.csv", "site level"),
        ("sickness_absence_official_2013_2022/sickness_by_org_month_long.csv", "made from the sickness workbook"),
        ("sickness_absence_official_2013_2022/sickness_by_orgtype*.csv", "made from the sickness workbook"),
        ("sickness_absence_official_2013_2022/sickness_by_region*.csv", "made from the sickness workbook"),
        ("staff_survey_shmi_2012_2019/all.years.NHS.csv", "joined to mortality"),
        ("staff_survey_shmi_2012_2019/data.NHS.2012_2019.csv", "joined to mortality"),
        ("staff_survey_shmi_2012_2019/data.NHS.2015_2019.csv", "joined to mortality"),
        ("sickness_reason_national/*all_20250131.xlsx", "by reason"),
        ("sickness_reason_national/*ending_20250131.xlsx", "by reason"),
        ("organisation_reference/dim_*.csv", "registry of organisations"),
        ("lfpse_taxonomy/taxonomy_v5.md", "LFPSE taxonomy, a reference"),
        ("lfpse_taxonomy/code-systems_v4.md", "LFPSE code systems, a reference"),
    ],
)
def test_other_publications_are_refused_by_name_whichever_feed_is_asked(
    real_file: Find, pattern: str, what: str
) -> None:
    content = real_file(pattern).read_bytes()
    for name in FEEDS:
        with pytest.raises(BadFile, match=what):
            state(name, content)


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize("pattern", ["lfpse_taxonomy/SOURCE.txt", "organisation_reference/etr.csv"])
def test_what_has_no_known_header_is_refused_with_what_is_known(real_file: Find, name: str, pattern: str) -> None:
    with pytest.raises(BadFile, match=f"{name} reads"):
        state(name, real_file(pattern).read_bytes())


def test_a_file_of_another_feed_says_which(real_file: Find) -> None:
    content = real_file("complaints_ko41a_official_sample/*Org_Level.csv").read_bytes()
    with pytest.raises(BadFile, match="publish it as complaints, not as staff_sickness"):
        state("staff_sickness", content)
    assert contract("complaints").readers == ("ko41a", "extract")
