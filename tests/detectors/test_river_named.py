import numpy as np
import pytest

from monitor.detectors import fold
from monitor.detectors.contract import Values
from monitor.detectors.river_named import deviate, named
from monitor.detectors.state import decode_state, encode_state
from monitor.errors import BadRequest
from tests.detectors.blocks import fold_all, periods

NAMES = (
    "river:StandardAbsoluteDeviation", "river:HalfSpaceTrees", "river:OneClassSVM", "river:LocalOutlierFactor",
    "river:PredictiveAnomalyDetection", "river:ADWIN", "river:KSWIN", "river:PageHinkley",
)  # fmt: skip
every = pytest.mark.parametrize("name", NAMES)
MONTHS = 40


def months(figures: np.ndarray) -> list[Values]:
    """Bare values, shape (periods, series), by month."""
    return [Values(at, 20 + at / 12, row, np.full(row.size, np.nan)) for at, row in enumerate(figures)]


def deviates(name: str, figures: np.ndarray) -> np.ndarray:
    series = figures.shape[1]
    groups, sign = np.zeros(series, dtype=np.int64), np.ones(series)
    _, steps = fold_all(named(name), fold.start(named(name), series, 12), months(figures), groups, sign)
    return np.array([step.scored.z for step in steps])


@every
def test_what_no_figure_moves_is_never_surprising_and_gaps_stay_gaps(name: str) -> None:
    figures = np.full((MONTHS, 3), 7.0)
    figures[:, 1] = 0.0
    figures[20:25, 2] = np.nan
    z = deviates(name, figures)
    assert np.nanmax(np.abs(z)) == 0
    assert np.isnan(z[20:25, 2]).all()
    assert np.isfinite(z[30:]).all()


@every
def test_a_fold_in_pieces_equals_a_fold_at_once(name: str) -> None:
    values, groups, sign = periods(2, 30, per_year=12, seed=3), np.zeros(2, dtype=np.int64), np.ones(2)
    detector = named(name)
    whole, steps = fold_all(detector, fold.start(detector, 2, 12), values, groups, sign)
    half, _ = fold_all(detector, fold.start(detector, 2, 12), values[:20], groups, sign)
    rest, after = fold_all(detector, decode_state(encode_state(half)), values[20:], groups, sign)
    assert np.array_equal(steps[-1].scored.z, after[-1].scored.z, equal_nan=True)
    assert all(np.array_equal(whole[key], rest[key], equal_nan=True) for key in whole)


@pytest.mark.parametrize("name", [NAMES[0], NAMES[1], NAMES[3]])  # a linear one-class machine sees one side only
def test_what_lies_far_from_all_before_it_is_surprising_and_has_its_direction(name: str) -> None:
    figures = np.random.default_rng(1).normal(100, 10, (MONTHS, 2))
    figures[-1] = 150, 50
    last = deviates(name, figures)[-1]
    assert np.sign(last).tolist() == [1, -1]
    assert np.abs(last).max() > 1.2


@pytest.mark.parametrize("name", ["river:ADWIN", "river:KSWIN"])
def test_a_drift_detector_speaks_when_figures_have_shifted(name: str) -> None:
    figures = np.random.default_rng(2).normal(100, 5, (60, 5))
    figures[45:] += 40
    z = deviates(name, figures)
    assert (np.nanmax(z[45:], axis=0) > 1).mean() >= 0.6
    assert (np.nan_to_num(z[20:45]) == 0).mean() > 0.9


def test_a_model_has_its_name_and_rivers_release_in_its_version() -> None:
    versions = {f"{named(name).name}/{named(name).version}" for name in NAMES}
    assert len(versions) == len(NAMES)
    assert all(version.startswith("river:") for version in versions)


@pytest.mark.parametrize("name", ["river:Nothing", "river:ThresholdFilter", "river:base", "ADWIN", "river:NoDrift"])
def test_a_name_that_river_has_not_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match="no detector of this name"):
        named(name)


def test_scores_are_ranked_among_those_of_their_own_past() -> None:
    before = np.arange(39.0)
    assert deviate(before, 100.0) > deviate(before, 30.0) > deviate(before, 3.0) > deviate(before, -1.0) == 0
