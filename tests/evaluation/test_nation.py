from datetime import date, timedelta

import numpy as np
import pytest

from monitor.calendars import calendar
from monitor.catalogue import INDICATORS
from monitor.evaluation.circumstances import Kind
from monitor.evaluation.drawing import ALWAYS_SENT, lumped
from monitor.evaluation.figures import Series
from monitor.evaluation.nation import Nation, nation
from monitor.evaluation.weather import EARLIER
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
    changed = {change.organisation for change in (*of.planted, *of.bright)}
    changed |= {one.organisation for one in of.befell}
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
    # detection.md §3, family K: .365 on the log scale at the median organisation, white in one half (§6: not the other)
    series = england.series["low_harm_reports"]
    rows = [row for row in healthy(england) if 0.8 < england.trusts.sizes[row] < 1.25]
    means = series.numerator[rows].mean(axis=1)
    rates = without_the_common(np.log((series.numerator[rows] + 0.5) / series.denominator[rows]))
    expected = 0.365 * np.sqrt(14 / means)
    assert np.mean(rates.std(axis=1) / expected) == pytest.approx(1, abs=0.12)
    lag_one = np.sort([np.corrcoef(row[1:], row[:-1])[0, 1] for row in rates])
    assert abs(lag_one[: len(lag_one) // 2].mean()) < 0.1
    assert lag_one[len(lag_one) // 2 :].mean() > 0.2


def test_sickness_remembers_and_its_innovations_are_small(england: Nation) -> None:
    # domain.md §2: AR(1) .68-.69, innovation sd .053
    series = england.series["sickness_rate"]
    quiet = np.array([end < england.shock_from - EARLIER for _, end in series.periods])
    rates = without_the_common(level(series)[healthy(england)][:, quiet])
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


def around(series: Series, day: date, days: int = 31) -> np.ndarray:
    """Say which periods have their middle within so many days of a day."""
    middles = np.array([(start.toordinal() + end.toordinal()) / 2 for start, end in series.periods])
    return np.asarray(np.abs(middles - day.toordinal()) < days)


def test_the_shock_is_national_and_triples_the_spread_between_peers(england: Nation) -> None:
    series = england.series["sickness_rate"]
    peak = england.shock_from + timedelta(days=91)
    during, a_year_before = (around(series, day) for day in (peak, peak - timedelta(days=365)))
    rates = level(series)[healthy(england)]
    rise = rates[:, during].mean(axis=1) - rates[:, a_year_before].mean(axis=1)
    assert np.mean(rise > 0.1) > 0.8
    away = without_the_common(rates)
    assert away[:, during].std() / away[:, a_year_before].std() == pytest.approx(3, abs=0.8)


def test_the_shock_meets_one_region_before_the_others(england: Nation) -> None:
    series = england.series["sickness_rate"]
    regions = np.array([one.region for one in england.trusts.organisations])[healthy(england)]
    first = around(series, england.shock_from - timedelta(days=5), 20)
    rates = without_the_common(level(series)[healthy(england)])
    early = {region: np.median(rates[regions == region][:, first]) for region in set(regions.tolist())}
    assert max(early, key=lambda region: early[region]) == england.early_region


def test_what_befalls_others_is_of_every_kind_and_meets_nobody_twice(england: Nation) -> None:
    met = [one.organisation for one in england.befell]
    busy = {change.organisation for change in (*england.planted, *england.bright)}
    assert {one.kind for one in england.befell} == set(Kind)
    assert len(met) == len(set(met))
    assert not set(met) & (busy | england.trusts.merged() | {england.silent})
    controls = len(england.trusts.units) - len(busy)
    assert len(england.those(Kind.SHIFT)) == pytest.approx(0.05 * controls, abs=1)


@pytest.mark.parametrize("kind", [Kind.SHIFT, Kind.BREAK, Kind.CAMPAIGN, Kind.CHRONIC])
def test_what_befalls_an_organisation_is_in_its_figures(england: Nation, kind: Kind) -> None:
    seen, stated = [], []
    for one in england.those(kind):
        for key, way in one.moves:
            series = england.series[key]
            rates = level(series) - np.nanmedian(level(series), axis=0)
            row = rates[series.organisations.index(one.organisation)]
            until = one.until or england.live_until
            within = np.array([start >= one.since and end <= until for start, end in series.periods]) & np.isfinite(row)
            before = np.array([end <= one.since for _, end in series.periods]) & np.isfinite(row)
            if within.sum() >= 3:  # what was always so is held against the peers, everything else against before
                seen.append(row[within].mean() - (row[before].mean() if before.any() else 0.0))
                stated.append(way)
    assert len(seen) > 0
    assert np.mean(np.sign(seen) == stated) > 0.75


def test_batch_uploaders_report_a_month_at_a_time(england: Nation) -> None:
    series = england.series["low_harm_reports"]
    before = [at for at, (_, end) in enumerate(series.periods) if end <= england.incidents.begin]
    for one in england.those(Kind.BATCHES):
        weekly = series.numerator[series.organisations.index(one.organisation), before]
        by_place = [weekly[place::4].mean() for place in range(4)]
        assert max(by_place) > 5 * np.median(by_place)


def test_lumps_lose_no_report() -> None:
    weekly = np.arange(1.0, 13.0).reshape(1, 12)
    assert lumped(weekly).sum() == pytest.approx(weekly.sum())
    assert lumped(weekly)[0, 3] > lumped(weekly)[0, :3].sum()


def test_some_send_two_feeds_only(england: Nation) -> None:
    for one in england.those(Kind.TWO_FEEDS):
        row = england.trusts.units.index(one.organisation)
        sent = {key for key, series in england.series.items() if np.isfinite(series.numerator[row]).any()}
        assert sent == ALWAYS_SENT
        assert one.organisation not in england.incidents.organisations


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
    assert np.corrcoef(seen, planted)[0, 1] > 0.7
    assert np.mean(np.array(seen) - planted) == pytest.approx(0, abs=0.07)


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
