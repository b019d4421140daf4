import json
import re
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import jsonschema
import numpy as np
import pytest

from monitor.errors import BadRequest
from monitor.evaluation.benchmark import MEASURES, Figure, bench
from monitor.evaluation.benchmark_airflow import HEADER, by_hand
from monitor.evaluation.benchmark_intake import intake
from monitor.evaluation.benchmark_outbox import outbox
from monitor.evaluation.benchmark_panels import panels
from monitor.evaluation.benchmark_replay import replayed, stored
from monitor.evaluation.benchmark_scoring import speed
from monitor.evaluation.decade import fill, nation, period, register
from monitor.evaluation.measured import Measured, service
from monitor.model import Kind, PeerGroup
from tests.conftest import ROOT

GOALS = {
    "embedded_observations_per_second": {"at_least": 8_000},
    "scoring_series_periods_per_second": {"at_least": 250_000},
    "panel_rows_per_second": {"at_least": 100_000},
    "panel_scoring_rows_per_second": {"at_least": 500_000},
    "replay_seconds": {"at_most": 300},
    "replay_peak_rss_bytes": {"at_most": 1_000_000_000},
    "publish_to_outbox_p99_seconds": {"at_most": 0.5},
    "write_lock_p99_seconds": {"at_most": 0.05},
}


def two(folder: Path) -> Iterator[Measured]:
    assert not list(folder.iterdir())
    yield Measured("speed", 2.0, "things/s", {"at_least": 1.0}, "at rest")
    yield Measured("size", 3.0, "bytes", None, "at rest")


def slow(folder: Path) -> Iterator[Measured]:
    yield Measured("wait", 4.0, "s", {"at_most": 0.5}, "in a queue")


STAND_INS = {("speed", "size"): two, ("wait",): slow}


def kept(path: Path) -> dict[str, dict[str, object]]:
    entries = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(entries, json.loads((ROOT / "monitor/schemas/bench.json").read_text(encoding="utf-8")))
    return {entry["name"]: entry for entry in entries}


def test_what_airflow_is_measured_by_is_as_warm_as_its_dag(tmp_path: Path) -> None:
    """Not the start of a process, its imports and a new database, which a run of the DAG has behind it."""
    file = tmp_path / "big.csv"
    file.write_text(f"{HEADER}\nlocal,R0001,sickness_rate,2025-01-01,500,10000\n")
    begun = perf_counter()
    seconds = by_hand(tmp_path, file)
    assert 0 < seconds < (perf_counter() - begun) / 2


def test_every_figure_is_kept_with_its_goal_and_its_conditions(tmp_path: Path) -> None:
    found = bench(tmp_path / "build" / "bench.json", measures=STAND_INS)
    assert [(figure.name, figure.verdict) for figure in found] == [
        ("speed", "met"), ("size", "no goal"), ("wait", "NOT MET"),
    ]  # fmt: skip
    entries = kept(tmp_path / "build" / "bench.json")
    assert list(entries) == ["speed", "size", "wait"]
    assert re.search(r"\d cores .* load .* s for 10,000,000 steps", str(entries["speed"]["conditions"]))
    assert str(entries["speed"]["conditions"]).endswith("at rest")


def test_one_figure_replaces_its_own_entry_alone(tmp_path: Path) -> None:
    output = tmp_path / "bench.json"
    before = [{"name": name, "value": 0.0, "unit": "", "goal": None, "conditions": ""} for name in ("size", "wait")]
    output.write_text(json.dumps(before))
    assert [figure.name for figure in bench(output, only="size", measures=STAND_INS)] == ["size"]
    assert {name: entry["value"] for name, entry in kept(output).items()} == {"size": 3.0, "wait": 0.0}


def test_a_figure_that_nobody_measures_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"figure weight: .* speed, size, wait"):
        bench(tmp_path / "bench.json", only="weight", measures=STAND_INS)


def test_every_promised_figure_is_measured() -> None:
    assert set(GOALS) <= {name for names in MEASURES for name in names}


def test_a_goal_is_met_from_its_bound_on() -> None:
    verdicts = [Figure("x", value, "s", {"at_most": 0.5}, "").verdict for value in (0.5, 0.51)]
    assert verdicts == ["met", "NOT MET"]


def test_the_nation_is_the_same_each_time_and_uneven_as_the_real_one() -> None:
    one, other = (nation(organisations=40, weeks=3, feeds=4) for _ in range(2))
    assert [len(feed.indicators) for feed in one.feeds] == [5, 5, 5, 5]
    assert {drawn.indicator.kind for drawn in one.figures.values()} == set(Kind)
    groups = [organisation.peer_group for organisation in one.organisations]
    assert [groups.count(group) for group in PeerGroup] == [24, 8, 6, 2]
    for key, drawn in one.figures.items():
        np.testing.assert_array_equal(drawn.numerator, other.figures[key].numerator)
        assert (drawn.numerator >= 0).all()


def test_a_replay_of_a_filled_store_settles_every_week_and_comes_to_cases(tmp_path: Path) -> None:
    weeks = 34
    stored(tmp_path / "home", 40, weeks)
    took = replayed(tmp_path / "home")
    assert took.cases > 0
    assert took.peak_rss_bytes > 10_000_000
    with service(tmp_path / "home") as one:
        spans = [span for feed in one.bus.feeds() for span in one.store.settled(feed).values()]
    assert len(spans) == 20 * len(PeerGroup)
    assert {last - first + 1 for first, last in spans} == {weeks}


def test_a_history_that_is_not_live_waits_for_its_settling(tmp_path: Path) -> None:
    made = nation(organisations=20, weeks=2, feeds=1)
    with service(tmp_path / "home") as one:
        register(one, made)
        fill(one, made, 2, live=False)
        (feed,) = one.bus.feeds()
        assert one.store.settled(feed) == {}
        assert one.store.newest(feed) == period(1)[0]


def test_each_measured_week_opens_a_case(tmp_path: Path) -> None:
    p99, median, lock = outbox(tmp_path, organisations=24, history=40, repeats=2)
    assert (p99.goal, lock.goal) == (GOALS[p99.name], GOALS[lock.name])
    assert 0 < median.value <= p99.value
    assert 0 < lock.value < p99.value


def test_what_one_process_publishes_another_stores(tmp_path: Path) -> None:
    (speed,) = intake(tmp_path, organisations=20, weeks=4)
    assert speed.goal == GOALS[speed.name]
    assert 0 < speed.value < 1e6
    found = re.search(r"publishing took (.*) s, the (.*) turns of the worker (.*) s$", speed.conditions)
    assert found is not None
    assert all(float(number) > 0 for number in found.groups())


def test_a_panel_is_scored_from_file_to_file(tmp_path: Path) -> None:
    command, step = panels(tmp_path, series=20, weeks=60, runs=1)
    assert (command.goal, step.goal) == (GOALS[command.name], GOALS[step.name])
    assert 0 < command.value < step.value
    assert len((tmp_path / "scores.csv").read_text().splitlines()) == 1 + 20 * 60


def test_a_speed_is_of_series_that_are_scored() -> None:
    drawn = next(iter(nation(organisations=32, weeks=156, feeds=1).figures.values()))
    assert speed(drawn) > 0
