"""Every row has one outcome, whatever a file of any layout holds; and the ledger's own rules."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import BadRecord, Reason
from monitor.feeds.statement import Draft, Ledger
from monitor.model import Contribution
from tests.feeds.samples import FEEDBACK, INCIDENTS, PULSE, SICKNESS, file_of, state

MONTH = (date(2025, 3, 1), date(2025, 4, 1))
LAYOUTS = {
    "staff_sickness": SICKNESS,
    "survey_pulses": PULSE,
    "incident_reports": f"{INCIDENTS},IsAnonymous,RiskTheme",
    "patient_feedback": FEEDBACK,
}
CELLS = (
    *("", "R0A", "R0B", "1", "2", "5", "0", "-1", "nan", "*", "5.2", "10000", "520", "true", "A-1", "A-2"),
    *("2025-03-31", "31/03/2025", "2025-04", "2031-01-01", "03/10/2021", "Acute", "Others", "NEAS", "See and Convey"),
)
WORDS = st.sampled_from(CELLS)


def draft(numerator: float, *, row: int = 2, revision: int = 0, published: date | None = None) -> Draft:
    part = Contribution("R0A", "sickness_rate", MONTH, numerator, 100)
    return Draft("key", row, (part,), revision, published)


@pytest.mark.parametrize("feed", LAYOUTS)
@given(data=st.data())
def test_every_row_has_one_outcome(feed: str, data: st.DataObject) -> None:
    width = LAYOUTS[feed].count(",") + 1
    rows = data.draw(st.lists(st.lists(WORDS, min_size=width - 1, max_size=width), min_size=1, max_size=12))
    written = [",".join(row) for row in rows if any(row)] or ["x"]
    found = state(feed, file_of(LAYOUTS[feed], *written))
    lost = sum(found.out_of_scope.values()) + found.suppressed + len(found.asides)
    assert found.rows == len(written) == len(found.drafts) + found.merged + lost


def test_a_statement_that_lost_a_row_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="without an outcome"):
        Ledger(1).statement()


@pytest.mark.parametrize(
    ("second", "kept", "merged"),
    [
        (draft(6, revision=1), 6, 1),
        (draft(6, published=date(2025, 6, 1)), 6, 1),
        (draft(5), 5, 1),
        (draft(6), 5, 0),
    ],
)
def test_of_two_figures_the_newer_holds_and_equals_contradict(second: Draft, kept: float, merged: int) -> None:
    ledger = Ledger(2)
    first = draft(5, published=date(2025, 5, 1) if second.published else None)
    for one in (first, second):
        ledger.figure(one)
    found = ledger.statement()
    assert (found.drafts[0].contributions[0].numerator, found.merged) == (kept, merged)
    assert [aside.reason for aside in found.asides] == ([] if merged else [Reason.DUPLICATE_ROW])


def test_what_is_left_out_is_listed_by_code_and_never_by_name() -> None:
    ledger = Ledger(3)
    for organisation in ("01T/01V", "QOP", "Jo Smith"):
        ledger.leave_out("type", organisation)
    assert ledger.statement().left_out == {"01T/01V": 1, "QOP": 1, "?": 1}


def test_what_is_put_aside_keeps_where_and_why() -> None:
    ledger = Ledger(1)
    ledger.put_aside(7, BadRecord(Reason.FUTURE_DATE, "DATE", "2031-01-01"), "R0A")
    assert ledger.statement().asides == ((7, "DATE", Reason.FUTURE_DATE, "2031-01-01", "R0A"),)
