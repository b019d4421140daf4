import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.evaluation.benchmark_detection import OF_CASES
from monitor.evaluation.detection.budgeted import chance_cases, found_within, trained
from monitor.evaluation.detection.cases import Job, follow
from monitor.evaluation.detection.changes import Changes
from monitor.evaluation.detection.family_k import (
    COMPLAINTS,
    FEEDS,
    INCIDENTS,
    PULSE,
    SICKNESS,
    SURVEY,
    WEEKS,
    Feed,
    Nation,
    figures,
    innovations,
    nation,
)
from tests.conftest import ROOT


def worsened(onset: int, effect: float, ramp: int = 0) -> Nation:
    """One organisation that worsens in every family."""
    return Nation(Changes(np.array([onset]), np.array([effect]), np.array([ramp])), np.ones((1, 4), dtype=bool))


def test_feeds_end_where_they_are_published() -> None:
    assert [feed.closes().size for feed in FEEDS["local"]] == [WEEKS, 96, 96, 24, 8]
    assert [feed.closes().size for feed in FEEDS["official"]] == [32, 96, 8, 24, 8]
    assert PULSE.closes()[:3].round(1).tolist() == [4.3, 17.3, 30.3]
    assert SURVEY.closes()[0] == pytest.approx(11 * 52 / 12)


def test_a_step_moves_a_period_by_the_part_of_it_that_lies_after_the_onset() -> None:
    shift = worsened(265, 0.25).shift(SICKNESS)[:, 0] / np.log(1.25)
    period = int(265 // (52 / 12))
    end = (period + 1) * 52 / 12
    assert shift[period] == pytest.approx((end - 265) / (52 / 12))
    assert (shift[period - 1], shift[period + 1]) == (0.0, 1.0)


def test_a_ramp_is_half_way_in_its_middle() -> None:
    shift = worsened(260, 0.25, ramp=40).shift(INCIDENTS)[:, 0] / np.log(1.25)
    assert shift[279:281] == pytest.approx([19.5 / 40, 20.5 / 40])
    assert shift[-1] == 1.0


def test_innovations_of_what_remembers_show_the_whole_change_once() -> None:
    rng = np.random.default_rng(1)
    z = innovations(rng, replace(SICKNESS, sd=1e-3), worsened(260, 0.1))[:, 0] * 1e-3
    assert z[60] == pytest.approx(np.log(1.1), abs=0.01)
    assert z[80] == pytest.approx((1 - SICKNESS.memory) * np.log(1.1), abs=0.01)


@pytest.mark.parametrize("feed", [feed for feeds in FEEDS.values() for feed in feeds], ids=lambda feed: feed.key)
def test_figures_have_the_noise_of_their_feed(feed: Feed) -> None:
    numerator, denominator = figures(np.random.default_rng(2), feed, nation(np.random.default_rng(3), 400, 0.0))
    spread = feed.sd / np.sqrt(1.0 - feed.memory**2)
    if feed.kind == "count":  # on the log scale, at the usual size
        means = numerator.mean(axis=0)
        seen = np.sqrt((numerator.var(axis=0, ddof=1) / means).mean() / feed.mean)
    else:
        reading = numerator / denominator / 7.0 if feed.kind == "score" else np.log(numerator / denominator)
        seen = np.sqrt(reading.var(axis=0, ddof=1).mean())
    assert seen == pytest.approx(spread, rel=0.08)


def test_what_feeds_share_correlates_them_by_a_fifth_and_has_heavy_tails() -> None:
    rng = np.random.default_rng(5)
    healthy = nation(rng, 2_000, 0.0)
    shared = rng.standard_normal((WEEKS, 2_000))
    sickness, complaints = (innovations(rng, feed, healthy, shared) for feed in (SICKNESS, COMPLAINTS))
    assert np.corrcoef(sickness.ravel(), complaints.ravel())[0, 1] == pytest.approx(0.2 * 0.9, abs=0.03)
    assert sickness.std() == pytest.approx(1.0, abs=0.02)
    assert (np.abs(sickness) > 4.0).mean() > 10 * 6e-5  # of normal ones 6e-5 are


def test_every_worsening_organisation_moves_in_a_family_and_in_the_sixth_year() -> None:
    drawn = nation(np.random.default_rng(3), 500, 0.2)
    worsens = drawn.changes.onset >= 0
    assert worsens.sum() == 100
    assert drawn.moves[worsens].any(axis=1).all()
    assert not drawn.moves[~worsens].any()
    assert (drawn.changes.onset[worsens] // 52 == 5).all()


def test_chance_counts_starts_after_a_quiet_quarter() -> None:
    cases = np.zeros((260, 220), dtype=bool)
    cases[[20, 25, 60], 0] = True  # the second follows the first too closely to be a start
    months = (260 - 13) / (52 / 12)
    assert chance_cases(cases).value == pytest.approx(2 / months)


def test_a_trained_threshold_gives_one_chance_case_a_month() -> None:
    answers = np.random.default_rng(4).random((260, 220))
    assert chance_cases(answers <= trained(answers)).value == pytest.approx(1.0, abs=0.05)


def test_found_is_a_case_open_in_the_weeks_from_the_onset() -> None:
    cases = np.zeros((104, 3), dtype=bool)
    cases[9, 0] = cases[10, 1] = cases[36, 2] = True
    found = found_within(cases, np.array([10, 10, 10]), 26)
    assert found.value == pytest.approx(1 / 3)


@pytest.mark.parametrize("way", ["innovations", "figures"])
def test_a_nation_that_worsens_has_more_cases_than_one_that_does_not(way: str) -> None:
    worse, null = (follow(Job(way, "local", 5, 40, is_null)) for is_null in (False, True))
    late = worse.opens_from["case rule"][52:] <= 0.007
    assert late.any(axis=0).mean() > 0.35
    assert chance_cases(null.opens_from["case rule"] <= 0.007).value < 4.0
    fused, case = null.opens_from["fused alone"], null.opens_from["case rule"]
    assert (case[np.isfinite(case)] <= fused[np.isfinite(case)]).all()


def test_cases_leave_figures_tables_a_plot_and_goals(tmp_path: Path) -> None:
    options = ["--family", "cases", "--seeds", "1", "--train-seeds", "2", "--organisations", "20"]
    result = CliRunner().invoke(app, ["bench", "detection", *options, "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    document = json.loads((tmp_path / "detection.json").read_text(encoding="utf-8"))
    schema = json.loads((ROOT / "monitor/schemas/detection_cases.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    assert sorted(goal["name"] for goal in document["goals"]) == sorted(OF_CASES)
    assert (tmp_path / "cases_by_week.svg").read_bytes().startswith(b"<?xml")
    assert "share with a case by weeks from the onset" in (tmp_path / "detection.txt").read_text(encoding="utf-8")
