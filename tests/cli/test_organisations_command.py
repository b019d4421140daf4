"""Loading, adding and listing organisations."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Ask, Run
from .test_schemas import assert_keeps


def written(path: Path, document: object) -> str:
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_the_published_registries_load_with_their_counts(ask: Ask, real_file: Callable[[str], Path]) -> None:
    files = [str(real_file(f"organisation_reference/{name}")) for name in ("etr.csv", "dim_*.csv")]
    loaded = ask("organisations", "load", *files)
    assert [(one["layout"], one["organisations"]) for one in loaded] == [("etr", 218), ("dimension", 148)]
    listed = ask("organisations", "list")
    assert len(listed) == 218
    assert sum(one["type"] is not None for one in listed) == 148
    assert sum(one["start"] is not None for one in listed) == 218


def test_a_merger_shows_who_stands_there_now(ask: Ask, run: Run, tmp_path: Path) -> None:
    both = [{"code": code, "name": code, "type": "acute", "region": "London"} for code in ("R01", "R02")]
    merger = {"predecessor": "R01", "successor": "R02", "legal_date": "2024-04-01"}
    run("organisations", "load", written(tmp_path / "o.json", {"organisations": both, "successions": [merger]}))
    told = {one["code"]: (one["successor"], one["end"]) for one in ask("organisations", "list")}
    assert told == {"R01": ("R02", "2024-04-01"), "R02": (None, None)}


def test_adding_says_only_what_is_new(ask: Ask, run: Run) -> None:
    run("organisations", "add", "R01", "--type", "acute", "--region", "London")
    run("organisations", "add", "R02", "--type", "acute")
    told = run("organisations", "add", "R01", "--name", "One", "--end", "2025-04-01", "--successor", "R02").stderr
    assert "R01 is registered: it ends on 2025-04-01, and is part of R02 from then on" in told
    one, _ = ask("organisations", "list")
    assert (one["name"], one["type"], one["end"], one["successor"]) == ("One", "acute", "2025-04-01", "R02")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (("",), "'' is no ODS code; an ODS code has 3 letters or digits"),
        (("r01",), "'r01' is no ODS code; write R01"),
        (("R 01",), "'R 01' is no ODS code; write R01"),
        (("R010101",), "'R010101' is no ODS code; an ODS code has"),
        (("TRUST",), "'TRUST' is no ODS code; an ODS code has"),
        (("R01", "--successor", "R02"), "--successor needs --end"),
        (("R01", "--successor", "R01", "--end", "2025-04-01"), "--successor R01 is the organisation itself"),
        (("R01", "--successor", "r02", "--end", "2025-04-01"), "'r02' is no ODS code; write R02"),
        (("R01", "--successor", "R99", "--end", "2025-04-01"), "first: monitor organisations add R99"),
        (("R01", "--start", "2025-04-01", "--end", "2024-04-01"), "would end on 2024-04-01, no later than it starts"),
        (("R02", "--end", "2019-04-01"), "no later than it starts, 2020-04-01; correct --start or --end"),
    ],
)
def test_what_cannot_be_is_not_added(ask: Ask, run: Run, said: tuple[str, ...], why: str) -> None:
    run("organisations", "add", "R02", "--type", "acute", "--start", "2020-04-01")
    assert why in run("organisations", "add", *said, expect=2).stderr
    assert [one["code"] for one in ask("organisations", "list")] == ["R02"]


def test_who_has_no_peer_group_is_said_not_to_be_watched(run: Run) -> None:
    run("organisations", "add", "R02", "--type", "acute")
    assert "R01 has no peer group and is not watched" in run("organisations", "add", "R01").stderr
    sentence = "1 organisation has no peer group and is not watched: R01; monitor organisations add CODE --type"
    assert sentence in run("organisations", "list").stderr
    assert "2 registered; 1 organisation has no peer group" in run("doctor").stdout
    assert "not watched" not in run("organisations", "add", "R01", "--type", "community").stderr
    assert "not watched" not in run("organisations", "list").stderr
    assert "not watched" not in run("doctor").stdout


def test_a_file_that_is_no_registry_changes_nothing(ask: Ask, run: Run, tmp_path: Path) -> None:
    good = written(tmp_path / "good.json", {"organisations": [{"code": "R01", "name": "One"}]})
    bad = written(tmp_path / "bad.json", {"people": []})
    result = run("organisations", "load", good, bad, expect=3)
    assert "bad.json" in result.stderr
    assert ask("organisations", "list") == []


BOTH = [{"code": code, "name": code, "type": "acute"} for code in ("RA1", "RX9")]


def step(predecessor: str, successor: str, day: str = "2024-04-01") -> dict[str, str]:
    return {"predecessor": predecessor, "successor": successor, "legal_date": day}


def test_successions_that_lead_in_a_circle_are_refused_by_name(ask: Ask, run: Run, tmp_path: Path) -> None:
    circle = {"organisations": BOTH, "successions": [step("RA1", "RX9"), step("RX9", "RA1", "2025-04-01")]}
    told = run("organisations", "load", written(tmp_path / "o.json", circle), expect=3).stderr
    assert told == "monitor: o.json: successions lead in a circle, RA1 → RX9 → RA1; remove the wrong one\n"
    assert ask("organisations", "list") == []
    one, other = ({"organisations": BOTH, "successions": [each]} for each in circle["successions"])
    run("organisations", "load", written(tmp_path / "one.json", one))
    assert "in a circle" in run("organisations", "load", written(tmp_path / "two.json", other), expect=3).stderr
    said = ("RX9", "--end", "2025-04-01", "--successor", "RA1")
    assert "RA1 → RX9 → RA1; name another" in run("organisations", "add", *said, expect=2).stderr


def test_a_succession_of_nobody_is_refused_and_in_published_records_left_out(
    run: Run, ask: Ask, tmp_path: Path
) -> None:
    unknown = {"organisations": BOTH, "successions": [step("RA1", "RX9"), step("RA1", "RZZ")]}
    told = run("organisations", "load", written(tmp_path / "o.json", unknown), expect=3).stderr
    assert told.startswith("monitor: o.json: succession 2 names a code that nobody has registered")
    entry = {"Type": "Predecessor", "Date": [{"Start": "1999-04-01"}], "Target": {"OrgId": {"extension": "RZZ"}}}
    roles = {"Role": [{"id": "RO197", "primaryRole": True}]}
    record = {"OrgId": {"extension": "RA1"}, "Name": "One", "Roles": roles, "Succs": {"Succ": [entry]}}
    loaded = ask("organisations", "load", written(tmp_path / "ord.json", [record]))
    assert_keeps("organisations_load", loaded)
    assert (loaded[0]["successions"], loaded[0]["left_out"]) == (0, 1)
    assert ask("organisations", "list")[0]["successor"] is None


def test_days_that_only_two_files_together_make_impossible_are_refused(run: Run, tmp_path: Path) -> None:
    days = ({"start": "2020-04-01"}, {"end": "2019-04-01"})
    first, second = ({"organisations": [{"code": "RA1", "name": "One"} | day]} for day in days)
    run("organisations", "load", written(tmp_path / "a.json", first))
    told = run("organisations", "load", written(tmp_path / "b.json", second), expect=3).stderr
    assert told.startswith("monitor: b.json: with what is registered, RA1 would end before it begins")
