"""Files made to fill the memory end in words, within bounds that a process of its own is measured against."""

import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

from monitor.errors import BadFile
from monitor.handed import deliver
from tests.conftest import ROOT
from tests.feeds.samples import EXTRACT

ROW = "local,ZZ001,new_complaints,2024-10-01,2024-11-01,,,,40,20000,,\n"
START_MB = 130
"""An interpreter with numpy, pyarrow and openpyxl; measured 75."""
READ = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (4 * 10**9, 4 * 10**9))  # a test that fails must not take the machine
from monitor.errors import BadFile
from monitor.handed import deliver
from monitor.feeds.grids import grids
try:
    (grid, *_) = grids(deliver(Path(sys.argv[1])).content)
    said = [(line.number, None if line.cells is None else len(line.cells)) for line in grid.lines[:4]]
except BadFile as bad:
    said = str(bad)
print(said)
status = Path("/proc/self/status")  # ru_maxrss would be that of the process which started this one
if status.exists():
    peak = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(int(peak) // 1024)
"""


def read(path: Path, *, bound_mb: int) -> str:
    """Read a file in a process of its own; give what it said, and hold its largest size."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=600
    )
    said, peak = done.stdout.splitlines()
    assert int(peak) < bound_mb, f"{peak} MB"
    return said


def parts(path: Path, line: bytes, *, times: int, before: bytes, after: bytes) -> Path:
    with path.open("wb") as file:
        file.write(before)
        for _ in range(times):
            file.write(line)
        file.write(after)
    return path


@pytest.mark.parametrize("some", [b"a," * 500_000, b'"' + b"a" * 999_999, "é".encode() * 500_000])
def test_a_line_of_200_mb_is_a_damaged_row_and_the_others_are_read(tmp_path: Path, some: bytes) -> None:
    path = parts(tmp_path / "x.csv", some, times=200, before=f"{EXTRACT}\n{ROW}".encode(), after=f"\n{ROW}".encode())
    assert path.stat().st_size > 200_000_000
    # the file, and one copy of it without that line
    assert read(path, bound_mb=START_MB + 2 * 200) == "[(1, 12), (2, 12), (3, 1), (4, 12)]"


def test_such_a_line_in_utf_16_is_the_same(tmp_path: Path) -> None:
    start, end = (text.encode("utf-16-le") for text in (f"\ufeff{EXTRACT}\n{ROW}", f"\n{ROW}"))
    path = parts(tmp_path / "x.csv", ("a," * 250_000).encode("utf-16-le"), times=50, before=start, after=end)
    assert read(path, bound_mb=START_MB + 4 * 50) == "[(1, 12), (2, 12), (3, 1), (4, 12)]"


def test_a_file_that_is_one_line_has_no_header(tmp_path: Path) -> None:
    path = parts(tmp_path / "x.csv", b"a" * 1_000_000, times=50, before=b"", after=b"")
    assert read(path, bound_mb=START_MB + 3 * 50) == "[(1, 1)]"


def test_a_file_of_nothing_but_line_ends_is_empty(tmp_path: Path) -> None:
    path = parts(tmp_path / "x.csv", b"\n" * 1_000_000, times=50, before=b"", after=b"")
    assert "the file is empty" in read(path, bound_mb=START_MB + 2 * 50)


def test_more_lines_than_a_nation_writes_in_two_years_are_refused(tmp_path: Path) -> None:
    path = parts(tmp_path / "x.csv", b"a,b\n" * 100_000, times=51, before=b"", after=b"")
    assert "more than 5,000,000 lines; split it" in read(path, bound_mb=START_MB + 2 * 20)


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
)


