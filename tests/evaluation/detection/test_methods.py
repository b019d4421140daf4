from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from monitor.detectors import detector_for, fold
from monitor.detectors.contract import Values
from monitor.evaluation.detection import family_a, family_b
from monitor.evaluation.detection.methods import METHODS
from monitor.evaluation.detection.methods.ears import deviates
from monitor.evaluation.detection.methods.farrington import is_installed
from monitor.evaluation.detection.methods.method import SILENT
from monitor.evaluation.detection.panel import Panel, of_a, of_b
from tests.conftest import require

QUICK = [name for name in METHODS if name not in ("farrington_flexible", "oracle")]


@pytest.fixture(scope="module")
def monthly() -> Panel:
    return of_b(family_b.draw(21, organisations=10))


def shown(panel: Panel, series: Iterable[int]) -> Panel:
    """Give a panel of some of the series."""
    some = np.array(list(series))
    return replace(
        panel, numerator=panel.numerator[:, some], denominator=panel.denominator[:, some], kind=panel.kind[some],
        sign=panel.sign[some], group=panel.group[some], deviates=panel.deviates[:, some],
    )  # fmt: skip


def counts(*column: float) -> Panel:
    numerator = np.array(column)[:, None]
    return Panel(
        52, numerator, np.full(numerator.shape, np.nan), np.array(["count"]), np.ones(1), np.zeros(1, dtype=int),
        slice(0, len(column)), np.zeros(numerator.shape),
    )  # fmt: skip


@pytest.mark.parametrize("name", QUICK)
def test_evidence_is_there_for_every_period_and_never_unknown(name: str, monthly: Panel) -> None:
    evidence = METHODS[name].evidence(monthly)
    assert evidence.shape == monthly.numerator.shape
    assert not np.isnan(evidence).any()
    assert (evidence[monthly.judged] > SILENT).mean() > 0.9


@pytest.mark.parametrize("name", QUICK)
def test_a_period_is_judged_without_those_that_follow_it(name: str, monthly: Panel) -> None:
    cut = replace(
        monthly, numerator=monthly.numerator[:70], denominator=monthly.denominator[:70], deviates=monthly.deviates[:70]
    )
    np.testing.assert_array_equal(METHODS[name].evidence(monthly)[:70], METHODS[name].evidence(cut))


@pytest.mark.parametrize("name", QUICK)
def test_a_great_worsening_is_more_alarming_than_what_was_before(name: str, monthly: Panel) -> None:
    numerator = monthly.numerator.copy()
    worse = np.flatnonzero(monthly.kind == "count")[0]
    numerator[80:, worse] = 5 * np.nanmean(numerator[:80, worse])
    evidence = METHODS[name].evidence(replace(monthly, numerator=numerator))[:, worse]
    assert np.max(evidence[80:86]) > np.quantile(evidence[40:80], 0.95)


@pytest.mark.parametrize("name", QUICK)
def test_no_method_sees_what_only_the_oracle_knows(name: str, monthly: Panel) -> None:
    blind = replace(monthly, deviates=np.full(monthly.deviates.shape, np.nan))
    np.testing.assert_array_equal(METHODS[name].evidence(monthly), METHODS[name].evidence(blind))


COMMON = range(30, 42)  # scenarios of means above 10: a rare count's mid-p is less than normal
DRAWN = {"A": of_a(family_a.draw(22, 4, COMMON)), "B": of_b(family_b.draw(22))}


@pytest.mark.parametrize("panel", DRAWN.values(), ids=DRAWN)
def test_to_the_oracle_quiet_periods_are_normal(panel: Panel) -> None:
    quiet = panel.deviates[12:50]
    assert np.nanmean(quiet) == pytest.approx(0.0, abs=0.03)
    assert np.nanstd(quiet) == pytest.approx(1.0, abs=0.06)


def test_ours_takes_the_very_step_of_the_worker(monthly: Panel) -> None:
    series = np.flatnonzero(monthly.kind == "score")
    detector = detector_for("score")
    state = fold.start(detector, series.size, 12)
    for row, years in enumerate(monthly.years):
        values = Values(row, float(years), monthly.numerator[row, series], monthly.denominator[row, series])
        groups = np.zeros(series.size, dtype=np.int64)
        state, step = fold.step(detector, state, values, groups, None, monthly.sign[series])
    expected = -np.log10(step.evidence.worse)
    np.testing.assert_allclose(METHODS["monitor"].evidence(monthly)[-1, series], expected, rtol=1e-9)


def test_turned_about_a_fall_is_what_alarms() -> None:
    falls = counts(*[20.0, 22.0, 19.0, 21.0] * 10, 4.0)
    z = METHODS["peer_relative_z"]
    assert z.evidence(falls)[-1, 0] < -3
    assert z.evidence(falls.turned())[-1, 0] > 3


def test_a_shock_of_all_peers_is_nobody_s_worsening(monthly: Panel) -> None:
    incidents = np.flatnonzero(monthly.kind == "count")[::2]
    shocked = shown(monthly, incidents)
    numerator = shocked.numerator.copy()
    numerator[80:84] *= 1.6
    moved = METHODS["peer_relative_z"].evidence(replace(shocked, numerator=numerator))[80:84]
    assert np.mean(moved > 2.0) < 0.15


def test_ears_compares_with_the_seven_before_the_gap() -> None:
    panel = counts(3, 5, 4, 6, 2, 5, 3, 90, 80, 9)
    expected = (9 - 4.0) / np.std([3, 5, 4, 6, 2, 5, 3], ddof=1)
    assert deviates(panel, 2)[-1, 0] == pytest.approx(expected)


def test_ears_reads_a_flat_past_as_one_case_uneven() -> None:
    assert deviates(counts(*[0.0] * 7, 1.0), 0)[-1, 0] == pytest.approx(1.0 / np.std([1] + [0] * 6, ddof=1))


def test_seven_points_above_the_mean_are_a_signal_of_xmr() -> None:
    column = [10.0, 12.0, 9.0, 11.0, 8.0, 10.0] * 5 + [11.0, 11.5, 11.0, 11.5, 11.0, 11.5, 11.0]
    evidence = METHODS["xmr"].evidence(counts(*column))[:, 0]
    assert evidence[-1] >= 1.0 > evidence[-2]


def test_farrington_finds_a_great_outbreak_and_speaks_of_judged_weeks_only() -> None:
    require(
        is_installed(),
        "Rscript with the package surveillance: on Debian and Ubuntu, apt-get install r-cran-surveillance",
    )
    drawn = family_a.draw(31, replicates=1, scenarios=[36])
    counts_seen = drawn.counts.copy()
    counts_seen[600] += 200.0
    panel = replace(of_a(drawn), numerator=counts_seen)
    evidence = METHODS["farrington_flexible"].evidence(panel)[:, 0]
    assert (evidence[: panel.judged.start] == SILENT).all()
    assert evidence[600] > 6.0
    assert np.median(evidence[panel.judged]) < 1.0
