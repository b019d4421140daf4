"""Sums become values: zeros, gaps, lineages and exposures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from monitor.calendars import calendar
from monitor.catalogue import INDICATORS
from monitor.gathering import Gathered, carried, gather, overlaid
from monitor.kept import Block, Cell, Figures, Sum
from monitor.model import PeerGroup
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


def _merged(indicator: str, ends: dict[str, int], joined: int, **rows: tuple[list[float], list[float]]) -> Gathered:
    """Gather A, into which the others merged: each at its end, the last of them at `joined`."""
    columns = len(rows["A"][0])
    roll = _roll(indicator, {code: ((0, columns - 1),) for code in rows})
    roll = replace(roll, ends={code: FIRST + end for code, end in ends.items()})
    return gather(_figures(**rows), roll, ["A"], {"A": tuple(rows)}, {"A": FIRST + joined})


def test_before_a_merger_each_member_of_a_count_carries_its_own_exposure_and_the_sum_says_so() -> None:
    mine, theirs = ([10.0, 10, 10, 20], [100.0, 100, 110, 300]), ([10.0, 10, 10, NAN], [100.0, NAN, 200, NAN])

    values = _merged("new_complaints", {"B": 3}, 3, A=mine, B=theirs)

    np.testing.assert_array_equal(values.numerator, [[20, 20, 20, 20]])
    np.testing.assert_array_equal(values.denominator, [[200, 200, 310, 300]])
    np.testing.assert_array_equal(values.is_own, [[True, False, True, True]])


def test_the_exposure_of_a_member_counts_from_its_first_word_until_it_is_merged() -> None:
    mine = ([10.0] * 6, [100.0, 100, 100, 200, 200, 300])
    early = ([10.0, 10, 10, NAN, NAN, NAN], [NAN, 50.0, 50, NAN, NAN, NAN])
    late = ([NAN, 5, 5, 5, 5, NAN], [NAN, NAN, NAN, 70.0, NAN, NAN])

    values = _merged("new_complaints", {"B": 3, "C": 5}, 5, A=mine, B=early, C=late)

    np.testing.assert_array_equal(values.denominator, [[150, 220, 220, 270, 270, 300]])


def test_who_has_been_merged_before_is_not_missed_until_the_next_merger() -> None:
    mine, early = ([1.0, 1, 3, 3, 3], [10.0, 10, 30, 30, 30]), ([2.0, 2, NAN, NAN, NAN], [20.0, 20, NAN, NAN, NAN])
    late = ([4.0, 4, 4, NAN, NAN], [40.0, 40, 40, NAN, NAN])

    values = _merged("sickness_rate", {"B": 2, "C": 4}, 4, A=mine, B=early, C=late)

    np.testing.assert_array_equal(values.numerator, [[7, 7, 7, NAN, 3]])
    np.testing.assert_array_equal(values.denominator, [[70, 70, 70, NAN, 30]])


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
