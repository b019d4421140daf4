"""Files as they come: encodings, delimiters, damaged rows, workbooks, Parquet."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import BadFile, BadRecord
from monitor.feeds.grids import grids
from monitor.feeds.separated import LONGEST_RAW_LINE, TOO_LONG, Line
from monitor.feeds.table import Table, headed, plain
from monitor.feeds.workbook import is_uncalculated


def cells_of(content: bytes) -> list[list[str] | None]:
    (grid,) = grids(content)
    return [None if line.cells is None else list(line.cells) for line in grid.lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    assert cells_of("code,name\nRXX,Côte – Ü\n".encode(encoding)) == [["code", "name"], ["RXX", "Côte – Ü"]]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(mark: str) -> None:
    text = f"org_code{mark}name{mark}rate\nRXX{mark}Trust{mark}4.2\n"
    assert cells_of(text.encode())[1] == ["RXX", "Trust", "4.2"]


def test_semicolons_come_with_decimal_commas() -> None:
    assert cells_of(b"code;lost;name\nRXX;2335,48;Smith, Jones\n")[1] == ["RXX", "2335.48", "Smith, Jones"]


def test_a_quote_that_is_never_closed_damages_its_own_line_only() -> None:
    lines = cells_of(b'a,b\n1,"x\n2,y\n3,z\n')
    assert lines == [["a", "b"], None, ["2", "y"], ["3", "z"]]


@pytest.mark.parametrize("damage", ["2,y\0", "2," + "y" * 200_000, '2,"y'])
def test_a_line_that_no_reader_takes_is_damaged_and_no_other(damage: str) -> None:
    assert cells_of(f"a,b\n1,x\n{damage}\n3,z\n".encode()) == [["a", "b"], ["1", "x"], None, ["3", "z"]]


@pytest.mark.parametrize("end", ["\n", "\r"])
@pytest.mark.parametrize("place", [0, 1, 30_000, 59_999])
def test_a_line_longer_than_any_row_is_damaged_wherever_it_stands(place: int, end: str) -> None:
    lines = ["RX1,2025-04-30,some text of 30"] * 60_000  # one reach of LONGEST_RAW_LINE ends within a line
    lines[place] = f"RX1,{'9' * LONGEST_RAW_LINE}"
    (grid,) = grids(end.join(lines).encode())
    assert [line.number for line in grid.lines if line.cells == [TOO_LONG]] == [place + 1]
    assert len(grid.lines) == 60_000


def test_a_quote_in_one_line_changes_no_other() -> None:
    lines = ["organisation,value", "RX1,1", "", "RX2,2"]
    (plainly,), (quoted,) = grids("\n".join(lines).encode()), grids("\n".join([*lines, '"RX3",3']).encode())
    assert plainly.lines == quoted.lines[:4]


def test_a_quoted_cell_may_hold_commas_and_line_ends() -> None:
    lines = cells_of(b'a,b\n1,"x, ""y""\nand z"\n2,w\n')
    assert lines[1:] == [["1", 'x, "y"\nand z'], ["2", "w"]]


rows_of_text = st.lists(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=8), min_size=3, max_size=3),
    min_size=1,
    max_size=20,
)


@given(rows_of_text)
def test_what_csv_writes_is_read_back(rows: list[list[str]]) -> None:
    header = ["first", "second", "third"]
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    assert cells_of(written.getvalue().encode()) == [header, *rows]


def test_lines_keep_their_numbers_in_the_file() -> None:
    (grid,) = grids(b'title\n\na,b\n1,"x\ny"\n2,z\n')
    table = headed(grid, 2)
    assert [line.number for line in table.lines] == [4, 6]


def test_a_row_that_is_cut_short_is_damaged_and_one_with_empty_cells_more_is_not() -> None:
    (grid,) = grids(b"a,b\n1\n1,2,,\n1,2,3\n")
    table = headed(grid, 0)
    assert table.row(table.lines[1])["b"] == "2"
    for place in (0, 2):
        with pytest.raises(BadRecord, match="malformed"):
            table.row(table.lines[place])


def test_a_workbook_gives_days_and_plain_numbers() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Org\ncode", "day", "n", "rate", "none"])
    sheet.append(["RXX", datetime.fromisoformat("2025-04-30"), 12.0, 4.25, None])
    written = io.BytesIO()
    book.save(written)
    (grid,) = grids(written.getvalue())
    assert [list(line.cells or ()) for line in grid.lines][1] == ["RXX", "2025-04-30", "12", "4.25", ""]
    assert plain("Org\ncode") == "org_code"


def test_a_workbook_whose_formulas_were_never_calculated_is_told_so() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["organisation", "numerator"])
    sheet.append(["RXX", "=100-20"])
    written = io.BytesIO()
    book.save(written)
    with pytest.raises(BadFile, match="formulas that were never calculated"):
        grids(written.getvalue())


@pytest.mark.parametrize(
    ("cell", "is_without"),
    [
        (b'<c r="B2"><f>100-20</f><v>80</v></c>', False),
        (b'<c r="B2" t="str"><f>IF(A1=1,"x","")</f><v></v></c>', False),
        (b'<c r="B2"><v>80</v></c><c r="C2"/>', False),
        (b'<c r="B2"><f>100-20</f><v/></c>', True),
        (b'<c r="B2"><f t="shared" si="0"/></c>', True),
        (b'<c r="A2" t="str"><f>A1</f><v></v></c><c r="B2" s="1">\n<f ca="1">NOW()</f>\n<v></v></c>', True),
    ],
)
def test_a_formula_without_its_value_is_seen(cell: bytes, is_without: bool) -> None:
    assert is_uncalculated(b"<sheetData><row>" + cell + b"</row></sheetData>") is is_without


def test_a_sheet_full_of_what_begins_like_cells_is_looked_through_once() -> None:
    assert not is_uncalculated(b"<f" + b"<c " * 1_000_000)  # to look from each to the end takes days


def test_a_row_that_says_it_lies_far_below_the_others_is_refused() -> None:
    content = repacked(lambda sheet: sheet.replace(b'<row r="1"', b'<row r="900000000"'))
    with pytest.raises(BadFile, match="rows beyond the 1,048,576 that Excel knows"):
        grids(content)


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_damage_of_a_rare_packing_is_told_as_any_other(packing: int) -> None:
    content = bytearray(repacked(lambda sheet: sheet, packing))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        (sheet,) = (part for part in packed.infolist() if part.filename.startswith("xl/worksheets/"))
    begins = sheet.header_offset + 30 + len(sheet.filename)
    content[begins + 10 : begins + 40] = bytes(30)
    with pytest.raises(BadFile, match=r"no complete \.xlsx workbook"):
        grids(bytes(content))


def repacked(change: Callable[[bytes], bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Give a small workbook with another sheet in it, packed in another way."""
    book, written, again = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["organisation", "numerator"])
    book.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(again, "w", packing) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name.startswith("xl/worksheets/") else content)
    return again.getvalue()


