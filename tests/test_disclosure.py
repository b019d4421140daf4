import ast
import json
import re
from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts.message import compose
from monitor.alerts.plain import plain
from monitor.casefile import CaseKind, Point, What
from monitor.catalogue import INDICATORS
from monitor.chart import chart
from monitor.disclosure import Disclosed, DisclosedExhibit, case_row, chance, disclose, shown
from monitor.model import Indicator, Kind, SmallNumbers
from monitor.twin import twin
from tests.conftest import ROOT
from tests.exhibits import RIVERSIDE, change_of, disclosed_of, exhibit_of, pack_of

OCTOBER = date(2026, 10, 1), date(2026, 11, 1)
PLAIN = Indicator("plain", "things", "things", Kind.COUNT, "things", None, *[INDICATORS["new_complaints"].rise] * 2,
                  SmallNumbers.PEOPLE)  # fmt: skip
COUNTS = st.integers(0, 60)


def text_of(key: str, numerator: float | None, denominator: float | None, source: str = "local") -> str:
    indicator = PLAIN if key == "plain" else INDICATORS[key]
    return shown(Point(OCTOBER, numerator, denominator, None, None, None, None, None), indicator, source).text


@pytest.mark.parametrize(
    ("key", "numerator", "denominator", "text"),
    [
        ("plain", 0, None, "0"),
        ("plain", 1, None, "*"),
        ("plain", 7, None, "*"),
        ("plain", 8, None, "10"),
        ("plain", 12, None, "10"),
        ("plain", 13, None, "15"),
        ("plain", 1234, None, "1,235"),
        ("new_complaints", 3, 9000, "*"),
        ("new_complaints", 8, 10_000, "1.00"),
        ("harm_share", 3, 400, "*"),
        ("harm_share", 397, 400, "*"),  # three were without harm
        ("harm_share", 0, 5, "*"),
        ("harm_share", 0, 40, "0"),
        ("harm_share", 22, 180, "11"),  # 20 of 180
        ("harm_share", 500, 5000, "10.0"),
        ("report_delay", 90, 7, "*"),  # no mean of fewer than eight
        ("report_delay", 90, 9, "9.00"),
        ("sickness_rate", 12, 330, "*"),
        ("sickness_rate", 20, 400, "5.00"),
        ("engagement_score", 65, 10, "*"),
        ("engagement_score", 77, 11, "7.00"),
        ("burnout_share", 8, 10, "*"),
        ("new_complaints", None, 9000, "–"),
        ("harm_share", 0, 0, "–"),
    ],
)
def test_small_numbers_are_hidden_and_others_rounded(
    key: str, numerator: float | None, denominator: float | None, text: str
) -> None:
    assert text_of(key, numerator, denominator) == text


def test_a_bare_value_is_shown_only_where_it_is_published() -> None:
    assert text_of("sickness_rate", 5.23, None) == "*"
    assert text_of("sickness_rate", 5.23, None, "official") == "5.23"


def test_a_published_label_does_not_free_counts_of_people() -> None:
    assert text_of("new_complaints", 3, 9000, "official") == "*"


@given(COUNTS, COUNTS)
def test_no_two_shown_counts_tell_a_small_difference(first: int, second: int) -> None:
    texts = [text_of("plain", count, None) for count in (first, second)]
    others = [
        pair for pair in combinations(range(61), 2) if sorted(texts) == sorted(text_of("plain", n, None) for n in pair)
    ]
    differences = {abs(one - other) for one, other in others}
    assert first == second or len(differences) > 1


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_shown_share_never_tells_one_small_part(part: int, rest: int) -> None:
    text = text_of("harm_share", part, part + rest)
    hidden = 0 < part < 8 or 0 < rest < 8
    assert (text == "*") == hidden
    if not hidden and part + rest:
        assert 0 <= float(text) <= 100


