"""Sums become values: zeros, gaps, lineages and exposures."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from monitor.calendars import calendar
from monitor.catalogue import INDICATORS
from monitor.gathering import carried, gather, overlaid
from monitor.model import PeerGroup
from monitor.ports import Block, Cell, Figures, Sum
from monitor.settlement import Roll
from tests.factories import month

MONTHS = calendar("monthly")
FIRST = MONTHS.number(date(2020, 1, 1))
NAN = np.nan
BARE: list[float] = [NAN, NAN, NAN]


def _roll(indicator: str, closed: dict[str, tuple[tuple[int, int], ...]]) -> Roll:
    ranges = {code: tuple((FIRST + one, FIRST + other) for one, other in some) for code, some in closed.items()}
    return Roll(
        Block(indicator, "local", PeerGroup.ACUTE), INDICATORS[indicator], MONTHS, timedelta(0), timedelta(7), ranges,
        dict.fromkeys(ranges, FIRST), {},
    )  # fmt: skip


def _figures(**rows: tuple[list[float], list[float]]) -> Figures:
    numerator = np.array([row[0] for row in rows.values()])
    denominator = np.array([row[1] for row in rows.values()])
    return Figures(tuple(rows), FIRST, numerator, denominator, np.zeros_like(numerator))


def test_a_closed_count_without_words_is_zero_and_an_open_one_is_missing() -> None:
    figures = _figures(A=([5, NAN, 7], BARE))

    values = gather(figures, _roll("new_complaints", {"A": ((0, 1),), "B": ((0, 2),)}), ["A", "B"], {}, {})

    np.testing.assert_array_equal(values.numerator, [[5, 0, NAN], [0, 0, 0]])


def test_a_share_without_words_or_trials_is_missing() -> None:
    figures = _figures(A=([5, NAN, 0], [50, NAN, 0]))

    values = gather(figures, _roll("harm_share", {"A": ((0, 2),)}), ["A"], {}, {})

    np.testing.assert_array_equal(values.numerator, [[5, NAN, NAN]])


def test_after_a_merger_a_lineage_is_summed() -> None:
    figures = _figures(A=([1, 2, NAN], [10, 20, NAN]), B=([3, 4, 9], [30, 40, 90]))
    roll = _roll("sickness_rate", {"B": ((0, 2),)})

    values = gather(figures, roll, ["B"], {"B": ("B", "A")}, {"B": FIRST + 2})

    np.testing.assert_array_equal(values.numerator, [[4, 6, 9]])
    np.testing.assert_array_equal(values.denominator, [[40, 60, 90]])


@pytest.mark.parametrize("gap", [0, 1])
def test_a_summed_period_before_the_merger_needs_every_member(gap: int) -> None:
    mine, theirs = [3.0, 4.0, 9.0], [1.0, 2.0, NAN]
    theirs[gap] = NAN
    figures = _figures(A=(theirs, [10, 20, NAN]), B=(mine, [30, 40, 90]))

    values = gather(figures, _roll("sickness_rate", {"B": ((0, 2),)}), ["B"], {"B": ("B", "A")}, {"B": FIRST + 2})

    assert np.isnan(values.numerator[0, gap])


def test_bare_values_of_a_lineage_have_no_history_before_the_merger() -> None:
    figures = _figures(A=([4.0, 4.1, NAN], BARE), B=([5.0, 5.1, 5.2], BARE))

    values = gather(figures, _roll("sickness_rate", {"B": ((0, 2),)}), ["B"], {"B": ("B", "A")}, {"B": FIRST + 2})

    np.testing.assert_array_equal(values.numerator, [[NAN, NAN, 5.2]])


def test_a_period_without_exposure_takes_the_last_and_the_first_ones_take_the_first() -> None:
    figures = _figures(A=([1, 2, 3], [NAN, 100, NAN]), B=([1, 2, 3], BARE))
    values = gather(figures, _roll("new_complaints", {"A": ((0, 2),), "B": ((0, 2),)}), ["A", "B"], {}, {})

    exposure = carried(values, np.array([NAN, NAN]))

    np.testing.assert_array_equal(exposure, [[100, 100, 100], BARE])


def test_sums_of_the_tick_lie_over_stored_figures() -> None:
    figures = _figures(A=([1, 2, 3], [10, 20, 30]))
    sums = {
        Cell("harm_share", "local", "A", month(1)[0]): Sum(7.0, 70.0, 1),
        Cell("harm_share", "local", "B", month(2)[0]): Sum(9.0, 90.0, 1),
        Cell("harm_share", "local", "A", month(2)[0]): Sum(0.0, 0.0, 0),
    }

    over = overlaid(figures, sums, MONTHS)

    assert over.organisations == ("A", "B")
    np.testing.assert_array_equal(over.numerator, [[1, 7, NAN], [NAN, NAN, 9]])