def test_parquet_gives_the_same_text_as_csv() -> None:
    columns = {"organisation": ["RXX", None], "start": [date(2025, 4, 1), None], "value": [4.5, 3.0], "n": [1, 2]}
    written = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), written)
    (grid,) = grids(written.getvalue())
    assert [list(line.cells or ()) for line in grid.lines] == [
        ["organisation", "start", "value", "n"],
        ["RXX", "2025-04-01", "4.5", "1"],
        ["", "", "3", "2"],
    ]


def test_an_instant_of_a_parquet_is_the_day_that_it_falls_on_in_london() -> None:
    late = datetime.fromisoformat("2026-07-31T23:30Z")
    columns = {"aware": [late], "on_the_wall": [late.replace(tzinfo=None)]}
    written = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), written)
    assert cells_of(written.getvalue())[1] == ["2026-08-01", "2026-07-31"]


def test_what_other_programs_write_into_a_parquet_is_read_too() -> None:
    """Instants to the nanosecond, and texts as views."""
    late = pyarrow.array([1_753_999_200_123_456_789], pyarrow.timestamp("ns", "UTC"))
    table = pyarrow.table({"at": late, "who": pyarrow.array(["RXX"], pyarrow.string_view())})
    written = io.BytesIO()
    pyarrow.parquet.write_table(table, written)
    assert cells_of(written.getvalue())[1] == ["2025-07-31", "RXX"]


