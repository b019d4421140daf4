"""New columns of scores over old ones: nobody is doubted of whom nothing is said."""

from dataclasses import replace

import numpy as np

from monitor.patching import DOUBTED, patched, without_doubt
from tests.store.factories import scores


def test_whoever_is_new_in_a_row_is_believed_until_it_is_said_otherwise() -> None:
    old = scores(1)
    arrays = {**old.arrays, "numerator": np.array([3.0, 4.0])}
    old = replace(old, arrays=arrays)
    news = {name: array[:1] for name, array in arrays.items()}
    new = replace(old, organisations=("RCC",), arrays={**news, DOUBTED: np.array([1.0])})
    together = patched(old, new)
    assert together.organisations == ("RAA", "RBB", "RCC")
    assert together.arrays[DOUBTED].tolist() == [0.0, 0.0, 1.0]
    assert DOUBTED not in patched(old, replace(new, arrays={**news, DOUBTED: np.zeros(1)})).arrays


def test_a_row_in_which_all_are_believed_says_nothing_of_it() -> None:
    assert without_doubt({DOUBTED: np.zeros(2), "z": np.ones(2)}).keys() == {"z"}
    assert without_doubt({DOUBTED: np.array([0.0, -1.0])}).keys() == {DOUBTED}