@given(st.lists(st.tuples(st.integers(0, 30), st.just(9000.0)), min_size=1, max_size=40))
def test_hidden_figures_leave_no_trace(figures: list[tuple[int, float]]) -> None:
    (exhibit,) = disclosed_of(exhibit_of("new_complaints", figures, usual=1.0)).exhibits
    assert_safe(exhibit, 9000.0)


SMALL = st.lists(st.integers(1, 7), min_size=3, max_size=3)


@pytest.mark.parametrize(
    ("key", "of"), [("new_complaints", 9000.0), ("low_harm_reports", 900.0), ("harm_share", 200.0)]
)
@settings(max_examples=10)
@given(small=SMALL)
def test_what_is_shown_does_not_depend_on_what_is_hidden(key: str, of: float, small: list[int]) -> None:
    """Two histories that differ only in hidden cells look the same in every way out, to the byte."""
    rest = [(20 + month, of) for month in range(9)]
    seen = {
        every_way_out(disclosed_of(exhibit_of(key, [*rest, *((n, of) for n in hidden)], usual=2.0)))
        for hidden in (small, [4] * 3)
    }
    assert len(seen) == 1


def every_way_out(disclosed: Disclosed) -> str:
    (exhibit,) = disclosed.exhibits
    message = compose(change_of(), disclosed, RIVERSIDE)
    return f"{exhibit}{twin(exhibit, 'Riverside')}{message}{plain(message)}{chart(exhibit, 'Riverside')!r}"


def assert_safe(exhibit: DisclosedExhibit, denominator: float) -> None:
    for point in exhibit.points:
        if point.shown.is_hidden:
            assert (point.shown.value, point.expected, point.low, point.high) == (None, None, None, None)
        elif point.shown.value is not None:
            months = round((point.period[1] - point.period[0]).days / 30.4)
            count = point.shown.value * denominator * months / 1000
            assert count == 0 or count > 7.4


def test_small_counts_are_charted_in_the_shortest_calendar_that_can_be_shown() -> None:
    (weekly,) = disclosed_of(exhibit_of("low_harm_reports", [(3, 500.0)] * 60, name="weekly", usual=6)).exhibits
    (monthly,) = disclosed_of(exhibit_of("new_complaints", [(3, 9000.0)] * 24, usual=0.3)).exhibits
    assert weekly.calendar == "four-week periods"
    assert monthly.calendar == "quarters"
    assert {point.shown.text for point in monthly.points} == {"0.37"}  # 9 in a quarter, rounded to 10 of 27,000


def test_blocks_stand_still_when_a_period_is_added() -> None:
    """Sliding sums would differ by single periods."""
    figures = [(month % 5 + 1, 9000.0) for month in range(25)]
    long, short = exhibit_of("new_complaints", figures), exhibit_of("new_complaints", figures)
    shortened = type(short)(short.signal, short.points[:-1], short.peers, None, None)
    (all_,), (fewer,) = disclosed_of(long).exhibits, disclosed_of(shortened).exhibits
    assert set(fewer.points) <= set(all_.points)


def test_the_window_is_made_of_shown_figures_only() -> None:
    (exhibit,) = disclosed_of(
        exhibit_of(
            "new_complaints", [(20, 10_000.0)] * 8 + [(40, 10_000.0), (3, 10_000.0)], usual=2.0, since=date(2026, 9, 1)
        )
    ).exhibits
    assert exhibit.window is not None
    assert (exhibit.window.periods, exhibit.window.hidden, exhibit.window.seen) == (1, 1, "4.00")


def test_what_was_seen_reads_differently_from_what_is_usual() -> None:
    drawn = exhibit_of("new_complaints", [(20_500, 10_000_000.0)] * 9, since=date(2026, 10, 1))
    points = tuple(replace(point, expected=2.0455, low=2.0452, high=2.0461) for point in drawn.points)
    (exhibit,) = disclosed_of(replace(drawn, points=points)).exhibits
    window = exhibit.window
    assert window is not None
    assert (window.low, window.high, window.seen) == ("2.045", "2.046", "2.050")
    assert {point.shown.text for point in exhibit.points} == {"2.05"}


