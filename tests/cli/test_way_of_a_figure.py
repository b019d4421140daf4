"""From a file to a report by commands alone, each answer in its promised form."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import ROOT

from .conftest import Ask, Run
from .test_schemas import assert_keeps

HEADER = "source,organisation,indicator,start,end,key,revision,published,numerator,denominator,value,respondents"
TRUSTS = [f"R{number:02}" for number in range(1, 11)]
MONTHS = [date(year, month, 1) for year in (2024, 2025) for month in range(1, 13)]


def row(code: str, month: date, *, lost: float) -> str:
    end = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return f"local,{code},stress_sickness_rate,{month},{end},,,,{lost},100000,,"


def extract(path: Path, codes: list[str]) -> str:
    rows = [row(code, month, lost=1000 + 7 * place) for place, code in enumerate(codes) for month in MONTHS]
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def registry(run: Run, tmp_path: Path) -> None:
    both = [{"code": code, "name": f"Trust {code}", "type": "acute", "region": "London"} for code in TRUSTS]
    path = tmp_path / "organisations.json"
    path.write_text(json.dumps({"organisations": both}), encoding="utf-8")
    run("organisations", "load", str(path))


@pytest.mark.usefixtures("registry")
def test_a_file_goes_all_the_way_and_every_row_is_accounted_for(ask: Ask, run: Run, tmp_path: Path) -> None:
    (published,) = told = ask("publish", "staff_sickness", extract(tmp_path / "sickness.csv", TRUSTS))
    assert_keeps("publish", told)
    assert (published["rows"], published["observations"], published["already_known"]) == (240, 240, False)
    run("worker", "--until-idle")
    run("settle", "staff_sickness")
    accounts = ask("accounting")
    assert_keeps("accounting", accounts)
    assert accounts["staff_sickness"]["applied"] == 240
    assert accounts["staff_sickness"]["difference"] == 0
    (feed,) = [feed for feed in ask("feeds", "list") if feed["feed"] == "staff_sickness"]
    assert (feed["live"], feed["newest"], feed["pending"]) == (["local"], "2025-12-01", 0)
    assert_keeps("relay", ask_json(run("relay", "--until-idle", "--json").stdout))
    run("report", "--output", str(tmp_path / "report"))
    assert (tmp_path / "report" / "index.html").is_file()


def ask_json(text: str) -> object:
    return json.loads(text)


@pytest.mark.usefixtures("registry")
def test_columns_that_nobody_reads_are_counted_and_not_named(run: Run, tmp_path: Path) -> None:
    path = Path(extract(tmp_path / "sickness.csv", TRUSTS))
    first, *others = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([f"{first},Jo Smith", *(f"{line}," for line in others)]), encoding="utf-8")
    told = run("publish", "staff_sickness", str(path)).stderr
    assert "sickness.csv: 1 column was not read: a plain extract has no other than source,organisation," in told
    assert "Smith" not in told


@pytest.mark.usefixtures("registry")
def test_publishing_again_changes_nothing(ask: Ask, run: Run, tmp_path: Path) -> None:
    path = extract(tmp_path / "sickness.csv", TRUSTS)
    ask("publish", "staff_sickness", path)
    run("worker", "--until-idle")
    (again,) = ask("publish", "staff_sickness", path)
    run("worker", "--until-idle")
    account = ask("accounting")["staff_sickness"]
    assert again["already_known"]
    assert (account["applied"], account["unchanged"], account["difference"]) == (240, 240, 0)


@pytest.mark.usefixtures("registry")
def test_an_unknown_organisation_is_put_aside_with_its_remedy(ask: Ask, run: Run, tmp_path: Path) -> None:
    path = extract(tmp_path / "sickness.csv", [*TRUSTS, "R99"])
    run("publish", "staff_sickness", path)
    run("worker", "--until-idle")
    letters = ask("deadletters", "list")
    assert_keeps("deadletters_list", letters)
    assert {(one["organisation"], one["reason"]) for one in letters} == {("R99", "unknown organisation")}
    assert "monitor organisations add" in letters[0]["remedy"]
    listed = run("deadletters", "list").stdout
    assert letters[0]["file"][:12] in listed
    assert "and 21 more" in listed  # of 24 rows, the first three are named
    run("organisations", "add", "R99", "--type", "acute")
    run("publish", "staff_sickness", path)
    run("worker", "--until-idle")
    assert ask("accounting")["staff_sickness"]["applied"] == 264


@pytest.mark.usefixtures("registry")
def test_a_word_of_three_letters_is_repeated_only_where_it_is_registered(ask: Ask, run: Run, tmp_path: Path) -> None:
    run("organisations", "add", "RAJ", "--type", "acute")
    good, bad = (extract(tmp_path / f"{name}.csv", ["RAJ", "LEE", "R99"]) for name in ("good", "bad"))
    Path(bad).write_text(Path(bad).read_text(encoding="utf-8").replace("100000", "x"), encoding="utf-8")
    told = run("publish", "staff_sickness", good, bad)
    assert "too many rows of R99, RAJ, a code that is not registered were put aside" in told.stderr
    run("worker", "--until-idle")
    letters = ask("deadletters", "list")
    assert {one["organisation"] for one in letters} == {"RAJ", "R99", None}
    assert {one["value"] for one in letters if one["stage"] == "worker"} == {"R99", None}
    assert "LEE" not in told.output + json.dumps(letters) + run("deadletters", "list").output


def test_a_file_of_something_else_is_refused_and_the_others_go_on(ask: Ask, run: Run, tmp_path: Path) -> None:
    strange = tmp_path / "strange.csv"
    strange.write_text("a,b\n1,2\n", encoding="utf-8")
    result = run("publish", "staff_sickness", str(strange), extract(tmp_path / "good.csv", TRUSTS), "--json", expect=3)
    assert [one["file"] for one in json.loads(result.stdout)] == ["good.csv"]
    assert "strange.csv" in result.stderr


def test_a_file_of_which_the_impossible_is_said_is_refused_and_the_others_go_on(run: Run, tmp_path: Path) -> None:
    new, old = extract(tmp_path / "new.csv", TRUSTS), tmp_path / "old.csv"
    old.write_text("\n".join(Path(new).read_text(encoding="utf-8").splitlines()[:4]) + "\n", encoding="utf-8")
    said = ("--published", "2024-06-01", "--json")
    result = run("publish", "staff_sickness", new, str(old), *said, expect=2)
    assert [one["file"] for one in json.loads(result.stdout)] == ["old.csv"]
    assert "new.csv: the stated day of publication, 2024-06-01, is before" in result.stderr


def test_a_wrong_source_is_wrong_usage_before_any_file_is_read(run: Run, tmp_path: Path) -> None:
    files = [extract(tmp_path / f"{name}.csv", TRUSTS) for name in ("a", "b")]
    result = run("publish", "staff_sickness", *files, "--source", "elsewhere", expect=2)
    assert result.stderr == "monitor: staff_sickness has no source 'elsewhere'; its sources are local, official\n"


def test_an_unknown_feed_is_answered_with_the_feeds_there_are(run: Run, tmp_path: Path) -> None:
    result = run("publish", "weather", extract(tmp_path / "a.csv", TRUSTS), expect=2)
    assert "staff_sickness" in result.stderr


def test_settling_what_was_never_published_says_what_to_do(run: Run) -> None:
    assert "monitor publish" in run("settle", "staff_sickness", expect=2).stderr


@pytest.mark.parametrize("command", [("settle", "weather"), ("worker", "weather", "--until-idle")])
def test_nobody_is_told_to_publish_a_feed_that_there_is_not(run: Run, command: tuple[str, ...]) -> None:
    told = run(*command, expect=2).stderr
    assert "there is no feed 'weather'; feeds are: " in told
    assert "monitor publish" not in told


@pytest.mark.usefixtures("registry")
def test_what_nobody_said_is_complete_cannot_be_settled(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    row = "local,R01,low_harm_reports,2026-03-02,,e1,,,1,,,"
    path.write_text(
        "source,organisation,indicator,start,end,key,revision,published,numerator,denominator,value,respondents\n"
        f"{row}\n",
        encoding="utf-8",
    )
    run("publish", "incident_reports", str(path))
    told = run("settle", "incident_reports", expect=1).stderr
    assert "nothing of incident_reports from local is complete yet" in told
    assert "--covers" in told
    assert "--covers" in run("doctor", expect=1).stdout
    said = ("--covers", "all", "--from", "2026-03-02", "--through", "2026-03-31")
    covered = run("publish", "incident_reports", str(path), *said).stderr
    assert "events.csv covers 2026-03-02 to 2026-03-31 for all registered" in covered
    answer = json.loads(run("publish", "incident_reports", str(path), *said, "--json").stdout)
    assert_keeps("publish", answer)
    assert answer[0]["covers"] == [{"from": "2026-03-02", "through": "2026-03-31", "organisations": None}]
    assert "incident_reports is live from local" in run("settle", "incident_reports").stderr


@pytest.mark.usefixtures("registry")
def test_two_replays_print_one_hash(ask: Ask, run: Run, tmp_path: Path) -> None:
    run("publish", "staff_sickness", extract(tmp_path / "sickness.csv", TRUSTS))
    run("settle", "staff_sickness")
    first, second = ask("replay"), ask("replay")
    assert_keeps("replay", first)
    assert first == second


@pytest.mark.usefixtures("registry")
def test_the_doctor_finds_nothing_once_all_is_done(ask: Ask, run: Run, home: Path, tmp_path: Path) -> None:
    run("publish", "staff_sickness", extract(tmp_path / "sickness.csv", TRUSTS))
    assert "monitor worker" in run("doctor", expect=1).stdout
    run("worker", "--until-idle")
    assert "monitor settle staff_sickness" in run("doctor", expect=1).stdout
    run("settle", "staff_sickness")
    assert_keeps("doctor", ask("doctor"))
    (home / "key").chmod(0o644)
    assert "1 file could be read by others, key first" in run("doctor", expect=1).stdout
    (home / "key").chmod(0o600)
    home.chmod(0o755)
    told = run("doctor", expect=1).stdout
    assert f"1 file could be read by others, {home.name} first" in told
    assert f"chmod -R go= {home}" in told
    run("doctor")  # opening has closed the folder


def test_upgrading_a_database_says_where_it_stands(run: Run) -> None:
    run("db", "upgrade")
    assert "is at" in run("db", "upgrade").stderr


def test_real_processes_work_on_one_home(home: Path, tmp_path: Path) -> None:
    environment = os.environ | {"MONITOR_HOME": str(home), "MONITOR_DAGS": str(ROOT / "dags")}
    path = extract(tmp_path / "sickness.csv", TRUSTS)

    def command(*arguments: str) -> str:
        line = [sys.executable, "-m", "monitor", *arguments]
        return subprocess.run(line, capture_output=True, text=True, env=environment, check=True).stdout

    command("publish", "staff_sickness", path)
    command("worker", "--until-idle")
    assert json.loads(command("accounting", "--json"))["staff_sickness"]["pending"] == 0
