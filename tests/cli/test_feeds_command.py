"""The feed kit: what `monitor feeds new` writes passes `monitor feeds check`, which says what is wrong in words."""

import subprocess
import sys
from pathlib import Path

import pytest

from monitor.feeds.folder import feed as contract
from monitor.model import Kind
from tests.conftest import ROOT
from tests.feeds.samples import EXTRACT

from .conftest import Ask, Run
from .test_schemas import assert_keeps


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tests" / "dags").mkdir(parents=True)
    (tmp_path / "dags").mkdir()
    return tmp_path / "dags"


@pytest.mark.parametrize("kind", Kind)
def test_a_new_feed_is_sound_as_it_is_written(run: Run, ask: Ask, folder: Path, kind: Kind) -> None:
    said = ("--numerator", "handovers over an hour", "--owner", "operations")
    run("feeds", "new", "handovers", "--kind", kind.value, "--periods", "weekly", *said, "--folder", str(folder))
    found = ask("feeds", "check", str(folder / "handovers.py"))
    assert_keeps("feeds_check", found)
    assert (found["feed"], found["faults"], found["advice"]) == ("handovers", [], [])
    assert (found["sample"]["rows"], found["sample"]["observations"]) == (9, 9)
    assert found["sample"]["completes"]


def test_what_nobody_has_filled_in_is_asked_for(run: Run, ask: Ask, folder: Path) -> None:
    run("feeds", "new", "handovers", "--folder", str(folder))
    advice = ask("feeds", "check", str(folder / "handovers.py"))["advice"]
    assert [line.partition(" is still ")[0] for line in advice] == ["owner", "indicator handovers_share: numerator"]


def test_every_sample_is_read(run: Run, ask: Ask, folder: Path) -> None:
    run("feeds", "new", "handovers", "--folder", str(folder))
    (folder / "samples" / "handovers.other.csv").write_text("organisation,indicator,start,numerator\nRXX,x,y,z\n")
    (folder / "samples" / "handovers.worse.csv").write_text("Name\nSomebody\n")
    found = ask("feeds", "check", str(folder / "handovers.py"), expect=1)
    assert_keeps("feeds_check", found)
    assert [found["sample"]["file"], *(one["file"] for one in found["further"])] == [
        "handovers.csv",
        "handovers.other.csv",
    ]
    assert [fault.partition(":")[0] for fault in found["faults"]] == [
        "sample handovers.other.csv",
        "sample handovers.worse.csv",
    ]


def test_what_a_new_feed_is_made_of_keeps_the_rules_of_this_repository(run: Run, folder: Path) -> None:
    run("feeds", "new", "ambulance_handovers", "--title", 'the "long" handovers', "--folder", str(folder))
    made = [str(path) for path in sorted(folder.parent.rglob("*.py"))]
    assert [Path(path).name for path in made] == ["ambulance_handovers.py", "test_ambulance_handovers.py"]
    for step in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *step, "--config", str(ROOT / "pyproject.toml"), *made]
        told = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout


def test_a_new_feed_overwrites_nothing(run: Run, folder: Path) -> None:
    (folder / "samples").mkdir()
    (folder / "samples" / "handovers.csv").write_text("mine")
    result = run("feeds", "new", "handovers", "--folder", str(folder), expect=2)
    assert "handovers.csv is there already" in result.output
    assert not (folder / "handovers.py").exists()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["Hand-Overs"], "small letters, digits and _"),
        (["handovers", "--indicator", "a b"], "small letters"),
        (["handovers", "--periods", "daily"], "use weekly, monthly"),
        (["h" * 260], "at most 100 of them"),
        (["heartbeat"], "the service's own feed"),
        (["handovers", "--indicator", "sickness_rate"], "sickness_rate"),
    ],
)
def test_what_can_name_no_feed_is_refused_in_words(run: Run, folder: Path, options: list[str], what: str) -> None:
    assert what in run("feeds", "new", *options, "--folder", str(folder), expect=2).output
    assert not list(folder.iterdir())


@pytest.mark.parametrize("title", [r"C:\Users", 'x"""\nraise SystemExit\n"""', "it's\nso", '"'])
def test_whatever_people_call_a_feed_is_only_said(run: Run, ask: Ask, folder: Path, title: str) -> None:
    names = [part for option in ("--title", "--indicator-name", "--numerator", "--owner") for part in (option, title)]
    run("feeds", "new", "handovers", *names, "--folder", str(folder))
    assert ask("feeds", "check", str(folder / "handovers.py"))["faults"] == []
    assert contract("handovers", folder).name == title
    compile((folder.parent / "tests" / "dags" / "test_handovers.py").read_text(), "test_handovers.py", "exec")


