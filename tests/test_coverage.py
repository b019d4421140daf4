"""Coverage closes periods; a hole waits until it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.calendars import calendar
from monitor.coverage import advance, closed, cover, until
from monitor.kept import Interval
from tests.factories import advance as advanced
from tests.factories import month

MONTHS = calendar("monthly")
FIRST = MONTHS.number(date(2020, 1, 1))


def _closed(
    intervals: tuple[Interval, ...],
    today: date,
    wait: int = 0,
    lateness: int = 7,
    settled: tuple[int, int] | None = None,
) -> tuple[tuple[int, int], ...]:
    shifted = (settled[0] + FIRST, settled[1] + FIRST) if settled else None
    ranges = closed(
        intervals, MONTHS, wait=timedelta(days=wait), lateness=timedelta(days=lateness), today=today, settled=shifted
    )
    return tuple((first - FIRST, last - FIRST) for first, last in ranges)


def test_a_period_is_closed_once_coverage_reaches_its_end() -> None:
    assert _closed(((date(2020, 1, 1), date(2020, 3, 31)),), date(2020, 4, 1)) == ((0, 1),)
    assert _closed(((date(2020, 1, 1), date(2020, 4, 1)),), date(2020, 4, 1)) == ((0, 2),)


def test_a_wait_holds_a_period_open_until_coverage_reaches_beyond_it() -> None:
    assert _closed(((date(2020, 1, 1), date(2020, 4, 1)),), date(2020, 4, 1), wait=31) == ((0, 1),)


def test_an_interval_beyond_a_hole_waits_until_the_hole_is_due() -> None:
    holed = ((date(2020, 1, 1), date(2020, 2, 1)), (date(2020, 3, 1), date(2020, 5, 1)))

    assert _closed(holed, date(2020, 3, 7)) == ((0, 0),)
    assert _closed(holed, date(2020, 3, 8)) == ((0, 0), (2, 3))


def test_an_advance_for_some_indicators_covers_only_them() -> None:
    word = replace(advanced(*month(0), ["RA00"]), indicators=frozenset({"new_complaints", "complaints_backlog"}))

    changed = advance({}, word)
    again = advance(changed, word)

    assert changed.keys() == {("local", "new_complaints"), ("local", "complaints_backlog")}
    assert again == {}


_DAYS = st.dates(date(2020, 1, 1), date(2021, 1, 1))
_SPANS = st.lists(st.tuples(_DAYS, _DAYS).map(sorted).map(tuple), max_size=8)


@given(_SPANS)
def test_the_order_of_advances_never_matters_and_a_repeat_changes_nothing(spans: list[Interval]) -> None:
    forwards: tuple[Interval, ...] = ()
    backwards: tuple[Interval, ...] = ()
    for span in spans + spans:
        forwards = cover(forwards, *span)
    for span in reversed(spans):
        backwards = cover(backwards, *span)

    assert forwards == backwards
    assert all(one[1] < other[0] for one, other in pairwise(forwards))


@given(_SPANS, _DAYS, _DAYS)
def test_what_has_closed_stays_closed(spans: list[Interval], one: date, other: date) -> None:
    intervals: tuple[Interval, ...] = ()
    for span in spans:
        intervals = cover(intervals, *span)
    earlier, later = sorted((one, other))
    before, after = _closed(intervals, earlier), _closed(intervals, later)

    assert set(before) <= set(after)


@given(_SPANS, st.data())
def test_what_has_settled_stays_closed_as_coverage_grows_and_time_goes(
    spans: list[Interval], data: st.DataObject
) -> None:
    """In any order of arrival: whatever closed is settled at once, and none of it is lost later."""
    days = sorted(data.draw(st.lists(_DAYS, min_size=len(spans), max_size=len(spans))))
    for order in (spans, spans[::-1]):
        intervals: tuple[Interval, ...] = ()
        kept: set[int] = set()
        settled: tuple[int, int] | None = None
        for span, today in zip(order, days, strict=True):
            intervals = cover(intervals, *span)
            now = _numbers(_closed(intervals, today, settled=settled))
            assert kept <= now
            kept = now
            settled = (min(kept), max(kept)) if kept else settled


def test_an_older_past_leaves_closed_what_has_settled() -> None:
    march = (date(2020, 3, 1), date(2020, 4, 1))
    january = (date(2020, 1, 1), date(2020, 2, 1))
    today = date(2020, 3, 7)  # February is not due

    assert _closed((march,), today) == ((2, 2),)
    assert _closed((january, march), today, settled=(2, 2)) == ((0, 0), (2, 2))
    assert _closed((january, march), today) == ((0, 0),)


def _numbers(ranges: tuple[tuple[int, int], ...]) -> set[int]:
    return {number for first, last in ranges for number in range(first, last + 1)}


def test_ranges_end_at_a_period() -> None:
    assert until(((0, 3), (5, 9)), 6) == ((0, 3), (5, 6))
