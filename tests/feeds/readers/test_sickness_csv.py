"""Monthly sickness: three headers, suppression, and every way a row can be wrong."""

import io
from datetime import date, datetime

import openpyxl
import pytest

from monitor.errors import BadFile
from monitor.feeds.figures import natural_key
from tests.feeds.samples import SICKNESS, file_of, reasons, sickness_row, state

FEED = "staff_sickness"
RAP = (
    "DATE,NHSE_REGION_CODE,NHSE_REGION_NAME,ORG_CODE,ORG_NAME,ORG_TYPE,"
    "FTE_DAYS_LOST,FTE_DAYS_AVAILABLE,SICKNESS_ABSENCE_RATE_PERCENT"
)
OLD = "Date,Org Code,Org Name,Org Type,FTE Days Sick,FTE Days Available,SA Rate (%)"


@pytest.mark.parametrize(
    "content",
    [
        file_of(SICKNESS, sickness_row()),
        file_of(RAP, "31/03/2025,Y62,North West,R0A,Trust,Acute,520,10000,5.2"),
        file_of(OLD, "2025-MAR,R0A,Trust,Acute,520,10000,5.2"),
    ],
)
def test_all_generations_of_the_header_say_the_same(content: bytes) -> None:
    (draft,) = state(FEED, content).drafts
    (part,) = draft.contributions
    month = (date(2025, 3, 1), date(2025, 4, 1))
    assert draft.key == natural_key("R0A", "sickness_rate", month)
    assert (part.period, part.numerator, part.denominator) == (month, 520, 10_000)


def test_a_blank_triple_is_suppressed_and_its_month_complete() -> None:
    found = state(FEED, file_of(SICKNESS, sickness_row(triple=",,"), sickness_row("R0B", triple="*,*,*")))
    assert (found.suppressed, found.drafts) == (2, ())
    assert {cell.organisation for cell in found.stated} == {"R0A", "R0B"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (sickness_row(triple="520,10000,5.3"), "rate disagrees with its counts"),
        (sickness_row(triple="-1,10000,0"), "out of range"),
        (sickness_row(triple="52000,10000,520"), "out of range"),
        (sickness_row(triple="nan,10000,5.2"), "bad number"),
        (sickness_row(triple="inf,10000,5.2"), "bad number"),
        (sickness_row(triple="520,,5.2"), "missing field"),
        (sickness_row(triple="520,0,5.2"), "out of range"),
        (sickness_row(day="30/11/2026"), "future date"),
        (sickness_row(day="31/02/2025"), "bad date"),
        (sickness_row("SMITH"), "unknown organisation"),
        ("31/03/2025,Y62,North W", "malformed row"),
    ],
)
def test_a_bad_row_is_put_aside_and_the_rest_counts(row: str, reason: str) -> None:
    found = state(FEED, file_of(SICKNESS, sickness_row("R0B"), row, sickness_row("R0C")))
    assert reasons(found) == [reason]
    assert found.asides[0].row == 3
    assert len(found.drafts) == 2


def test_the_same_row_again_is_merged_and_another_one_is_put_aside() -> None:
    found = state(FEED, file_of(SICKNESS, sickness_row(), sickness_row(), sickness_row(triple="530,10000,5.3")))
    assert (len(found.drafts), found.merged, reasons(found)) == (1, 1, ["duplicate row with other content"])


def test_a_file_cut_off_in_a_row_keeps_the_rows_before() -> None:
    content = file_of(SICKNESS, sickness_row("R0A"), sickness_row("R0B"))[:-30]
    found = state(FEED, content)
    assert (len(found.drafts), reasons(found)) == (1, ["malformed row"])


def test_a_file_cut_off_after_its_header_is_refused() -> None:
    with pytest.raises(BadFile, match="cut off after its header"):
        state(FEED, file_of(SICKNESS))


def test_semicolons_tabs_and_a_mark_in_front_change_nothing() -> None:
    rows = [SICKNESS, sickness_row()]
    plain = state(FEED, file_of(*rows)).drafts
    for mark in (";", "\t"):
        content = b"\xef\xbb\xbf" + file_of(*(row.replace(",", mark) for row in rows))
        assert state(FEED, content).drafts == plain


def test_excel_days_as_cells_or_as_numbers_change_nothing() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(SICKNESS.split(","))
    cells = sickness_row().split(",")
    sheet.append([datetime.fromisoformat("2025-03-31"), *cells[1:8], 520, 10_000, 5.2])
    written = io.BytesIO()
    book.save(written)
    plain = state(FEED, file_of(SICKNESS, sickness_row())).drafts
    assert state(FEED, written.getvalue()).drafts == plain
    assert state(FEED, file_of(SICKNESS, sickness_row(day="45747"))).drafts == plain


def test_types_outside_the_peer_groups_and_totals_are_out_of_scope() -> None:
    rows = (sickness_row("QOP", kind="Integrated Care Board"), sickness_row("All orgs"))
    found = state(FEED, file_of(SICKNESS, *rows))
    assert found.out_of_scope == {"type: Integrated Care Board": 1, "aggregate": 1}
    assert found.organisations == ()


@pytest.mark.parametrize("kind", ["Acute Trust", "?", ""])
def test_a_type_that_nobody_has_seen_silences_no_peer_group(kind: str) -> None:
    found = state(FEED, file_of(SICKNESS, sickness_row("R0A", kind=kind), sickness_row("R0B", kind=kind, triple=",,")))
    assert ([draft.contributions[0].organisation for draft in found.drafts], found.suppressed) == (["R0A"], 1)
    assert (found.out_of_scope, found.organisations) == ({}, ())
    assert {cell.organisation for cell in found.stated} == {"R0A", "R0B"}


def test_parts_of_the_publication_are_refused_by_name() -> None:
    with pytest.raises(BadFile, match="by reason"):
        state(FEED, file_of("DATE,ORG_CODE,STAFF_GROUP,REASON,FTE_DAYS_LOST", "31/03/2025,R0A,All,S10,1"))
    with pytest.raises(BadFile, match="benchmarking"):
        state(FEED, file_of("DATE,ORG_CODE,ORG_NAME,CLUSTER_GROUP,FTE_DAYS_LOST", "31/03/2025,R0A,T,Acute,1"))


def test_a_header_that_lacks_a_column_says_which() -> None:
    with pytest.raises(BadFile, match="without the columns org_type"):
        state(FEED, file_of(SICKNESS.replace("ORG_TYPE", "KIND"), sickness_row()))


def test_a_row_with_a_byte_that_is_no_character_is_put_aside_where_it_is_read() -> None:
    content = file_of(SICKNESS, sickness_row("R0A"), sickness_row("R0B"), sickness_row("R0C"))
    spoilt = content.replace(b"Trust R0B", b"Tr\x81st R0B").replace(b"Greater Manchester,R0C", b"Gr\x81ter,R0C")
    found = state(FEED, spoilt)
    assert [(aside.row, aside.field, aside.organisation) for aside in found.asides] == [(3, "org_name", "R0B")]
    assert reasons(found) == ["malformed row"]
    assert {draft.contributions[0].organisation for draft in found.drafts} == {"R0A", "R0C"}  # ICS_NAME is not read


def test_a_figure_that_stands_in_two_columns_refuses_the_file() -> None:
    with pytest.raises(BadFile, match="fte_days_lost stands twice"):
        state(FEED, file_of(f"{SICKNESS},FTE days lost", f"{sickness_row()},521"))