def test_the_feeds_of_this_repository_are_sound_and_chance_keeps_to_the_budget(ask: Ask) -> None:
    found = ask("feeds", "check", "complaints", "--organisations", "220")
    assert_keeps("feeds_check", found)
    expected = found["expected"]
    assert expected["cases_per_month"] == pytest.approx(1.0, rel=0.02)
    assert 0 < expected["cases_per_month_with_this_family"] < expected["cases_per_month"]
    local = {line["indicator"]: line["signals"] for line in expected["signals_per_month"] if line["source"] == "local"}
    # A twentieth of all series is at p <= .05 at any time; a signal lasts some months and comes back.
    assert 220 * 0.05 / 12 < local["new_complaints"] < 220 * 0.05
    assert local["upheld_share"] == 0
    assert expected["history"] is None, "it is not live here"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("FEED", "OTHER"), "it states no FEED"),
        (("dag = feed_dag(FEED, DropFolder(published=DATED))", ""), "it makes no DAG"),
        (('key="handovers"', 'key="other"'), "name the file other.py"),
        (('readers=("extract",)', "readers=()"), "no readers"),
        (('denominator="all of them"', "denominator=None"), "say of what, in denominator"),
        (("high=100,", "high=1e9,"), "at most all of them"),
        (('"handovers_share": "weekly"', '"waits": "weekly"'), "calendar of waits, which is no indicator"),
    ],
)
def test_check_says_what_to_mend(ask: Ask, run: Run, folder: Path, change: tuple[str, str], what: str) -> None:
    run("feeds", "new", "handovers", "--periods", "weekly", "--folder", str(folder))
    path = folder / "handovers.py"
    path.write_text(
        path.read_text().replace(*change).replace("(FEED)", f"({change[1][:5]})" if "OTHER" in what else "(FEED)")
    )
    path.write_text(
        path.read_text().replace("dag = feed_dag(FEED)", "dag = None") if "no FEED" in what else path.read_text()
    )
    found = ask("feeds", "check", str(path), expect=1)
    assert_keeps("feeds_check", found)
    assert any(what in fault for fault in found["faults"]), found["faults"]


def test_check_shows_what_would_be_put_aside_and_hides_what_is_small(ask: Ask, tmp_path: Path) -> None:
    rows = (
        "local,Z01,new_complaints,2024-10-01,2024-11-01,,,,3,1000,,",
        "local,Z02,new_complaints,2024-10-01,2024-11-01,,,,Jane Smith,1000,,",
    )
    file = tmp_path / "mine.csv"
    file.write_text("\n".join([EXTRACT, *rows]))
    found = ask("feeds", "check", "complaints", "--sample", str(file))
    assert [line["figure"] for line in found["sample"]["parsed"]] == ["*"]
    assert [(line["row"], line["reason"]) for line in found["sample"]["dead_letters"]] == [(3, "bad number")]
    assert found["sample"]["withheld"] == ["Z02"]
    assert "Jane" not in str(found)


PUT_ASIDE, EVENTS, NOTHING = "were put aside: nothing", "not whom they cover", "no row of it became a figure"


