"""The plain extract: figures, exposure, events, and the account of every row."""

import io
from datetime import date, timedelta

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import BadFile
from monitor.feeds.figures import natural_key
from monitor.feeds.statement import Statement
from tests.feeds.samples import EXTRACT, file_of, reasons, state

APRIL = (date(2025, 4, 1), date(2025, 5, 1))


def row(
    indicator: str = "sickness_rate",
    *,
    source: str = "local",
    organisation: str = "R0A",
    start: str = "2025-04-01",
    end: str = "2025-05-01",
    key: str = "",
    revision: str = "",
    published: str = "",
    figures: str = "520,10000,,",
) -> str:
    return f"{source},{organisation},{indicator},{start},{end},{key},{revision},{published},{figures}"


def read(*rows: str, feed: str = "staff_sickness") -> Statement:
    return state(feed, file_of(EXTRACT, *rows))


def parts(statement: Statement) -> list[tuple[str, date, float, float | None]]:
    return [
        (part.indicator, part.period[0], part.numerator, part.denominator)
        for draft in statement.drafts
        for part in draft.contributions
    ]


def test_a_figure_is_a_subject_of_its_period() -> None:
    found = read(row())
    assert found.drafts[0].key == natural_key("R0A", "sickness_rate", APRIL)
    assert parts(found) == [("sickness_rate", APRIL[0], 520, 10_000)]
    assert {(cell.organisation, cell.indicator, cell.period) for cell in found.stated} == {
        ("R0A", "sickness_rate", APRIL)
    }


@pytest.mark.parametrize("end", ["2025-05-01", "2025-04-30", ""])
def test_an_end_is_the_day_after_or_the_last_day_or_the_periods(end: str) -> None:
    assert read(row(end=end)).drafts == read(row()).drafts


@pytest.mark.parametrize(
    ("start", "end"), [("2025-04-02", ""), ("2025-04-01", "2025-04-20"), ("2025-04-01", "2025-06-01")]
)
def test_days_that_are_no_period_are_put_aside(start: str, end: str) -> None:
    assert reasons(read(row(start=start, end=end))) == ["not a period of the calendar"]


def test_whole_days_are_subjects_of_their_own_within_a_period() -> None:
    found = read(row(start="2025-04-07", end="2025-04-08"), row(start="2025-04-08", end="2025-04-08"))
    assert [period for _, period, _, _ in parts(found)] == [APRIL[0], APRIL[0]]
    assert len({draft.key for draft in found.drafts}) == 2


@pytest.mark.parametrize(
    ("figures", "parted"),
    [
        ("520,10000,,", (520, 10_000)),
        ("520,10000,5.2,", (520, 10_000)),
        (",,5.2,10000", (520, 10_000)),
        (",,5.2,", (5.2, None)),
        (",10000,,", (0, 10_000)),
    ],
)
def test_a_share_is_told_in_parts_or_by_value(figures: str, parted: tuple[float, float | None]) -> None:
    assert parts(read(row(figures=figures)))[0][2:] == parted


def test_a_bare_value_of_one_day_adds_up_to_nothing() -> None:
    found = read(row(end="2025-04-01", figures=",,5.2,"))
    assert reasons(found) == ["not a period of the calendar"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row("harm"), "unknown indicator"),
        (row("stress_sickness_rate", source="official"), "unknown indicator"),
        (row(source="elsewhere"), "unknown code"),
        (row(organisation="Jo Smith"), "unknown organisation"),
        (row(start="soon"), "bad date"),
        (row(start="2027-04-01", end="2027-05-01"), "future date"),
        (row(start="2026-11-01", end="2026-12-01"), "future date"),
        (row(published="2027-01-01"), "future date"),
        (row(revision="x"), "bad number"),
        (row(figures="nan,10000,,"), "bad number"),
        (row(figures="inf,10000,,"), "bad number"),
        (row(figures="-520,10000,,"), "out of range"),
        (row(figures="52000,10000,,"), "out of range"),
        (row(figures=",,520,"), "out of range"),
        (row(figures="5,0,,"), "out of range"),
        (row(figures="0,1e300,,"), "out of range"),
        (row(figures="0,2147483648,,"), "out of range"),
        (row(figures="0,1e-320,,"), "out of range"),
        (row(figures="0,1e-400,,"), "bad number"),
        (row(figures="1e-400,10000,,"), "bad number"),
        (row(figures=",1e300,,"), "out of range"),
        (row(figures="520,,,"), "missing field"),
        (row(figures="520,10000,6.0,"), "rate disagrees with its counts"),
    ],
)
def test_a_bad_row_is_put_aside_and_the_rest_counts(bad: str, reason: str) -> None:
    found = read(row(organisation="R0B"), bad, row(organisation="R0C"))
    assert reasons(found) == [reason]
    assert len(found.drafts) == 2
    assert found.asides[0].value in (None, "2027-04-01", "2026-11-30", "2027-01-01", "stress_sickness_rate")


