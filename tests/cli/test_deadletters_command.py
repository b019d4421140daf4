"""A row that was put aside is listed, corrected or its registry loaded, taken up again, and then no longer listed."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.feeds.samples import EXTRACT

from .conftest import Ask, Run
from .test_schemas import assert_keeps

BY = ("--by", "A. Name")
FEED = "staff_sickness"


@pytest.fixture
def lying_aside(run: Run, tmp_path: Path) -> Path:
    """Publish four rows: one sound, one of a body that nobody knows, and two that cannot be read."""
    run("organisations", "add", "R0A", "--type", "acute")
    rows = (
        "local,R0A,sickness_rate,2024-01-01,2024-02-01,,,,400,10000,,",
        "local,R9Z,sickness_rate,2024-01-01,2024-02-01,,,,410,10000,,",
        "local,R0A,sickness_rate,2024-02-01,2024-03-01,,,,4x,10000,,",
        "local,R0A,sickness_rate,2024-03-01,2024-04-01,,,,420,1y,,",
    )
    file = tmp_path / "sickness.csv"
    file.write_text("\n".join([EXTRACT, *rows]) + "\n")
    run("publish", FEED, str(file))
    run("worker", "--until-idle")
    file.unlink()  # what is replayed is what landed
    return file


def letters(ask: Ask, *options: str) -> dict[int, Any]:
    found = ask("deadletters", "list", *options)
    assert_keeps("deadletters_list", found)
    return {letter["row"]: letter for letter in found}


def sums(home: Path) -> list[tuple[Any, ...]]:
    """Give every sum that the worker has, read from outside the service."""
    with sqlite3.connect(home / "monitor.sqlite") as database:
        return database.execute(
            "SELECT series, start, numerator, denominator, words FROM period_sums ORDER BY 1, 2"
        ).fetchall()


def test_what_waits_for_the_worker_is_counted_and_nobody_says_that_there_is_nothing(
    ask: Ask, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "sickness.csv"
    file.write_text(f"{EXTRACT}\nlocal,R0A,sickness_rate,2024-02-01,,,,,4x,10000,,\n")
    run("publish", FEED, str(file))
    told = run("deadletters", "list")
    assert "1 row put aside waits for the worker to be listed: monitor worker --until-idle" in told.stderr
    assert told.stdout == "nothing that the worker has read was put aside\n"
    assert run("deadletters", "list", "--reason", "bad date").output == "nothing was put aside\n"
    account = ask("accounting")[FEED]
    assert (account["rows"], account["dead_lettered"], account["receipts_pending"]) == (1, {"bad number": 1}, 1)
    assert "the receipts of 1 file wait for the worker" in run("accounting").stderr
    run("worker", "--until-idle")
    after = ask("accounting")[FEED]
    assert after == account | {"receipts_pending": 0}
    assert "wait" not in run("deadletters", "list").stderr


@pytest.mark.usefixtures("lying_aside")
def test_a_loaded_registry_and_a_replay_take_what_was_put_aside_and_twice_is_once(
    ask: Ask, run: Run, home: Path
) -> None:
    assert set(letters(ask)) == {3, 4, 5}
    run("organisations", "add", "R9Z", "--type", "acute")
    done = ask("deadletters", "replay", "--reason", "unknown organisation", *BY)
    assert_keeps("deadletters_replay", done)
    assert [(one["letters"], one["rows"], one["let_go"], one["why_not"]) for one in done] == [(1, 4, 0, None)]
    run("worker", "--until-idle")
    assert set(letters(ask)) == {4, 5}
    assert letters(ask, "--all")[3]["replayed"]
    account, held = ask("accounting")[FEED], sums(home)
    assert_keeps("accounting", {FEED: account})
    assert (account["replayed"], account["difference"]) == ({"unknown organisation": 1}, 0)
    run("deadletters", "replay", *BY)
    run("worker", "--until-idle")
    again = ask("accounting")[FEED]
    assert (again["applied"], again["replayed"], again["difference"]) == (account["applied"], account["replayed"], 0)
    assert (sums(home), set(letters(ask))) == (held, {4, 5})


@pytest.mark.usefixtures("lying_aside")
def test_a_corrected_cell_is_read_with_the_name_of_who_corrected_it(ask: Ask, run: Run, home: Path) -> None:
    letter = letters(ask)[4]
    assert (letter["field"], letter["reason"]) == ("numerator", "bad number")
    landed = {path.name: path.read_bytes() for path in (home / "landed").iterdir()}
    assert "deadletters replay takes it" in run("deadletters", "fix", letter["id"], "--value", "415", *BY).output
    assert set(letters(ask)) == {3, 4, 5}, "a correction holds once its file was read again"
    (done,) = ask("deadletters", "replay", "--file", letter["file"], *BY)
    assert (done["letters"], done["let_go"], done["dead_lettered"]) == (3, 1, {"bad number": 1})
    run("worker", "--until-idle")
    assert set(letters(ask)) == {3, 5}
    assert 415.0 in {numerator for _, _, numerator, _, _ in sums(home)}
    shown = ask("deadletters", "show", letter["id"])
    assert_keeps("deadletters_show", shown)
    assert [(one["by"], one["row"], one["column"], one["value"]) for one in shown["mendings"]] == [
        ("A. Name", 4, "numerator", "415"),
        ("A. Name", None, None, None),
    ]
    assert {"organisation", "indicator", "start", "numerator"} <= set(shown["columns"])
    assert {path.name: path.read_bytes() for path in (home / "landed").iterdir()} == landed
    assert ask("accounting")[FEED]["difference"] == 0


def test_a_correction_holds_when_the_same_file_comes_again(ask: Ask, run: Run, lying_aside: Path, home: Path) -> None:
    (content,) = [path.read_bytes() for path in (home / "landed").iterdir()]
    run("deadletters", "fix", letters(ask)[5]["id"], "--value", "9000", *BY)
    lying_aside.write_bytes(content)
    run("publish", FEED, str(lying_aside))
    run("worker", "--until-idle")
    assert set(letters(ask)) == {3, 4}
    assert ask("accounting")[FEED]["replayed"] == {"bad number": 1}


@pytest.mark.usefixtures("lying_aside")
def test_another_organisation_may_be_named_and_the_row_is_then_its(ask: Ask, run: Run) -> None:
    letter = letters(ask)[3]
    assert letter["stage"] == "worker"
    run("deadletters", "fix", letter["id"], "--value", "r0a", *BY)
    run("deadletters", "replay", *BY)
    run("worker", "--until-idle")
    # R0A has a figure of that month already: the correction cannot be true, and says so
    assert [letter["reason"] for row, letter in letters(ask).items() if row == 3] == [
        "duplicate row with other content"
    ]
    assert ask("accounting")[FEED]["difference"] == 0


@pytest.mark.usefixtures("lying_aside")
def test_what_is_still_wrong_says_so_and_can_be_corrected_again(ask: Ask, run: Run) -> None:
    letter = letters(ask)[4]
    assert "plain text" in run("deadletters", "fix", letter["id"], "--value", "4\x1b]0;x\x07", *BY, expect=2).stderr
    told = run("deadletters", "fix", letter["id"], "--value", "9999999", *BY)
    assert "still put aside: sickness_rate: out of range" in told.output
    assert "takes it" in run("deadletters", "fix", letter["id"], "--value", "405", *BY).output


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--value", "Jane Smith"), "write other text into the file itself"),
        (("--value", "=1+1"), "write other text into the file itself"),
        (("--value", "5", "--field", "ward"), "no such column: name one with --field, such as organisation"),
    ],
)
@pytest.mark.usefixtures("lying_aside")
def test_what_is_no_correction_is_refused(ask: Ask, run: Run, options: tuple[str, ...], what: str) -> None:
    letter = letters(ask)[4]
    assert what in run("deadletters", "fix", letter["id"], *options, *BY, expect=2).output
    assert ask("deadletters", "show", letter["id"])["mendings"] == []


@pytest.mark.usefixtures("lying_aside")
def test_whoever_mends_says_who_they_are(ask: Ask, run: Run) -> None:
    letter = letters(ask)[4]
    assert "needs a name" in run("deadletters", "fix", letter["id"], "--value", "5", "--by", " ", expect=2).output
    assert "needs a name" in run("deadletters", "replay", "--by", "", expect=2).output


@pytest.mark.usefixtures("lying_aside")
def test_a_file_whose_bytes_have_expired_says_so_and_the_letters_stay(ask: Ask, run: Run, home: Path) -> None:
    for path in (home / "landed").iterdir():
        path.unlink()
    done = run("deadletters", "replay", *BY, "--json", expect=1)
    (one,) = json.loads(done.stdout)
    assert "has expired" in one["why_not"]
    assert_keeps("deadletters_replay", [one])
    assert set(letters(ask)) == {3, 4, 5}
    assert "has expired" in run("deadletters", "fix", letters(ask)[4]["id"], "--value", "5", *BY, expect=3).output
    assert_keeps("deadletters_show", ask("deadletters", "show", letters(ask)[4]["id"]))


@pytest.mark.usefixtures("lying_aside")
def test_what_was_taken_after_all_is_corrected_by_a_mended_file(ask: Ask, run: Run) -> None:
    letter = letters(ask)[4]
    run("deadletters", "fix", letter["id"], "--value", "415", *BY)
    run("deadletters", "replay", *BY)
    assert "publish a mended file" in run("deadletters", "fix", letter["id"], "--value", "416", *BY, expect=2).output


def test_there_is_nothing_to_replay_in_a_new_home(ask: Ask, run: Run) -> None:
    assert ask("deadletters", "replay", *BY) == []
    assert "there is no dead letter" in run("deadletters", "show", "abc", expect=2).output