@pytest.mark.parametrize(
    ("rows", "reasons"),
    [
        (["Z01,new_complaints,2024-10-01,,x,1000"], {PUT_ASIDE}),
        (["Z01,new_complaints,2024-10-01,A-1,1,"], {EVENTS}),
        (["Z01,new_complaints,2024-10-01,A-1,1,", "Z01,new_complaints,2024-10-01,A-2,x,"], {PUT_ASIDE, EVENTS}),
        ([], {NOTHING}),
        (["Z01,new_complaints,2024-10-01,,30,1000"], set()),
    ],
)
def test_check_says_why_a_sample_completes_less_than_all(
    run: Run, tmp_path: Path, rows: list[str], reasons: set[str]
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("\n".join(["organisation,indicator,start,key,numerator,denominator", *rows, ""]))
    said = run(
        "feeds", "check", "complaints", "--sample", str(file), expect=int(bool(reasons) and EVENTS not in reasons)
    )
    assert {reason for reason in (PUT_ASIDE, EVENTS, NOTHING) if reason in said.output} == reasons


def test_a_sample_of_something_else_is_named(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    found = ask("feeds", "check", "complaints", "--sample", str(tmp_path / "x.csv"), expect=1)
    assert "no header in this file is one that complaints reads" in found["faults"][0]


def test_two_feeds_cannot_have_one_indicator(ask: Ask, run: Run, folder: Path) -> None:
    for name in ("handovers", "delays"):
        run("feeds", "new", name, "--indicator", "late_share", "--folder", str(folder))
    found = ask("feeds", "check", str(folder / "delays.py"), expect=1)
    assert found["faults"] == ["late_share: handovers has the same key, and one series cannot come by two feeds"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (('"late_share"', '"long_share"'), "promised before, not promised now"),
        (('"weekly"', '"monthly"'), "calendar weekly before, monthly now"),
        (('"local"', '"theirs"'), "promised before, not promised now"),
        (("per=100", "per=1"), "per 100 before, 1 now"),
    ],
)
def test_a_contract_that_breaks_what_it_promised_is_refused_before_anything_is_sent(
    run: Run, ask: Ask, folder: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], what: str
) -> None:
    path, sample = folder / "handovers.py", folder / "samples" / "handovers.csv"
    run("feeds", "new", "handovers", "--indicator", "late_share", "--periods", "weekly", "--folder", str(folder))
    monkeypatch.setenv("MONITOR_DAGS", str(folder))
    for code in ("ZZ001", "ZZ002", "ZZ003"):
        run("organisations", "add", code, "--type", "acute")
    sound = path.read_text()
    run("publish", "handovers", str(sample))
    run("settle", "handovers")
    path.write_text(sound.replace(*change).replace("high=100", "high=1" if "per" in what else "high=100"))
    said = f"indicator late_share from local has figures: {what}; keep the old promise, and add what is new beside it"
    assert [fault for fault in ask("feeds", "check", str(path), expect=1)["faults"] if said in fault]
    before = ask("accounting")
    refused = run("publish", "handovers", str(sample), expect=2).output
    assert f"feed handovers: {said}" in " ".join(refused.split())
    assert said.partition(";")[0] in " ".join(run("doctor", expect=1).output.split())
    run("worker", "--until-idle")
    assert ask("accounting") == before
    path.write_text(sound)
    run("publish", "handovers", str(sample))


def test_check_of_nothing_says_how_to_begin(run: Run) -> None:
    assert "monitor feeds new handovers" in run("feeds", "check", "handovers", expect=2).output


def test_the_page_of_a_feed_that_nobody_has_published_is_its_contract(run: Run, tmp_path: Path) -> None:
    run("feeds", "page", "complaints", "--output", str(tmp_path / "pages"))
    (path,) = (tmp_path / "pages").iterdir()
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o077 == 0
    for said in ("Not live yet", "Late after 7 days", "patient experience team", "complaints_total_new"):
        assert said in text
    assert "<svg" not in text
    assert "index.html" not in text


def test_the_page_of_a_live_feed_shows_who_has_sent_it_as_a_picture_and_in_words(
    run: Run, ask: Ask, tmp_path: Path
) -> None:
    codes = [f"R0{number}" for number in range(1, 10)]
    for code in codes:
        run("organisations", "add", code, "--type", "acute")
    months = [(f"2024-{month:02d}-01", f"2024-{month + 1:02d}-01") for month in range(1, 7)]
    rows = [
        f"local,{code},new_complaints,{start},{end},,,,3,1000,,"
        for code in codes
        for start, end in months
        if (code, start) != ("R09", "2024-06-01")
    ]
    file = tmp_path / "complaints.csv"
    file.write_text("\n".join([EXTRACT, *rows]))
    run("publish", "complaints", str(file))
    run("settle", "complaints")
    run("feeds", "page", "complaints", "--output", str(tmp_path / "pages"))
    text = (tmp_path / "pages" / "feed-complaints.html").read_text(encoding="utf-8")
    assert 'role="img"' in text
    assert "New written complaints (local): 0 of 9 awaited organisations have sent" in text
    assert '<td class="number">9</td><td class="number">8</td>' in text, "one was silent in June"
    assert "live from local" in text.lower()
    lived = ask("feeds", "check", "complaints")["expected"]["history"]
    assert lived == {"cases": 0, "months": 0.0}, "it went live just now"


def test_freshness_knows_the_feeds(run: Run) -> None:
    assert (
        "there is no feed 'complaint'; feeds are: complaints" in run("feeds", "freshness", "complaint", expect=2).output
    )
    assert "nobody has sent anything yet" in run("feeds", "freshness", "complaints").output


def test_freshness_expects_nothing_until_a_first_load_has_ended(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(f"{EXTRACT}\nlocal,R0A,new_complaints,2024-10-01,2024-11-01,,,,40,1000,,\n")
    run("organisations", "add", "R0A", "--type", "acute")
    run("publish", "complaints", str(file))
    run("worker", "--until-idle")
    assert "expected of complaints until its first load has ended" in run("feeds", "freshness").output
    run("settle", "complaints")
    assert "1 organisation late: R0A" in run("feeds", "freshness", "complaints", expect=1).output