@pytest.mark.parametrize("figures", ["30,0,,", "9000000000000000,,,", "1,1e300,,", "1,1e-320,,"])
def test_a_count_over_nothing_and_parts_beyond_any_organisation_are_put_aside(figures: str) -> None:
    found = read(row("new_complaints", figures=figures), row("new_complaints", figures="30,,,"), feed="complaints")
    assert reasons(found) == ["out of range"]
    assert parts(found) == [("new_complaints", APRIL[0], 30, 0)]


@pytest.mark.parametrize(
    ("figures", "reason"),
    [("12.5,,,", "bad number"), ("0.5,1000,,", "bad number"), ("300001,,,", "out of range")],
)
def test_a_count_counts_whole_things_and_not_hundreds_of_thousands(figures: str, reason: str) -> None:
    found = read(row("new_complaints", figures=figures), row("new_complaints", figures="12.0,,,"), feed="complaints")
    assert reasons(found) == [reason]
    assert parts(found) == [("new_complaints", APRIL[0], 12, 0)]


@pytest.mark.parametrize("figures", [",,,", ".,.,,", "*,10000,,", ",,*,"])
def test_a_hidden_rate_is_suppressed_and_complete(figures: str) -> None:
    found = read(row(figures=figures))
    assert (found.suppressed, len(found.stated)) == (1, 1)


def test_a_hidden_count_is_not_complete_since_it_would_read_as_none() -> None:
    found = read(row("new_complaints", figures="*,,,"), feed="complaints")
    assert (found.suppressed, found.stated) == (1, frozenset())


def test_exposure_is_a_subject_of_its_own_and_completes_nothing() -> None:
    week = {"start": "2025-04-07", "end": "2025-04-14"}
    found = read(
        row("low_harm_reports", figures=",1000,,", **week),
        row("low_harm_reports", figures="12,,,", organisation="R0B", **week),
        feed="incident_reports",
    )
    assert parts(found) == [
        ("low_harm_reports", date(2025, 4, 7), 0, 1_000),
        ("low_harm_reports", date(2025, 4, 7), 12, 0),
    ]
    assert {cell.organisation for cell in found.stated} == {"R0B"}


def test_a_later_revision_in_the_file_holds_and_the_older_is_merged() -> None:
    found = read(row(revision="2", figures="530,10000,,"), row(revision="1"))
    assert (parts(found)[0][2], found.merged) == (530, 1)


def test_the_same_figure_twice_is_merged_and_another_is_put_aside() -> None:
    found = read(row(), row(), row(figures="530,10000,,"))
    assert (len(found.drafts), found.merged, reasons(found)) == (1, 1, ["duplicate row with other content"])


def event(
    indicator: str, key: str = "E1", *, revision: str = "1", figures: str = "1,1,,", day: str = "2025-04-07"
) -> str:
    return row(indicator, start=day, end="", key=key, revision=revision, figures=figures)


def test_the_rows_of_an_event_are_one_observation_in_several_calendars() -> None:
    found = read(
        event("low_harm_reports", figures="1,,,"), event("harm_share", figures="0,1,,"), feed="incident_reports"
    )
    assert (len(found.drafts), found.merged, found.stated) == (1, 1, frozenset())
    assert (found.has_events, found.first_day) == (True, date(2025, 4, 7))
    assert parts(found) == [("low_harm_reports", date(2025, 4, 7), 1, 0), ("harm_share", APRIL[0], 0, 1)]


def test_an_event_without_numbers_is_withdrawn() -> None:
    found = read(event("harm_share"), event("harm_share", revision="2", figures=",,,"), feed="incident_reports")
    assert (found.drafts[0].revision, found.drafts[0].contributions, found.merged) == (2, (), 1)


