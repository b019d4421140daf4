"""Who is awaited, what has closed, and when a period settles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.calendars import calendar
from monitor.coverage import ALL
from monitor.kept import Block, Cell, Coverage, Interval
from monitor.model import Succession
from monitor.organisations import Registry, registry
from monitor.settlement import Roll, first_closes, ready, rolls, were_seen
from tests.factories import feed, organisations

CONTRACT = feed(lateness_days=10)
TRUSTS = organisations(10)
MONTHS = calendar("monthly")
JANUARY = MONTHS.number(date(2020, 1, 1))
ONE_DAY = timedelta(days=1)
PAIR = ("local", "new_complaints")


def _roll(
    named: Mapping[str, tuple[Interval, ...]],
    now: datetime,
    known: Registry | None = None,
    settled: dict[Block, tuple[int, int]] | None = None,
) -> Roll:
    coverage: Coverage = {PAIR: named}
    (roll,) = rolls(CONTRACT, coverage, known or registry(TRUSTS), [PAIR[::-1]], now.date(), settled or {})
    return roll


def _january(codes: int) -> dict[str, tuple[Interval, ...]]:
    """Cover December for all ten, January for some."""
    ends = [date(2020, 2, 1)] * codes + [date(2020, 1, 1)] * (10 - codes)
    return {trust.code: ((date(2019, 12, 1), end),) for trust, end in zip(TRUSTS, ends, strict=True)}


def _settles(codes: int, now: datetime, *, closed_at: datetime, settle_after: timedelta = ONE_DAY) -> bool:
    roll = _roll(_january(codes), now)
    closes = {(roll.block, JANUARY): closed_at}
    return ready(roll, JANUARY, closes, now, settle_after) == [JANUARY]


FIRST = datetime(2020, 2, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("codes", "hours", "settles"),
    [(10, 23, False), (10, 24, True), (9, 24, True), (8, 24, False), (1, 24, False)],
)
def test_a_period_settles_a_day_after_its_first_close_once_nine_in_ten_have_closed_it(
    codes: int, hours: int, settles: bool
) -> None:
    assert _settles(codes, FIRST + timedelta(hours=hours), closed_at=FIRST) is settles


def test_a_period_that_is_due_settles_without_those_who_are_missing() -> None:
    assert not _settles(1, datetime(2020, 2, 10, 12, tzinfo=UTC), closed_at=FIRST)
    assert _settles(1, datetime(2020, 2, 11, 12, tzinfo=UTC), closed_at=FIRST)


def test_a_period_that_nobody_has_closed_waits_even_when_due() -> None:
    roll = _roll(_january(0), datetime(2020, 6, 1, tzinfo=UTC))

    assert ready(roll, JANUARY, {}, datetime(2020, 6, 1, tzinfo=UTC), ONE_DAY) == []


def test_an_organisation_that_has_ended_is_not_awaited() -> None:
    known = registry(TRUSTS, [Succession("RA00", "RA01", date(2020, 1, 15))])
    roll = _roll(_january(10), FIRST, known)

    assert "RA00" not in roll.awaited(JANUARY)
    assert "RA00" in roll.awaited(JANUARY - 1)


def test_a_successor_has_closed_what_its_predecessors_have() -> None:
    known = registry(TRUSTS, [Succession("RA00", "RA01", date(2020, 1, 15))])
    named = {"RA00": ((date(2019, 12, 1), date(2020, 2, 1)),)}
    roll = _roll(named, FIRST, known)

    assert roll.has_closed("RA01", JANUARY)


def test_coverage_of_all_names_every_registered_organisation_since_it_exists() -> None:
    late = registry([*TRUSTS[:9], organisations(1, letter="Z")[0]])
    roll = _roll({ALL: ((date(2020, 1, 1), date(2020, 3, 1)),)}, FIRST, late)

    assert len(roll.closed) == 10
    assert roll.awaited(JANUARY) == tuple(roll.closed)


def test_a_first_close_is_noted_once() -> None:
    roll = _roll(_january(3), FIRST)

    new = first_closes([roll], {}, {}, FIRST)

    assert new == {(roll.block, JANUARY - 1): FIRST, (roll.block, JANUARY): FIRST}
    assert first_closes([roll], {}, new, FIRST + ONE_DAY) == {}
    assert first_closes([roll], {roll.block: (JANUARY - 1, JANUARY)}, {}, FIRST) == {}


def test_a_period_that_nobody_has_closed_has_no_first_close_and_rests_from_when_its_hole_is_filled() -> None:
    december, february = (date(2019, 12, 1), date(2020, 1, 1)), (date(2020, 2, 1), date(2020, 3, 1))
    seen, now = date(2020, 3, 3), datetime(2020, 3, 3, 9, tzinfo=UTC)
    holed = _roll({trust.code: (december, february) for trust in TRUSTS}, now)
    assert holed.calendar.last_before(seen - holed.lateness) >= JANUARY  # due: the hole no longer holds February back

    noted = first_closes([holed], {}, {}, now)
    filled = _roll({trust.code: ((december[0], february[1]),) for trust in TRUSTS}, now + ONE_DAY)

    assert noted == {(holed.block, JANUARY - 1): now, (holed.block, JANUARY + 1): now}
    assert first_closes([filled], {}, noted, now + ONE_DAY) == {(filled.block, JANUARY): now + ONE_DAY}


def test_coverage_of_an_older_past_does_not_open_again_what_has_settled() -> None:
    march = JANUARY + 2
    covered = {trust.code: ((date(2020, 3, 1), date(2020, 4, 1)),) for trust in TRUSTS}
    older = {code: ((date(2020, 1, 1), date(2020, 2, 1)), *spans) for code, spans in covered.items()}
    now = datetime(2020, 3, 10, tzinfo=UTC)  # February is not due
    block = _roll(covered, now).block

    assert not _roll(older, now).has_closed("RA00", march)
    roll = _roll(older, now, settled={block: (march, march)})

    assert roll.closed["RA00"] == ((JANUARY, JANUARY), (march, march))


def test_a_cell_was_seen_once_its_own_or_its_heirs_series_had_closed_the_period() -> None:
    cells = {code: Cell("new_complaints", "local", code, date(2020, 1, 1)) for code in ("RA00", "RA01", "RA02")}
    before = _roll(_january(1), FIRST)  # only RA00 has closed January

    assert were_seen([before], cells.values(), {}) == {cells["RA00"]}
    assert were_seen([before], cells.values(), {"RA00": ("RA00", "RA02")}) == {cells["RA00"], cells["RA02"]}
    assert were_seen([before], [cell._replace(source="official") for cell in cells.values()], {}) == set()
    assert were_seen([], cells.values(), {}) == set()
