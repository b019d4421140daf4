from datetime import date, timedelta

import numpy as np
import pytest

from monitor.calendars import calendar
from monitor.catalogue import INDICATORS
from monitor.evaluation.figures import Series
from monitor.evaluation.nation import Nation, nation
from monitor.model import PeerGroup


@pytest.fixture(scope="module")
def england() -> Nation:
    return nation(7)


def level(series: Series) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(series.numerator / series.denominator)


def without_the_common(rates: np.ndarray) -> np.ndarray:
    centred = rates - np.nanmedian(rates, axis=1, keepdims=True)
    return np.asarray(centred - np.nanmedian(centred, axis=0))


def healthy(of: Nation) -> list[int]:
    changed = {change.organisation for change in (*of.planted, *([of.bright] if of.bright else []))}
    apart = changed | of.trusts.merged() | set(of.incidents.organisations)
    return [row for row, code in enumerate(of.trusts.units) if code not in apart]


def test_one_seed_gives_one_nation_and_another_seed_another() -> None:
    one, same, other = nation(1, 40, 3), nation(1, 40, 3), nation(2, 40, 3)
    assert one.planted == same.planted
    assert all(
        np.array_equal(one.series[key].numerator, same.series[key].numerator, equal_nan=True) for key in one.series
    )
    assert one.trusts.units != other.trusts.units


def test_the_nation_has_its_peer_groups_regions_and_years(england: Nation) -> None:
    organisations = england.trusts.organisations
    assert len(england.trusts.units) == 220
    assert {one.peer_group for one in organisations} == set(PeerGroup)
    assert len({one.region for one in organisations}) == 7
    assert len({one.code for one in organisations}) == len({one.name for one in organisations}) == 221
    assert england.begin == date(2020, 4, 1)
    assert len(england.series["sickness_rate"].periods) == 60


def test_all_that_is_measured_is_in_the_catalogue_and_on_its_calendar(england: Nation) -> None:
    for key, series in england.series.items():
        assert key in INDICATORS
        assert all(calendar(series.calendar).has(period) for period in series.periods)


def test_weekly_reports_vary_as_published_ones_do(england: Nation) -> None:
    # detection.md §3, family K: .365 on the log scale at the median organisation, white
    series = england.series["low_harm_reports"]
    rows = [row for row in healthy(england) if 0.8 < england.trusts.sizes[row] < 1.25]
    means = series.numerator[rows].mean(axis=1)
    rates = without_the_common(np.log((series.numerator[rows] + 0.5) / series.denominator[rows]))
    expected = 0.365 * np.sqrt(14 / means)
    assert np.mean(rates.std(axis=1) / expected) == pytest.approx(1, abs=0.12)
    assert abs(np.mean([np.corrcoef(row[1:], row[:-1])[0, 1] for row in rates])) < 0.12


def test_sickness_remembers_and_its_innovations_are_small(england: Nation) -> None:
    # domain.md §2: AR(1) .68-.69, innovation sd .053
    rates = without_the_common(level(england.series["sickness_rate"])[healthy(england)])
    now, before = rates[:, 1:].ravel(), rates[:, :-1].ravel()
    memory = float(now @ before / (before @ before))
    assert memory == pytest.approx(0.67, abs=0.08)  # the mean taken out of 60 months costs a little
    assert (now - memory * before).std() == pytest.approx(0.053, abs=0.008)


def test_complaints_vary_from_month_to_month_by_a_third(england: Nation) -> None:
    series = england.series["new_complaints"]
    rows = [row for row in healthy(england) if 0.8 < england.trusts.sizes[row] < 1.25]
    means = series.numerator[rows].mean(axis=1)
    rates = without_the_common(np.log((series.numerator[rows] + 0.5) / series.denominator[rows]))
    assert np.mean(rates.std(axis=1) / (0.316 * np.sqrt(20 / means))) == pytest.approx(1, abs=0.15)


def test_pulses_vary_by_a_sixth_of_a_point(england: Nation) -> None:
    series = england.series["engagement_score"]
    rows = [row for row in healthy(england) if 250 < np.median(series.denominator[row]) < 500]
    means = (series.numerator / series.denominator)[rows]
    means = means - means.mean(axis=1, keepdims=True) - np.median(means - means.mean(axis=1, keepdims=True), axis=0)
    assert means.std() == pytest.approx(0.17, abs=0.03)


def test_some_counts_are_small_enough_to_be_suppressed(england: Nation) -> None:
    reports = england.series["low_harm_reports"].numerator
    assert np.mean((reports > 0) & (reports < 8)) > 0.05