def test_an_event_with_hidden_numbers_is_not_withdrawn() -> None:
    found = read(event("harm_share", revision="2", figures="*,*,,"), feed="incident_reports")
    assert (found.suppressed, found.drafts) == (1, ())


def test_an_event_told_twice_with_other_content_is_put_aside() -> None:
    found = read(event("harm_share"), event("harm_share", figures="0,1,,"), feed="incident_reports")
    assert (len(found.drafts), reasons(found)) == (1, ["duplicate row with other content"])


def stating(column: str, *cells: str) -> bytes:
    return file_of(f"{EXTRACT},{column}", *(f"{row(organisation=f'R0{at}')},{cell}" for at, cell in enumerate(cells)))


@pytest.mark.parametrize("column", ["schema", "schema_version", "Version"])
def test_a_schema_from_the_future_refuses_the_file(column: str) -> None:
    assert len(state("staff_sickness", stating(column, "1", "", "1.0")).drafts) == 3
    with pytest.raises(BadFile, match=rf"^{column.lower()} 99; this version reads 1: upgrade it"):
        state("staff_sickness", stating(column, "1", "99"))
    with pytest.raises(BadFile, match="reads 1") as caught:
        state("staff_sickness", stating(column, "Jo Smith"))
    assert "Smith" not in str(caught.value)


def test_columns_that_the_layout_does_not_have_are_counted() -> None:
    columns = ("schema", ""), ("denominater,Jo Smith,", "100,,")
    assert [state("staff_sickness", stating(*one)).unread for one in columns] == [0, 2]


def test_parquet_and_csv_say_the_same() -> None:
    columns: dict[str, list[object]] = {
        "organisation": ["R0A"],
        "indicator": ["sickness_rate"],
        "start": [date(2025, 4, 1)],
        "end": [date(2025, 5, 1)],
        "numerator": [520.0],
        "denominator": [10_000],
    }
    written = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), written)
    (from_parquet,), (from_csv,) = state("staff_sickness", written.getvalue()).drafts, read(row()).drafts
    assert from_parquet.contributions == from_csv.contributions


texts = st.sampled_from(["", "1", "0", "10", "5.2", "-1", "*", ".", "nan", "x", "1e9", "99"])
anything = st.builds(
    row,
    st.sampled_from(["sickness_rate", "stress_sickness_rate", "harm", ""]),
    source=st.sampled_from(["local", "official", "", "?"]),
    organisation=st.sampled_from(["R0A", "R0B", "", "Jo Smith"]),
    start=st.sampled_from(["2025-04-01", "2025-04-07", "", "soon", "2030-01-01", "45748"]),
    end=st.sampled_from(["2025-05-01", "2025-04-30", "", "2025-04-08", "never"]),
    key=st.sampled_from(["", "", "E1", "E2"]),
    revision=st.sampled_from(["", "1", "2", "x"]),
    figures=st.lists(texts, min_size=4, max_size=4).map(",".join),
)


@given(st.lists(st.one_of(anything, st.text(max_size=30).filter(lambda text: text.strip(",; \t\r\n")))))
def test_every_row_has_one_outcome_whatever_a_file_holds(rows: list[str]) -> None:
    found = read(*rows)
    lost = sum(found.out_of_scope.values()) + found.suppressed + len(found.asides)
    assert found.rows == len(found.drafts) + found.merged + lost


@given(st.lists(anything), st.randoms(use_true_random=False))
def test_what_is_read_does_not_depend_on_the_order_of_rows_where_none_contradict(
    rows: list[str], chance: object
) -> None:
    first = read(*rows)
    if "duplicate row with other content" in reasons(first):
        return
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    other = read(*shuffled)
    assert {(draft.key, frozenset(draft.contributions)) for draft in first.drafts} == {
        (draft.key, frozenset(draft.contributions)) for draft in other.drafts
    }
    assert other.stated == first.stated


def test_days_of_every_period_are_counted_in_it() -> None:
    days = [date(2025, 4, 1) + timedelta(days=place) for place in range(30)]
    found = read(*(row(start=f"{day}", end=f"{day + timedelta(days=1)}", figures="5,100,,") for day in days))
    assert sum(numerator for _, _, numerator, _ in parts(found)) == 150
