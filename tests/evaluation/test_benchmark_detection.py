from pathlib import Path

import pytest

from monitor.evaluation.benchmark_detection import OF_A, OF_B, OF_CASES, OF_SPEED, measures
from monitor.evaluation.detection.trials import Size

SMALL = Size(replicates=1, organisations=40, cases=20)  # fewer have no fall of reports that comes at once


@pytest.mark.parametrize("names", [OF_A, OF_B], ids=["A", "B"])  # of cases: detection/test_cases.py
def test_a_measurement_gives_the_figures_that_it_promises(names: tuple[str, ...], tmp_path: Path) -> None:
    found = list(measures([1], [2], SMALL)[names](tmp_path))
    assert sorted(each.name for each in found) == sorted(names)
    assert all(each.value == each.value for each in found)  # none is NaN


def test_speed_and_cases_have_their_measurement() -> None:
    assert {OF_SPEED, OF_CASES} <= set(measures([1], [2], SMALL))