def workbook(path: Path, sheet: str, *, filler: int = 0, head: str = "") -> Path:
    """Write a workbook of one sheet by hand; `filler`: bytes of nothing that one of its parts unpacks to."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        types = "http://schemas.openxmlformats.org/package/2006/content-types"
        main = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        packed.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{types}"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{main}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{main}.worksheet+xml"/></Types>',
        )
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        relations = "http://schemas.openxmlformats.org/package/2006/relationships"
        one = '<Relationships xmlns="{}"><Relationship Id="rId1" Type="{}/{}" Target="{}"/></Relationships>'
        packed.writestr("_rels/.rels", one.format(relations, office, "officeDocument", "xl/workbook.xml"))
        sheets = one.format(relations, office, "worksheet", "worksheets/sheet1.xml")
        packed.writestr("xl/_rels/workbook.xml.rels", sheets)
        packed.writestr(
            "xl/workbook.xml",
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            f'xmlns:r="{office}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        packed.writestr("xl/worksheets/sheet1.xml", head + sheet)
        if filler:
            packed.writestr("xl/media/image1.png", b"\0" * filler)
    return path


def test_a_workbook_by_hand_is_read(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row><row r="3"><c r="A3"><v>3</v></c></row>'
    path = workbook(tmp_path / "x.xlsx", SHEET.format(dimension="A1:B3", rows=rows))
    assert read(path, bound_mb=START_MB) == "[(1, 2), (2, 0), (3, 2)]"


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", SHEET.format(dimension="A1", rows=""), filler=300_000_000)
    assert path.stat().st_size < 1_000_000
    assert "unpacks to more than 200 MB" in read(path, bound_mb=START_MB)


def test_a_sheet_that_claims_the_largest_size_is_as_large_as_its_cells(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c></row>'
    path = workbook(tmp_path / "x.xlsx", SHEET.format(dimension="A1:XFD1048576", rows=rows))
    assert read(path, bound_mb=START_MB + 300) == "[(1, 1), (2, 0), (3, 0), (4, 0)]"


def test_a_sheet_that_spreads_over_everything_is_refused(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>' for row in range(1, 3_000))
    path = workbook(tmp_path / "x.xlsx", SHEET.format(dimension="A1", rows=rows))
    assert "spreads over more than 20,000,000 cells" in read(path, bound_mb=START_MB + 300)


def test_the_cells_of_all_sheets_count_together(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    for _ in range(2):
        sheet = book.create_sheet()
        for _ in range(700):
            sheet.append([None] * 16_383 + [1])
    book.save(tmp_path / "x.xlsx")
    assert "spreads over more than 20,000,000 cells" in read(tmp_path / "x.xlsx", bound_mb=START_MB + 300)


def test_a_text_of_too_many_cells_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"{'1,' * 15_000}\n" * 1_400)
    assert "spreads over more than 20,000,000 cells" in read(path, bound_mb=START_MB + 350)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\r\n\r"])
def test_a_text_of_too_many_lines_is_refused_however_they_end(tmp_path: Path, end: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(f"1,2{end}".encode() * 5_100_000)
    assert "more than 5,000,000 lines" in read(path, bound_mb=START_MB + 150)


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 12))
    head = f'<!DOCTYPE worksheet [<!ENTITY e0 "aaaaaaaaaa">{entities}]>'
    rows = '<row r="1"><c r="A1" t="str"><v>&e11;</v></c></row>'
    path = workbook(tmp_path / "x.xlsx", SHEET.format(dimension="A1", rows=rows), head=head)
    assert "no complete .xlsx workbook" in read(path, bound_mb=START_MB + 100)


def test_a_word_of_megabytes_in_every_row_of_a_parquet_is_held_once(tmp_path: Path) -> None:
    path, text = tmp_path / "x.parquet", "a" * 1_000_000
    column = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 100_000, pyarrow.int32()), pyarrow.array([text]))
    pyarrow.parquet.write_table(pyarrow.table({"organisation": column}), path, compression="zstd")
    assert path.stat().st_size < 2_000_000
    assert read(path, bound_mb=START_MB + 100) == "[(1, 1), (2, 1), (3, 1), (4, 1)]"


@pytest.mark.parametrize("kind", [pyarrow.binary(), pyarrow.binary(1_000_000)])
def test_bytes_in_every_row_of_a_parquet_are_refused(tmp_path: Path, kind: pyarrow.DataType) -> None:
    path, places = tmp_path / "x.parquet", pyarrow.array([0] * 3_000, pyarrow.int32())
    column = pyarrow.DictionaryArray.from_arrays(places, pyarrow.array([b"a" * 1_000_000], kind))
    pyarrow.parquet.write_table(pyarrow.table({"x": column}), path, compression="zstd", store_schema=False)
    assert path.stat().st_size < 2_000_000
    assert "column 1 holds bytes or lists" in read(path, bound_mb=START_MB + 100)


def test_a_parquet_of_too_many_cells_is_refused_by_its_footer(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": pyarrow.nulls(21_000_000, pyarrow.int8())}), path)
    assert "spreads over more than 20,000,000 cells" in read(path, bound_mb=START_MB + 100)


def test_a_file_of_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)
    assert "more than 1,000 MB; split it" in read(path, bound_mb=START_MB)


def often(read: Callable[[Path], object], path: Path) -> None:
    for _ in range(10_000):
        read(path)


def test_a_file_that_is_written_while_it_is_read_is_refused_and_whole_the_next_time(tmp_path: Path) -> None:
    path, stop = tmp_path / "x.csv", threading.Event()
    path.write_text(f"{EXTRACT}\n")

    def write() -> None:
        with path.open("a") as file:
            while not stop.is_set():
                file.write(ROW)
                file.flush()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(BadFile, match="changed while it was read; publish it once it is whole"):
            often(deliver, path)
    finally:
        stop.set()
        writer.join()
    assert deliver(path).content == path.read_bytes()
