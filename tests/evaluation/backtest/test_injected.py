"""Worsenings planted in real series, and in drawn ones that look like them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from monitor.errors import BadRequest
from monitor.evaluation.backtest.benchmark import OTHERS, TRUSTS, others, trusts
from monitor.evaluation.backtest.injected import MATCHED, OURS, PEERS, evidence_of, inject
from monitor.evaluation.backtest.injection_report import laid
from monitor.evaluation.backtest.material import Material, of_panel, of_publications
from monitor.evaluation.backtest.planting import planted, window
from monitor.evaluation.panels.panel import checked
from monitor.evaluation.panels.scoring import scored
from monitor.evaluation.panels.table import read
from monitor.feeds.folder import feed
from monitor.feeds.readers.organisations import read_organisations
from monitor.model import Kind
from tests.conftest import ROOT
from tests.evaluation.panels.panels import DEFAULTS, drawn, write

ENDING = date(2017, 12, 31)


def material(tmp_path: Path, kind: Kind = Kind.RATE, *, months: int = 96, series: int = 30) -> Material:
    path = write(tmp_path / "panel.csv", drawn(series, months, kind=kind))
    return of_panel(replace(DEFAULTS, path=path, kind=kind))


@pytest.mark.parametrize("kind", list(Kind))
def test_evidence_is_what_the_panel_scorer_gives_for_the_same_file(kind: Kind, tmp_path: Path) -> None:
    path = write(tmp_path / "panel.csv", drawn(10, 30, kind=kind))
    asked = replace(DEFAULTS, path=path, kind=kind)
    panel = checked(read(path), asked)
    rows = scored(panel, asked)
    found = evidence_of(of_panel(asked))[panel.numbers - panel.first, panel.series]
    told = np.isfinite(rows.tail)
    np.testing.assert_allclose(found[told], -np.log10(rows.tail[told]), rtol=1e-9, atol=1e-9)
    assert (told == np.isfinite(found)).all()


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_planted_worsens_its_series_from_its_onset_and_nothing_else(kind: Kind, tmp_path: Path) -> None:
    plain = material(tmp_path, kind)
    trial = planted(plain, window(plain, ENDING), 3)
    rows, event = window(plain, ENDING).rows, trial.truth.event
    changed = trial.material.numerator != plain.numerator
    assert 2 <= trial.truth.has_event.sum() <= 15
    assert not changed[:, ~trial.truth.has_event].any()
    assert not changed[: rows.start].any()
    assert not (changed[rows] & ~event).any()
    gained = (trial.material.numerator / plain.numerator)[-12:, trial.truth.has_event].mean(axis=0)
    assert (gained > (1.01 if kind is Kind.SCORE else 1.05)).all()  # .15 to .6 points of 7
    assert (gained < 1.5).all()


def test_the_same_seed_plants_the_same_and_another_seed_other_ones(tmp_path: Path) -> None:
    plain = material(tmp_path)
    one, same, other = (planted(plain, window(plain, ENDING), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.material.numerator, same.material.numerator)
    assert (one.truth.event != other.truth.event).any()


def test_a_planted_series_is_followed_for_a_year_without_a_hole(tmp_path: Path) -> None:
    plain = material(tmp_path)
    numerator = plain.numerator.copy()
    numerator[70:, ::2] = np.nan
    holed = replace(plain, numerator=numerator)
    for seed in range(5):
        trial = planted(holed, window(holed, ENDING), seed)
        onset = window(holed, ENDING).rows.start + trial.truth.event.argmax(axis=0)
        assert (onset[trial.truth.has_event & (np.arange(30) % 2 == 0)] <= 58).all()


def test_methods_are_compared_at_exactly_the_same_rate_of_false_alarms(tmp_path: Path) -> None:
    plain = material(tmp_path)
    steps: list[int] = []
    found = inject(plain, [window(plain, ENDING)], (1, 2, 3), steps.append)
    at_one = [row for row in found.rows if (row.source, row.rate) == (MATCHED, 0.01)]
    quiet = next(iter(found.truths.values())).quiet.sum()
    assert {row.method for row in at_one} >= {OURS, PEERS, "xmr", "ears_c2"}
    assert all(0.01 - 3 / quiet <= row.outcome.fpr.value <= 0.01 for row in at_one if row.method in (OURS, PEERS))
    assert next(row for row in at_one if row.method == OURS).outcome.pod["12"].value > 0.5
    assert sum(steps) == 3


def test_every_plot_has_its_table_and_every_figure_its_error(tmp_path: Path) -> None:
    plain = material(tmp_path)
    told = laid(inject(plain, [window(plain, ENDING)], (1, 2)))
    titles = [table.title for table in told.tables]
    assert all(any(title.startswith(plot.title) for title in titles) for plot in told.plots)
    assert [goal["name"] for goal in told.document["goals"]] == ["G12.ahead_pod6"]
    assert all(figure["false_alarms"]["error"] is not None for figure in told.document["figures"])


@pytest.mark.parametrize(
    ("ending", "months", "why"),
    [
        (date(2009, 1, 1), 96, "is there from 2010-01-01 to 2017-12-01"),
        (date(2019, 1, 1), 96, "is there from 2010-01-01 to 2017-12-01"),
        (date(2014, 1, 1), 96, "needs 2 more before it"),
        (date(2013, 12, 1), 48, "needs 2 more before it"),
    ],
)
def test_a_window_needs_its_years(ending: date, months: int, why: str, tmp_path: Path) -> None:
    with pytest.raises(BadRequest) as refused:
        window(material(tmp_path, months=months, series=8), ending)
    assert why in str(refused.value)


def test_where_nothing_can_be_planted_it_is_said(tmp_path: Path) -> None:
    plain = material(tmp_path)
    silent = replace(plain, numerator=np.where(np.arange(96)[:, None] % 3 == 0, plain.numerator, np.nan))
    with pytest.raises(BadRequest, match="choose another --ending, or more --seeds"):
        inject(silent, [window(silent, ENDING)], (1,))


def test_published_sickness_reaches_its_goals_before_and_through_the_pandemic(real_data: Path, tmp_path: Path) -> None:
    found = {one.name: one for one in trusts(real_data, ROOT / "dags", tmp_path, seeds=range(1, 5))}
    assert tuple(found) == TRUSTS
    for one in found.values():
        assert one.goal is not None
        assert one.value >= one.goal["at_least"] - 0.05, one  # one standard error of four plantings


def test_bodies_that_are_no_trusts_have_their_figures_too(real_data: Path, tmp_path: Path) -> None:
    found = list(others(real_data, ROOT / "dags", tmp_path, seeds=[1]))
    assert tuple(one.name for one in found) == OTHERS
    assert all("1 plantings" in one.conditions for one in found)


def test_a_folder_without_the_published_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="no organisation_reference"):
        list(trusts(tmp_path, ROOT / "dags", tmp_path))


def test_the_official_workbook_is_read_by_its_own_reader(real_file: Callable[[str], Path]) -> None:
    registry = read_organisations(real_file("organisation_reference/dim_organisation_2024_25.csv").read_bytes())
    known = {one.code: one for one in registry.organisations}
    files = [real_file("sickness_absence_official_2013_2022/*.xlsx")]
    made = of_publications(feed("staff_sickness", ROOT / "dags"), None, files, known, date(2022, 7, 28))
    assert (made.name, made.kind, made.per_year, made.sign) == ("sickness_rate", Kind.RATE, 12, 1.0)
    assert made.numerator.shape[0] == 107
    assert len(set(made.groups.tolist())) == 4
    assert len(set(made.regions.tolist()) - {-1}) == 7
    assert None not in {known[code].peer_group for code in made.series}
