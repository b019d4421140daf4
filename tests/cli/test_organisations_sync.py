"""The registry from a directory: mergers, splits, changes, and what cannot be read."""

from collections.abc import Iterator

import pytest

from tests.directory import Site, record, serving

from .conftest import Ask, Run
from .test_schemas import assert_keeps

DAY = "2024-04-01"
EVE = "2024-03-31"


@pytest.fixture
def site() -> Iterator[Site]:
    """R01 became part of R02; R03 was split up into R04 and R05; R06 gave R07 a service and is still there."""
    records = [
        record("R01", end=EVE, succeeded=[("Successor", "R02", DAY)]),
        record("R02", succeeded=[("Predecessor", "R01", EVE)]),
        record("R03", end=EVE, succeeded=[("Successor", "R04", DAY), ("Successor", "R05", DAY)]),
        record("R04", succeeded=[("Predecessor", "R03", DAY)]),
        record("R05"),
        record("R06", succeeded=[("Successor", "R07", DAY)]),
        record("R07", role="RO57"),
    ]
    with serving(Site({one["OrgId"]["extension"]: one for one in records}, page=2)) as one:
        yield one


def sync(ask: Ask, site: Site, *more: str, expect: int = 0) -> dict[str, object]:
    answer = ask("organisations", "sync", "--source", site.url, "--rate", "50", *more, expect=expect)
    assert_keeps("organisations_sync", answer)
    found: dict[str, object] = answer
    return found


def test_mergers_and_splits_are_taken_and_said(ask: Ask, run: Run, site: Site) -> None:
    run("organisations", "add", "R02", "--type", "acute", "--region", "London")
    said = sync(ask, site)
    assert (said["listed"], said["fetched"], said["organisations"], said["successions"]) == (7, 7, 7, 3)
    assert said["left_out"] == 1, "who is still there has handed over a part"
    assert said["splits"] == [{"organisation": "R03", "successors": ["R04", "R05"], "from": DAY}]
    listed = {one["code"]: one for one in ask("organisations", "list")}
    assert (listed["R01"]["successor"], listed["R01"]["end"]) == ("R02", DAY)
    assert (listed["R03"]["successor"], listed["R03"]["end"]) == (None, DAY), "nobody stands for one that was split up"
    assert (listed["R06"]["successor"], listed["R06"]["end"]) == (None, None)
    assert (listed["R02"]["type"], listed["R02"]["region"]) == ("acute", "London"), "a directory states no types"


def test_a_second_time_only_what_is_new_is_recorded(ask: Ask, run: Run, site: Site) -> None:
    sync(ask, site)
    quiet = sync(ask, site)
    assert (quiet["fetched"], quiet["organisations"], quiet["successions"], quiet["splits"]) == (0, 0, 0, [])
    site.records["R05"] = record("R05", name="NEW NAME", changed="2024-06-01")
    told = run("organisations", "sync", "--source", site.url, "--rate", "50")
    assert told.stdout.split()[-5:] == ["7", "1", "1", "0", "1"]
    assert {one["code"]: one["name"] for one in ask("organisations", "list")}["R05"] == "NEW NAME"


def test_a_split_is_said_in_words(run: Run, site: Site) -> None:
    told = run("organisations", "sync", "--source", site.url, "--rate", "50")
    assert f"R03 was split up into R04 and R05: from {DAY} on its rows are put aside" in told.stderr


def test_a_record_that_cannot_be_read_is_named_and_holds_up_no_other(ask: Ask, site: Site) -> None:
    site.records["R05"]["Date"] = [{"Type": "Legal", "Start": "soon"}]
    said = sync(ask, site, expect=1)
    assert said["unreadable"] == ["R05"]
    assert said["organisations"] == 6


def test_what_is_no_directory_changes_nothing(ask: Ask, run: Run, site: Site) -> None:
    site.records.clear()
    assert "lists no trust that can be read" in run("organisations", "sync", "--source", site.url, expect=3).stderr
    assert "say --source URL, or set MONITOR_ORGANISATIONS" in run("organisations", "sync", expect=2).stderr
    assert ask("organisations", "list") == []
