"""The demo through a real Airflow lives the same history as the one without."""

import json
from pathlib import Path

import pytest

from monitor.evaluation.airflow_demo import beside
from monitor.evaluation.demo import demo

SMALL = {"seed": 3, "organisations": 40, "years": 4}


@pytest.mark.soak
def test_the_scorecard_and_the_cases_are_those_of_the_demo_without_airflow(tmp_path: Path) -> None:
    def stage(title: str, steps: int | None) -> object:
        return lambda done: None

    demo(tmp_path / "plain", **SMALL, stage=stage)  # type: ignore[arg-type]
    with beside(tmp_path / "airflow") as (address, carried):
        demo(tmp_path / "airflow", **SMALL, stage=stage, carried=carried)  # type: ignore[arg-type]
    for name in ("scorecard.json", "cases.json", "truth.json"):
        plain, through = (json.loads((tmp_path / which / name).read_text()) for which in ("plain", "airflow"))
        assert through == plain, name
    assert address.startswith("http://127.0.0.1:")