def test_the_shock_is_national(england: Nation) -> None:
    series = england.series["sickness_rate"]
    months = np.array([start.toordinal() for start, _ in series.periods])
    peak = england.shock_from.toordinal() + 91
    during, a_year_before = (np.abs(months + 15 - day) < 31 for day in (peak, peak - 365))
    rates = level(series)[healthy(england)]
    rise = rates[:, during].mean(axis=1) - rates[:, a_year_before].mean(axis=1)
    assert np.mean(rise > 0.1) > 0.9


def test_what_is_planted_is_in_the_figures(england: Nation) -> None:
    # peers take out what is common; the mean over all planted changes of a rate is then near the planted one
    seen, planted = [], []
    for key in ("new_complaints", "stress_sickness_rate", "low_harm_reports", "staff_manner_negative_share"):
        series = england.series[key]
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = np.log((series.numerator + 0.5) / series.denominator)
        rates = rates - np.nanmedian(rates[healthy(england)], axis=0)
        for change in england.planted:
            way, row = change.direction(key), series.organisations.index(change.organisation)
            whole = change.onset + change.ramp
            before = [end <= change.onset for _, end in series.periods]
            after = [start >= whole and np.isfinite(rates[row, at]) for at, (start, _) in enumerate(series.periods)]
            is_event_sender = key == "low_harm_reports" and change.organisation in england.incidents.organisations
            if way and sum(after) >= 4 and not is_event_sender:
                seen.append(np.nanmean(rates[row, after]) - np.nanmean(rates[row, before]))
                planted.append(np.log1p(way * change.effect))
    assert len(seen) > 15
    assert np.corrcoef(seen, planted)[0, 1] > 0.8
    assert np.mean(np.array(seen) - planted) == pytest.approx(0, abs=0.06)


def test_a_merged_organisation_is_its_successors_from_the_legal_date(england: Nation) -> None:
    series = england.series["new_complaints"]
    for step in england.trusts.successions:
        gone, heir = (series.organisations.index(code) for code in (step.predecessor, step.successor))
        before = np.array([end <= step.legal_date for _, end in series.periods])
        assert np.isfinite(series.numerator[gone, before]).all()
        assert np.isnan(series.numerator[gone, ~before]).all()
        assert np.isfinite(series.numerator[heir, ~before]).all()
    founded = series.organisations.index(england.trusts.organisations[-1].code)
    legal = england.trusts.organisations[-1].start
    assert all(np.isnan(series.numerator[founded, at]) == (end <= legal) for at, (_, end) in enumerate(series.periods))


def test_one_merger_keeps_a_code_and_one_founds_a_new_one(england: Nation) -> None:
    successors = [step.successor for step in england.trusts.successions]
    assert any(code in england.trusts.units for code in successors)
    assert any(code not in england.trusts.units for code in successors)


def test_single_incidents_are_of_the_last_months_and_reported_after_they_happened(england: Nation) -> None:
    events = england.incidents
    assert date.fromordinal(int(events.submitted.min())) == date(2025, 1, 1)
    assert (events.happened <= events.submitted).all()
    assert np.mean(events.submitted - events.happened) == pytest.approx(8, rel=0.15)
    assert len(events.submitted) < 35_000
    assert {1, 2, 3, 4, 5} == set(events.harm.tolist())


def test_events_go_on_where_weekly_figures_end(england: Nation) -> None:
    # as many no- and low-harm incidents a day in the last months as in the year before them
    events, series = england.incidents, england.series["low_harm_reports"]
    rows = [series.organisations.index(code) for code in events.organisations]
    low = ((events.kind == 1) & (events.harm > 3)).sum() / (date(2025, 3, 31) - date(2025, 1, 1)).days
    weeks = [
        at for at, (start, end) in enumerate(series.periods) if date(2024, 1, 1) <= start and end < date(2025, 1, 1)
    ]
    assert low == pytest.approx(series.numerator[np.ix_(rows, weeks)].sum() / len(weeks) / 7, rel=0.12)
    later = [at for at, (start, _) in enumerate(series.periods) if start >= date(2025, 1, 1)]
    assert (series.numerator[np.ix_(rows, later)] == 0).all()


@pytest.mark.parametrize(("organisations", "years"), [(1, 1), (12, 2), (30, 3), (220, 4)])
def test_small_and_short_nations_are_nations_too(organisations: int, years: int) -> None:
    made = nation(3, organisations, years)
    assert made.begin < made.live_from < made.live_until
    assert made.silent_from > made.live_from
    assert all(made.live_from < change.onset < made.live_until for change in made.planted)
    assert made.live_until - made.live_from <= timedelta(days=731)
