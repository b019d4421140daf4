"""What every file in dags/ must keep, picked up by itself: a new feed is tested the moment it exists.

How fast they import, beside Airflow, is held by the tests of their DAGs.
"""

import _posixsubprocess
import ast
import builtins
import io
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import TypeVar

import pytest

from monitor.errors import Reason
from monitor.feeds.folder import examined, feeds, samples
from monitor.feeds.trial import tried
from monitor.garbage import uncollected
from monitor.model import Contribution, Feed, Observation
from tests.feeds.samples import DAGS, NOW, TODAY, Desk

T = TypeVar("T")
FEEDS = {one.key: one for one in feeds(DAGS)}
SAMPLES = [(key, path) for key in FEEDS for path in samples(DAGS / f"{key}.py")]
each_feed = pytest.mark.parametrize("key", FEEDS)
each_sample = pytest.mark.parametrize(("key", "path"), SAMPLES, ids=[path.name for _, path in SAMPLES])


class NoNetwork(socket.socket):
    """Whoever makes a connection, or opens a file in its place, fails and says so."""

    def __init__(self, *_: object, **__: object) -> None:
        raise AssertionError("a feed asked the outside for something")


@each_feed
def test_its_file_is_sound_and_imports_without_the_network(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", NoNetwork)
    found, faults = examined(DAGS / f"{key}.py")
    assert found == FEEDS[key]
    assert not faults


@each_feed
def test_what_it_promises_stands_in_its_file(key: str) -> None:
    """Each indicator with its calendar, how completeness is known and when it is late: nobody looks elsewhere."""
    nodes = list(ast.walk(ast.parse((DAGS / f"{key}.py").read_text(encoding="utf-8"))))
    calls = [
        (ast.unparse(node.func), {word.arg for word in node.keywords}) for node in nodes if isinstance(node, ast.Call)
    ]
    needed = {"Feed": {"family", "readers", "owner", "licence"}, "Source": {"calendars", "lateness", "coverage"}}
    assert {name for name, _ in calls} >= needed.keys()
    assert all(stated >= needed.get(name, set()) for name, stated in calls)
    assert {node.value for node in nodes if isinstance(node, ast.Constant)} >= promised(FEEDS[key])


@each_feed
def test_it_has_a_sample(key: str) -> None:
    assert samples(DAGS / f"{key}.py"), f"put an invented file of a few rows at dags/samples/{key}.csv"


def test_every_sample_belongs_to_a_feed() -> None:
    known = {path for _, path in SAMPLES}
    assert not [path for path in (DAGS / "samples").iterdir() if path not in known]


@each_sample
def test_its_reader_is_pure_and_every_row_of_the_sample_is_taken(key: str, path: Path) -> None:
    trial = tried(FEEDS[key], path.read_bytes(), today=TODAY)
    assert not list(trial.faults())
    assert not trial.statement.asides
    assert trial.statement.rows <= 200, "a sample is a few rows"


def refuses(frame: FrameType, event: str, called: object) -> None:
    """Watch the calls of a reader: the clock, chance and other programs are nobody's whose answer is in the file."""
    owner, name = getattr(called, "__self__", None), getattr(called, "__name__", "")
    is_clock = isinstance(owner, type) and issubclass(owner, date) and name in {"now", "utcnow", "today"}
    if event == "c_call" and (is_clock or isinstance(owner, random.Random) or owner in (time, _posixsubprocess)):
        raise AssertionError(f"a feed's reader called {name}")


def test_the_clock_chance_and_other_programs_are_refused() -> None:
    asked = (datetime.now, date.today, time.time, random.random, lambda: subprocess.run(["true"], check=True))
    for ask in asked:
        with pytest.raises(AssertionError, match="a feed's reader called"):
            watched(ask)


def watched(ask: Callable[[], T]) -> T:
    with uncollected():  # what others do when garbage is collected is no call of the reader's
        sys.setprofile(refuses)
        try:
            return ask()
        finally:
            sys.setprofile(None)


@each_sample
def test_its_reader_opens_no_file_and_asks_no_network_and_no_clock(
    key: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = path.read_bytes()
    before = tried(FEEDS[key], content, today=TODAY)  # time zones and the like are loaded once
    for module, name in ((builtins, "open"), (io, "open"), (os, "open"), (socket, "socket"), (time, "time")):
        monkeypatch.setattr(module, name, NoNetwork)
    after = watched(lambda: tried(FEEDS[key], content, today=TODAY))
    monkeypatch.undo()
    assert after == before


@each_feed
def test_its_samples_tell_of_every_indicator(key: str) -> None:
    trials = [tried(FEEDS[key], path.read_bytes(), today=TODAY) for path in samples(DAGS / f"{key}.py")]
    told = {part.indicator for one in trials for draft in one.statement.drafts for part in draft.contributions}
    assert told == promised(FEEDS[key])


def promised(feed: Feed) -> set[str]:
    return {indicator.key for indicator in feed.indicators}


@each_sample
def test_its_subjects_are_the_same_whenever_and_in_whatever_order_it_is_read(
    key: str, path: Path, tmp_path: Path
) -> None:
    desk = Desk(tmp_path)
    header, *rows = path.read_bytes().splitlines(keepends=True)
    desk.publish(key, header + b"".join(rows))
    desk.publish(key, header + b"".join(reversed(rows)), now=NOW.replace(hour=15))
    words = desk.bus.observations(key)
    half = len(words) // 2
    assert {word.subject for word in words[:half]} == {word.subject for word in words[half:]}
    assert len({word.subject for word in words}) == half, "two things have one subject, or one has two"


@each_sample
def test_no_column_outside_the_allow_list_reaches_the_bus(key: str, path: Path, tmp_path: Path) -> None:
    """Beside `test_allowed.py`, which asks every layout: here a column more, in the sample itself."""
    desk, secret = Desk(tmp_path), b"Jane Smith"
    header, *rows = path.read_bytes().splitlines()
    mark = max((b",", b";", b"\t", b"|"), key=header.count)
    desk.publish(key, b"\n".join([header + mark + b"Ward", *(row + mark + secret for row in rows)]))
    sent = [json.loads(message) for message in desk.bus.topics[key]]
    words = [each["data"] for each in sent if each["type"].startswith("monitor.observation.")]
    assert words
    assert names(words) <= {field.name for field in fields(Observation)} | FEEDS[key].allowed
    parts = [part for word in words for part in word["contributions"]]
    assert names(parts) <= {field.name for field in fields(Contribution)} | FEEDS[key].allowed
    assert secret.decode() not in json.dumps(sent)


def names(said: list[dict[str, object]]) -> set[str]:
    return {name for each in said for name in each}


@each_sample
def test_a_row_that_is_broken_is_put_aside_and_the_others_are_taken(key: str, path: Path, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    lines = path.read_bytes().splitlines()
    told = desk.publish(key, b"\n".join([*lines, b'"never closed'])).receipt
    assert told.dead_lettered == {Reason.MALFORMED_ROW.value: 1}
    kept = told.observations + told.merged + told.suppressed + sum(told.out_of_scope.values())
    assert kept == len(lines) - 1
