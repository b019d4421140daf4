"""From a file's bytes to its sheets as they stand: separated text, a workbook or Parquet, told by how it begins."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.errors import BadFile
from monitor.feeds.parquet import parquet
from monitor.feeds.separated import separated
from monitor.feeds.table import Grid
from monitor.feeds.workbook import workbook

OTHERS: dict[bytes, str] = {
    b"\xd0\xcf\x11\xe0": "an Excel workbook of before 2007; save it as .xlsx or CSV",
    b"%PDF": "a PDF; publish the data file that belongs to it",
    b"<!DO": "a web page; download the file that it links to",
    b"<htm": "a web page; download the file that it links to",
    b"\x1f\x8b": "packed with gzip; unpack it first",
}


def grids(content: bytes) -> Sequence[Grid]:
    """Read a file's sheets; `BadFile` says what it is where it is no table."""
    if not content or content.isspace():
        raise BadFile("the file is empty; fetch it again")
    if content.startswith(b"PK\x03\x04"):
        return workbook(content)
    if content.startswith(b"PAR1"):
        return parquet(content)
    for start, what in OTHERS.items():
        if content[:64].lstrip()[: len(start)].lower() == start.lower():
            raise BadFile(f"this is {what}")
    return [Grid("", separated(content))]
