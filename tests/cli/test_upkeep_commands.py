"""What a schedule starts: the week's digest, what expires, and the heartbeat, each answer in its promised form."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.heartbeat import HEARTBEAT, beat
from monitor.wire import encode
from monitor.wiring import opened

from .conftest import Ask, Run
from .test_schemas import assert_keeps
from .test_way_of_a_figure import TRUSTS, extract

COUNTED = ("accounting", "budget", "organisations list", "cases list", "deadletters list", "hints")


@pytest.fixture
def loaded(run: Run, tmp_path: Path) -> None:
    """A home with a feed that is live."""
    both = [{"code": code, "name": f"Trust {code}", "type": "acute", "region": "London"} for code in TRUSTS]
    path = tmp_path / "organisations.json"
    path.write_text(json.dumps({"organisations": both}), encoding="utf-8")
    run("organisations", "load", str(path))
    run("publish", "staff_sickness", extract(tmp_path / "sickness.csv", TRUSTS))
    run("worker", "--until-idle")
    run("settle", "staff_sickness")
    run("relay", "--until-idle")


def carry(run: Run) -> None:
    run("worker", "--until-idle")
    run("relay", "--until-idle")


def test_the_first_heartbeat_is_sent_and_the_next_tells_how_it_got_through(ask: Ask, run: Run, home: Path) -> None:
    first = ask("heartbeat")
    assert_keeps("heartbeat", first)
    assert first["last"] is None
    carry(run)
    second = ask("heartbeat")
    assert_keeps("heartbeat", second)
    assert second["last"]["published"] == first["sent"]
    assert [stage["stage"] for stage in second["last"]["stages"]] == ["published", "taken in", "queued", "sent"]
    assert not any(stage["late"] or stage["at"] is None for stage in second["last"]["stages"])
    assert json.loads((home / "heartbeat.json").read_text())["published"] == first["sent"]
    assert "seconds after" in run("heartbeat").stdout


def test_a_heartbeat_on_its_way_is_waited_for_and_is_late_where_it_stands_still(ask: Ask, run: Run) -> None:
    with opened() as service:
        earlier = service.clock.now() - timedelta(hours=1)
        service.bus.publish(HEARTBEAT, [encode(message, HEARTBEAT) for message in beat(earlier)])
    stuck = ask("heartbeat", expect=1)
    assert_keeps("heartbeat", stuck)
    assert stuck["sent"] is None
    assert [stage["late"] for stage in stuck["last"]["stages"]] == [False, True, True, True]
    assert "is a worker running, and a relay?" in run("heartbeat", expect=1).stderr
    assert ask("heartbeat", "--within", "36000")["sent"] is None, "one at a time"
    run("worker", "--until-idle")
    told = {stage["stage"]: stage["at"] for stage in ask("heartbeat", expect=1)["last"]["stages"]}
    assert (told["taken in"] is None, told["sent"]) == (False, None), "the relay has not run"
    run("relay", "--until-idle")
    assert ask("heartbeat", expect=1)["sent"] is not None, "the one that was late has come through"


@pytest.mark.usefixtures("loaded")
def test_no_count_no_budget_and_no_list_holds_the_heartbeat(ask: Ask, run: Run) -> None:
    def said() -> dict[str, Any]:
        return {command: ask(*command.split()) for command in COUNTED}

    before, digest = said(), ask("digest")[0]["headline"]
    for _ in range(3):
        run("heartbeat")
        carry(run)
    assert said() == before
    assert digest.startswith("Digest: 0 cases")
    with opened() as service:
        assert service.store.position(HEARTBEAT) is not None
        assert service.store.live(HEARTBEAT) == frozenset()
        assert service.store.settled(HEARTBEAT) == {}
        assert HEARTBEAT not in service.store.organisations()[0]


def test_a_receiver_gets_one_digest_a_week(ask: Ask, run: Run) -> None:
    first, again = ask("digest"), ask("digest")
    assert_keeps("digest", first)
    assert_keeps("digest", again)
    assert [(one["receiver"], one["queued"]) for one in first] == [("terminal", True)]
    assert [(one["queued"], one["headline"]) for one in again] == [(False, None)]
    assert "had the digest of" in run("digest", "terminal").stdout
    told = " ".join(run("relay", "--until-idle").stdout.split())
    assert "No alert is not assurance. Measured on simulated organisations" in told
    assert "receivers are: terminal" in run("digest", "somebody", expect=2).stderr


@pytest.mark.usefixtures("loaded")
def test_what_has_not_expired_stays(ask: Ask, run: Run) -> None:
    for arguments in (["--dry-run"], []):
        told = ask("retain", *arguments)
        assert_keeps("retain", told)
        assert told["files"] == 0
        assert told["feeds"]["staff_sickness"] == {"messages": 0, "dead_letters": 0, "events": 0, "sealed": []}
    assert "0 landed files went" in run("retain").stderr
    assert ask("accounting")["staff_sickness"]["difference"] == 0