def test_what_no_digit_parts_stays_as_short_as_it_is() -> None:
    drawn = exhibit_of("new_complaints", [(20_500, 10_000_000.0)] * 9, since=date(2026, 10, 1))
    points = tuple(replace(point, expected=2.05, low=2.05, high=2.05) for point in drawn.points)
    (exhibit,) = disclosed_of(replace(drawn, points=points)).exhibits
    assert exhibit.window is not None
    assert (exhibit.window.low, exhibit.window.seen) == ("2.05", "2.05")


def test_more_digits_tell_no_rounded_count_more_finely() -> None:
    complaints, share = INDICATORS["new_complaints"], INDICATORS["harm_share"]
    for one, other in ((1_998, 2_002), (48, 52)):
        points = [Point(OCTOBER, count, 1_000_000.0, None, None, None, None, None) for count in (one, other)]
        assert len({shown(point, complaints, "local", 2).text for point in points}) == 1
    point = Point(OCTOBER, 22, 180, None, None, None, None, None)
    assert shown(point, share, "local", 2) == shown(point, share, "local")


def test_disclosing_is_pure() -> None:
    pack = pack_of(exhibit_of("new_complaints", [(3, 9000.0)] * 24, usual=0.3))
    assert disclose(pack, INDICATORS) == disclose(pack, INDICATORS)


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.0021, "in 500 "),
        (0.00034, "in 3,000 "),
        (1e-5, "in 100,000 "),
        (1e-9, "fewer than one organisation in a million"),
    ],
)
def test_chance_is_said_as_how_often(p: float, said: str) -> None:
    assert said in chance(p)


P = st.floats(1e-12, 1.0, exclude_min=True)


@given(P, P, P)
def test_of_a_case_no_score_leaves_and_no_pattern(p: float, family: float, signal: float) -> None:
    """With its past known, every count from 1 to 7 has a p of its own."""
    case = change_of(What.OPENED).case
    signals = tuple(replace(each, p=signal) for each in case.signals)
    case = replace(case, p=p, families=dict.fromkeys(case.families, family), signals=signals, patterns=("M1",))

    row = case_row(case, "Riverside", [])

    assert {type(leaf) for leaf in leaves(row)} <= {str, type(None)}
    assert "M1" not in leaves(row)
    sure = re.sub("[^0-9]", "", str(row["how_sure"]))
    assert len(sure.strip("0")) <= 1  # one digit that says anything
    assert not re.search(r"\d\.\d|\de-", json.dumps(row))


def test_only_a_concern_is_more_or_less_sure() -> None:
    case = replace(change_of(What.OPENED).case, kind=CaseKind.DATA)
    assert case_row(case, "Riverside", [])["how_sure"] is None


def leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    return [leaf for each in value for leaf in leaves(each)] if isinstance(value, list) else [value]


@pytest.mark.parametrize(
    "way_out",
    ["alerts/message", "alerts/digest", "alerts/plain", "alerts/terminal", "chart", "twin", "sparkline", "report"],
)
def test_ways_out_know_only_what_was_disclosed(way_out: str) -> None:
    tree = ast.parse((ROOT / "monitor" / f"{way_out}.py").read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not names & {"Pack", "Point", "Exhibit", "pack", "numerator", "denominator"}


def test_a_count_that_never_has_exposure_is_told_as_a_count() -> None:
    """KO41a gives complaints of a year and no full-time days: 250 of them are no rate per 1,000."""
    plain, rate = (exhibit_of("new_complaints", [(250.0, base)] * 3, name="yearly") for base in (None, 350_000.0))
    units = [disclosed_of(each).exhibits[0].unit for each in (plain, rate)]
    assert units == ["new written complaints", "complaints per 1,000 FTE days"]
