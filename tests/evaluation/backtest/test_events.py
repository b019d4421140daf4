from datetime import date
from pathlib import Path

import pytest

from monitor.errors import BadFile, BadRequest
from monitor.evaluation.backtest.events import placed, read_events
from monitor.model import Organisation, Succession
from monitor.organisations import Registry, registry
from tests.factories import organisation

LIVED = date(2019, 1, 1), date(2024, 1, 1)


def events(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(text, encoding="utf-8")
    return path


def known() -> Registry:
    bare = Organisation("RZZ", "No type", None, None)
    gone = organisation("RXX", end=date(2018, 1, 1))
    return registry(
        [organisation("RA1"), organisation("RA2"), bare, gone], [Succession("RA1", "RA2", date(2021, 4, 1))]
    )


def test_events_are_read_in_their_order_with_their_lines(tmp_path: Path) -> None:
    path = events(tmp_path, "\ufeffDate,organisation,note,kind\n2021-05-06,ra1,a note,inspection\n\n2020-01-02,RA2,,\n")
    found = read_events(path)
    assert [(one.organisation, one.day, one.kind, one.note, one.line) for one in found] == [
        ("RA1", date(2021, 5, 6), "inspection", "a note", 2),
        ("RA2", date(2020, 1, 2), "", "", 4),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no column organisation"),
        ("organisation,when\nRA1,2020-01-01\n", "no column date"),
        ("organisation,date\n", "no events under the header"),
        ("organisation,date\nRA1,01/02/2020\n", "line 2: date is none; write it as YYYY-MM-DD"),
        ("organisation,date\nRA1\n", "line 2: date is none"),
        ("organisation,date\n,2020-01-01\n", "line 2: organisation is empty"),
        ("organisation,date\nRA1,2020-01-01,x\n", "line 2: 3 cells where the header has 2"),
        ("organisation,date\nRA1,2020-01-01\nra1,2020-01-01\n", "line 3: the same event as line 2"),
    ],
)
def test_what_is_no_event_ends_with_its_line_and_the_remedy(text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(BadRequest) as refused:
        read_events(events(tmp_path, text))
    assert why in str(refused.value)


def test_what_is_no_text_is_no_file_of_events(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(b"organisation,date\n\xff\xfe,2020-01-01\n")
    with pytest.raises(BadFile, match="save it as CSV"):
        read_events(path)


def test_an_event_stands_under_the_code_that_stood_on_its_day(tmp_path: Path) -> None:
    found = read_events(events(tmp_path, "organisation,date\nRA1,2021-03-31\nRA1,2021-04-01\n"))
    assert [one.organisation for one in placed(found, known(), LIVED, "events.csv")] == ["RA1", "RA2"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("RQQ,2020-01-01", "line 2: no organisation of this code is known"),
        ("RZZ,2020-01-01", "line 2: RZZ has no peer group"),
        ("RXX,2020-01-01", "line 2: RXX had ended by 2020-01-01 and nobody succeeded it"),
        (
            "RA1,2018-12-31",
            "line 2: 2018-12-31 is outside of the history, known from 2019-01-01 to 2024-01-01",
        ),
        ("RA2,2024-01-02", "line 2: 2024-01-02 is outside"),
    ],
)
def test_an_event_that_history_cannot_hold_is_refused(row: str, why: str, tmp_path: Path) -> None:
    found = read_events(events(tmp_path, f"organisation,date\n{row}\n"))
    with pytest.raises(BadRequest) as refused:
        placed(found, known(), LIVED, "events.csv")
    assert why in str(refused.value)
