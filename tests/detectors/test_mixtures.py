import numpy as np

from monitor.detectors.mixtures import COMPARED_MONTHS, FEWEST_MONTHS, mixtures, rank

MONTHS, ORGANISATIONS, SERIES = 36, 60, 12


def ordinary(seed: int = 1) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return list(rng.standard_normal((MONTHS, ORGANISATIONS, SERIES)))


def test_a_mixture_unlike_all_others_ranks_above_them_though_no_score_alone_is_a_signal() -> None:
    months = ordinary()
    months[-1][7] = [2.2, -2.2] * (SERIES // 2)
    assert rank(mixtures(months))[7] > 0.995


def test_each_month_is_looked_at_before_it_is_learnt() -> None:
    months = ordinary()
    whole, cut = mixtures(months), mixtures(months[:-1])
    assert np.array_equal(whole[:-1], cut, equal_nan=True)


def test_nothing_is_said_until_the_trees_are_full() -> None:
    found = mixtures(ordinary())
    assert np.isnan(found[:FEWEST_MONTHS]).all()
    assert np.isfinite(found[FEWEST_MONTHS:]).all()


def test_the_same_scores_give_the_same_hints_whatever_is_missing_in_them() -> None:
    months = ordinary()
    months[-1][3] = np.nan
    once, again = mixtures(months), mixtures(months)
    assert np.array_equal(once, again, equal_nan=True)
    assert np.isfinite(once[-1]).all()


def test_ranks_are_among_the_scores_of_the_year_before() -> None:
    older, year = np.full((5, 4), 9.0), np.zeros((COMPARED_MONTHS, 4))
    last = np.array([[1.0, -1.0, np.nan, 0.0]])
    ranked = rank(np.vstack([older, year, last]))
    assert ranked[0] == 1.0
    assert ranked[1] == ranked[3] == 0.0
    assert np.isnan(ranked[2])


def test_where_nothing_was_scored_there_is_no_hint() -> None:
    assert mixtures([]).size == 0
    assert np.isnan(rank(mixtures(ordinary()[:2]))).all()
