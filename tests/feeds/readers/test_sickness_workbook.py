"""Table 4 of the sickness workbook: bare rates, and cells that are none."""

import io
from datetime import date

import openpyxl

from monitor.feeds.figures import natural_key
from tests.feeds.samples import reasons, state

HEADER = ["NHSE Region name", "NHSE code", "Organisation name", "Org\ncode", "April    2013", "May \n 2013"]


def book(*rows: list[object], header: list[str] = HEADER) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.create_sheet("Table 4")
    for row in (["Table 4: Monthly Sickness Absence rates by Organisation (%)"], [], header, *rows):
        sheet.append(row)
    for note in ([], ["Source: ESR Data Warehouse"], ['"." denotes not applicable.']):
        sheet.append(note)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def trust(code: str, *rates: object, name: str = "A Trust") -> list[object]:
    return ["London", "Y56", name, code, *rates]


def test_each_cell_is_a_bare_rate_of_its_month() -> None:
    found = state("staff_sickness", book(trust("RXX", 4.1, 3.9), [], trust("RYY", 5, 6)))
    assert (found.rows, len(found.drafts)) == (4, 4)
    part = found.drafts[1].contributions[0]
    assert (part.period, part.numerator, part.denominator) == ((date(2013, 5, 1), date(2013, 6, 1)), 3.9, None)
    assert found.drafts[1].key == natural_key("RXX", "sickness_rate", part.period)


def test_points_are_suppressed_zeros_and_totals_out_of_scope() -> None:
    rows = (trust("RXX", ".", 0), trust("Y56", 3.2, 3.3, name="All organisations"), trust("RYY", 4, 4))
    found = state("staff_sickness", book(*rows))
    assert found.suppressed == 1
    assert found.out_of_scope == {"zero rate: nothing recorded": 1, "aggregate": 2}
    assert {(cell.organisation, cell.period[0].month) for cell in found.stated} == {("RYY", 4), ("RYY", 5)}


def test_an_empty_column_is_out_of_scope() -> None:
    found = state("staff_sickness", book(trust("RXX", 4.1, None), trust("RYY", 4.0, None)))
    assert found.out_of_scope == {"empty column": 2}


def test_a_code_twice_is_merged_where_equal_and_put_aside_where_not() -> None:
    found = state("staff_sickness", book(trust("NCY", 4.1, 3.9), trust("NCY", 4.1, 3.8)))
    assert (len(found.drafts), found.merged) == (2, 1)
    assert reasons(found) == ["duplicate row with other content"]


def test_a_heading_that_is_no_month_or_one_to_come_puts_its_cells_aside() -> None:
    header = [*HEADER[:4], "Aprilis 2013", "May 2033"]
    found = state("staff_sickness", book(trust("RXX", 4.1, 3.9), header=header))
    assert reasons(found) == ["bad date", "future date"]


def test_a_rate_beyond_reason_is_put_aside() -> None:
    assert reasons(state("staff_sickness", book(trust("RXX", 410, "x")))) == ["out of range", "bad number"]


def test_its_table_as_a_damaged_csv_loses_the_damaged_row_only() -> None:
    lines = ["NHSE Region name,NHSE code,Organisation name,Org code,April 2013", "London,Y56,T\x81,RXX,4.1"]
    content = "\n".join([*lines, "London,Y56,U,RYY,4.2"]).encode("latin-1")
    found = state("staff_sickness", content)
    assert [(aside.row, aside.field) for aside in found.asides] == [(2, "organisation_name")]
    assert [draft.contributions[0].organisation for draft in found.drafts] == ["RYY"]