def test_parquet_with_one_name_twice_is_told_so() -> None:
    written = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_arrays([[1], [2]], names=["value", "value"]), written)
    (grid,) = grids(written.getvalue())
    with pytest.raises(BadFile, match="column value stands twice, as 1 and 2"):
        headed(grid, 0, ("value",))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"  \r\n ", "empty"),
        (b"PK\x03\x04 and then nothing", "cut short"),
        (b"PAR1 and then nothing", "Parquet"),
        (b"%PDF-1.7", "PDF"),
        (b"<!doctype html><html>", "web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "before 2007"),
        (b"\x00\x01\x02\x03", "no text"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, what: str) -> None:
    with pytest.raises(BadFile, match=what):
        grids(content)


def test_a_workbook_cut_short_is_refused() -> None:
    book = openpyxl.Workbook()
    written = io.BytesIO()
    book.save(written)
    with pytest.raises(BadFile, match="cut short"):
        grids(written.getvalue()[:-200])


def test_a_byte_that_is_no_character_damages_only_the_cell_it_stands_in() -> None:
    (grid,) = grids(b"code,name,note\nRXX,C\xf4te,\x81\nRYY,J\x8dne Smith,\n")
    table = headed(grid, 0)
    kept, damaged = (table.row(line) for line in table.lines)
    assert (kept["code"], kept["name"], damaged["code"]) == ("RXX", "Côte", "RYY")
    with pytest.raises(BadRecord, match="name: malformed row") as caught:
        damaged["name"]
    assert "Smith" not in str(caught.value)


def test_one_line_of_windows_leaves_the_names_of_the_others_as_they_are() -> None:
    content = "code,name\r\nRXX,Ynys Môn\r\n".encode() + "RYY,Côte\r\n".encode("cp1252") + "RZZ,Łódź\r\n".encode()
    assert [cells and cells[1] for cells in cells_of(content)] == ["name", "Ynys Môn", "Côte", "Łódź"]


def test_a_mark_of_utf_8_holds_over_a_byte_that_is_none_of_it() -> None:
    (grid,) = grids("code,name\nRXX,Côte\nRYY,".encode("utf-8-sig") + b"\xff\n")
    table = headed(grid, 0)
    assert table.row(table.lines[0])["name"] == "Côte"


def test_bytes_that_are_neither_text_nor_a_table_are_refused() -> None:
    with pytest.raises(BadFile, match="no text"):
        grids(b"\x89PNG\r\n\x1a\n\x00\x00\x81\x8d")


def test_a_column_that_stands_twice_refuses_the_file_and_says_where() -> None:
    (grid,) = grids(b"Org code,rate,ORG_CODE\nRXX,1,RYY\n")
    with pytest.raises(BadFile, match="column org_code stands twice, as 1 and 3; remove the wrong one"):
        headed(grid, 0, ("org_code", "rate"))


def test_a_heading_that_nobody_asks_for_is_not_repeated() -> None:
    (grid,) = grids(b"Org code,Jane Smith,rate,Jane Smith\nRXX,1,2,3\n")
    with pytest.raises(BadFile, match=r"^a column stands twice, as 2 and 4; remove the wrong one$"):
        headed(grid, 0, ("org_code", "rate"))


def test_columns_without_a_name_may_stand_twice() -> None:
    (grid,) = grids(b"org_code,,,rate\nRXX,1,2,3\n")
    assert headed(grid, 0).columns["rate"] == 3


@given(st.lists(st.sampled_from(["", " x ", "é", "\udcff", "\udc80y"]), min_size=2, max_size=5))
def test_what_is_picked_of_a_line_is_what_its_row_holds(cells: list[str]) -> None:
    names, line = ("second", "absent", "first", "third"), Line(2, cells)
    table = Table("t", ["first", "second", "third"], {"first": 0, "second": 1, "third": 2}, [line])
    try:
        row = table.row(line)
    except BadRecord:
        with pytest.raises(BadRecord, match="row"):
            table.picking(names)(line)
        return
    picked, damaged = table.picking(names)(line)
    for name, text in zip(names, picked, strict=True):
        try:
            assert row[name] == text
        except BadRecord:
            assert damaged is not None
            assert names.index(damaged) <= names.index(name)
    assert damaged is None or max(picked[names.index(damaged)]) >= "\udc80"
