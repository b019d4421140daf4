"""`monitor backtest` as a person types it: a home relived, files relived, worsenings planted."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.evaluation.panels.panels import drawn, write
from tests.factories import month

from .conftest import Ask, Run
from .test_schemas import assert_keeps

HEADER = "source,organisation,indicator,start,end,key,revision,published,numerator,denominator,value,respondents"
TRUSTS = [f"RA{number}" for number in range(12)]
WORSE, ONSET, MONTHS = "RA3", 34, 44
EVENTS = f"organisation,date,kind,note\n{WORSE},2023-08-01,inspection,inadequate\nRA7,2023-06-01,inquiry,\n"


def rows() -> Iterator[str]:
    """Complaints by month from 2020 on; `WORSE` has three times as many from its onset on."""
    rng = np.random.default_rng(5)
    for number in range(MONTHS):
        start, end = month(number)
        for code in TRUSTS:
            count = rng.poisson(120 if code == WORSE and number >= ONSET else 40)
            yield f"local,{code},new_complaints,{start},{end},,,{end},{count},1000,,"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A registry, an extract, and events."""
    both = [{"code": code, "name": f"Trust {code}", "type": "acute", "region": "London"} for code in TRUSTS]
    written = {
        "organisations.json": json.dumps({"organisations": both}),
        "complaints.csv": "\n".join([HEADER, *rows()]) + "\n",
        "events.csv": EVENTS,
    }
    for name, text in written.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return {Path(name).stem: str(tmp_path / name) for name in written}


@pytest.fixture
def published(run: Run, files: dict[str, str]) -> None:
    """A home in which everything was published, taken in and settled on one day."""
    run("organisations", "load", files["organisations"])
    run("publish", "complaints", files["complaints"])
    run("worker", "--until-idle")
    run("settle", "complaints")


@pytest.mark.usefixtures("published")
def test_a_home_is_relived_and_held_against_events(ask: Ask, home: Path, files: dict[str, str], tmp_path: Path) -> None:
    before = hashlib.sha256((home / "monitor.sqlite").read_bytes()).hexdigest()
    answer = ask("backtest", files["events"], "--output", str(tmp_path / "out"))
    assert hashlib.sha256((home / "monitor.sqlite").read_bytes()).hexdigest() == before
    assert_keeps("backtest", answer)
    judged = {one["organisation"]: one for one in answer["events"]["judged"]}
    assert judged[WORSE]["case_days_before"] is not None
    assert (date(2023, 8, 1) - month(ONSET)[1]).days - 62 < judged[WORSE]["case_days_before"] < 273
    assert judged["RA7"]["case_days_before"] is None
    assert len(judged["RA7"]["controls"]) == 5
    assert answer["findings"][2]["events"]["value"] == 0.5
    assert answer["history"]["known"] == {"stated": 12 * MONTHS, "landed": 0, "due": 0, "revised": 0}
    assert json.loads((tmp_path / "out" / "backtest.json").read_text()) == answer
    text = (tmp_path / "out" / "backtest.txt").read_text(encoding="utf-8")
    assert all(guard in text for guard in answer["guards"])
    assert "months from the event" in (tmp_path / "out" / "lead.svg").read_text(encoding="utf-8")
    assert "share with one by then, by months from the event" in text


def test_published_files_are_relived_like_a_home(ask: Ask, home: Path, files: dict[str, str], tmp_path: Path) -> None:
    answer = ask(
        *("backtest", files["events"], "--organisations", files["organisations"], "--output", str(tmp_path / "out")),
        *("--published", f"complaints={files['complaints']}"),
    )
    assert_keeps("backtest", answer)
    assert answer["events"]["judged"][0]["case_days_before"] is not None
    assert answer["history"]["known"]["stated"] == 12 * MONTHS
    assert not home.exists()


@pytest.mark.usefixtures("published")
def test_another_end_and_another_budget_can_be_tried(run: Run, files: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text(f"organisation,date\n{WORSE},2022-12-01\nRA0,2020-06-01\n", encoding="utf-8")
    result = run(
        *("backtest", str(tmp_path / "one.csv"), "--budget", "3", "--until", "2022-12-31"),
        *("--output", str(tmp_path / "out")),
    )
    assert "fixed budget: 3 chance cases a month" in result.stdout
    assert "line 3: RA0 is left out: nothing of it had been scored by 2019-06-02" in result.stderr
    assert json.loads((tmp_path / "out" / "backtest.json").read_text())["history"]["until"] == "2022-12-31"


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("organisation,date\nRQQ,2022-01-01\n", "events.csv line 2: no organisation of this code is known"),
        ("organisation,date\nRA3,2031-01-01\n", "events.csv line 2: 2031-01-01 is outside of the history"),
        ("organisation,date\n", "events.csv: no events under the header"),
        ("", "events.csv: no column organisation"),
    ],
)
def test_events_that_cannot_be_end_with_two(text: str, why: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(text, encoding="utf-8")
    assert why in run("backtest", str(path), "--output", str(tmp_path / "out"), expect=2).stderr
    assert not (tmp_path / "out").exists()


def test_a_damaged_home_is_named_with_its_remedy(run: Run, home: Path, files: dict[str, str]) -> None:
    home.mkdir()
    (home / "monitor.sqlite").write_bytes(b"no database" * 500)
    told = run("backtest", files["events"], expect=2).stderr
    assert f"{home / 'monitor.sqlite'} cannot be used as the database" in told
    assert "restore it from the backup" in told


def test_what_cannot_be_meant_ends_with_two(run: Run, files: dict[str, str], tmp_path: Path) -> None:
    events, panel = files["events"], str(write(tmp_path / "panel.csv", drawn(8, 24)))
    assert "name a CSV file of events, or --inject" in run("backtest", expect=2).stderr
    assert "and not both" in run("backtest", events, "--inject", panel, expect=2).stderr
    assert "nothing has been published here" in run("backtest", events, expect=2).stderr
    assert (
        "goes with --published" in run("backtest", events, "--organisations", files["organisations"], expect=2).stderr
    )
    assert "write FEED=FILE" in run("backtest", events, "--published", "complaints=none.csv", expect=2).stderr
    assert "go with --feed" in run("backtest", "--inject", panel, "--indicator", "x", expect=2).stderr
    assert "needs 2 more before it" in run("backtest", "--inject", panel, expect=2).stderr
    run("backtest", "nowhere.csv", expect=2)
    run("backtest", events, "--budget", "0", expect=2)
    run("backtest", "--inject", files["events"], "--feed", "complaints", expect=3)


def test_worsenings_are_planted_in_a_panel_and_publications(ask: Ask, files: dict[str, str], tmp_path: Path) -> None:
    panel = str(write(tmp_path / "panel.csv", drawn(16, 84)))
    answer = ask("backtest", "--inject", panel, "--kind", "count", "--seeds", "2", "--output", str(tmp_path / "out"))
    assert_keeps("backtest", answer)
    assert (answer["material"]["series"], answer["seeds"]) == (16, [1, 2])
    assert (tmp_path / "out" / "found_2016-12.svg").is_file()


def test_a_history_too_short_for_a_window_of_publications_is_refused(run: Run, files: dict[str, str]) -> None:
    result = run(
        *("backtest", "--inject", files["complaints"], "--feed", "complaints"),
        *("--organisations", files["organisations"]),
        expect=2,
    )
    assert "new_complaints: begins on 2020-01-01" in result.stderr
