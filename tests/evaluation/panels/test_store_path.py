"""One panel by the command and by the worker: published, settled and read from the store, to the same scores."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from monitor.calendars import calendar
from monitor.catalogue import INDICATORS
from monitor.evaluation.panels.asked import Worse
from monitor.model import Advance, Contribution, Message, Observation
from monitor.store.registry import load_organisations
from tests.evaluation.panels.panels import column, day, drawn, scores, write
from tests.factories import feed, organisations
from tests.laws.world import scores as stored
from tests.laws.world import world

MONTHS, LAST = calendar("monthly"), 40
LOADED = datetime(2013, 6, 1, 9, tzinfo=UTC)
WORSE = {"new_complaints": "higher", "sickness_rate": "higher", "harm_share": "higher", "engagement_score": "lower"}


def panel(indicator: str) -> list[dict[str, object]]:
    """Draw fourteen organisations of one region, of whom some months are missing; a count has no missing month."""
    kind, rng = INDICATORS[indicator].kind, np.random.default_rng(4)
    rows = drawn(14, LAST, kind=kind, seed=8)
    codes = {f"s{place}": one.code for place, one in enumerate(organisations(14))}
    named = [{**row, "series": codes[row["series"]], "peer_group": "acute", "region": "London"} for row in rows]
    for row in named if kind == "score" else ():
        row["numerator"] = round(row["numerator"], 3)  # as published; the store keeps sums to six decimals
    return named if kind == "count" else [row for row in named if rng.random() > 0.05]


def word(indicator: str, row: dict[str, object]) -> Observation:
    number = MONTHS.number(date.fromisoformat(str(row["period"])))
    top, below = float(str(row["numerator"])), float(str(row["denominator"]))
    top = top * below if INDICATORS[indicator].kind == "score" else top
    part = Contribution(str(row["series"]), indicator, MONTHS.period(number), top, below)
    return Observation("panel", "local", f"{row['series']}-{number}", (0, LOADED), None, (part,), "run/panel/1")


@pytest.mark.parametrize("indicator", WORSE)
def test_a_panel_through_the_store_has_the_scores_that_the_command_writes(tmp_path: Path, indicator: str) -> None:
    rows, kind = panel(indicator), INDICATORS[indicator].kind
    columns = ("series", "peer_group", "region", "period", "numerator", "denominator")
    written = scores(write(tmp_path / "panel.csv", rows, columns), kind=kind, worse=Worse(WORSE[indicator]))
    with world() as one:
        load_organisations(one.service.engine, organisations(14), [], by="tests", at=LOADED)
        whole = Advance("panel", "local", day(0), day(LAST), None)
        said: list[Message] = [feed("panel", indicators=(indicator,)), *(word(indicator, row) for row in rows), whole]
        one.publish({"panel": said})
        one.work(LOADED + timedelta(days=60), settles=True)
        found = {
            (code, number): values for (_, number), held in stored(one.service).items() for code, values in held.items()
        }
    held = [found[str(row["series"]), MONTHS.number(date.fromisoformat(str(row["period"])))] for row in rows]
    unit = np.array([1.0 if kind == "score" else float(str(row["denominator"])) for row in rows])

    def of(name: str) -> np.ndarray:
        return np.array([values[name] for values in held])

    assert np.isfinite(of("z")).sum() > 14 * 20
    for name in ("expected", "low", "high"):
        np.testing.assert_allclose(column(written, name), of(name) * unit, rtol=1e-9)
    np.testing.assert_allclose(column(written, "score"), of("z"), rtol=1e-9, atol=1e-9)
    for name, tail in (("evidence", "worse"), ("sudden", "sudden"), ("slow", "slow")):
        np.testing.assert_allclose(column(written, name), -np.log10(np.nan_to_num(of(tail), nan=1.0)), atol=1e-9)
    assert [row["latched"] == "true" for row in written] == (of("latched") == 1.0).tolist()
