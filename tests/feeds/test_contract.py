"""What a contract must fulfil, and the words that say what it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.feeds.contract import faults, unworkable
from monitor.model import Feed, Source
from tests.feeds.samples import contract

SOUND = contract("staff_sickness")
LOCAL = SOUND.sources["local"]


def with_local(**changes: object) -> Feed:
    return replace(SOUND, sources={"local": replace(LOCAL, **changes)})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("feed", "what"),
    [
        (replace(SOUND, key="a b"), "letters, digits"),
        (replace(SOUND, key="heartbeat"), "the service's own feed of tests; name it otherwise"),
        (replace(SOUND, allowed=frozenset({"ward"})), "allowed attribute ward: no reader sends any"),
        (replace(SOUND, readers=()), "no readers"),
        (replace(SOUND, readers=("telepathy",)), "reader telepathy is unknown"),
        (replace(SOUND, readers="extract"), "readers is one text: write ('extract',), with the comma"),  # type: ignore[arg-type]
        (replace(SOUND, indicators=tuple(replace(one, key="a <b>") for one in SOUND.indicators)), "small letters"),
        (replace(SOUND, sources={}), "no sources"),
        (replace(SOUND, indicators=(*SOUND.indicators, SOUND.indicators[0])), "is there twice"),
        (replace(SOUND, indicators=SOUND.indicators[:1]), "calendar of stress_sickness_rate, which is no indicator"),
        (with_local(calendars={"sickness_rate": "monthly"}), "stress_sickness_rate has a calendar in no source"),
        (with_local(calendars={**LOCAL.calendars, "sickness_rate": "daily"}), "use weekly, monthly"),
        (with_local(waits={"harm_share": timedelta(1)}), "wait of harm_share, which has no calendar"),
        (with_local(coverage="somehow"), "coverage 'somehow'"),
        (with_local(tolerance=2.0), "a share from 0 to 1"),
        (with_local(lateness=timedelta(-1)), "not negative"),
        (replace(SOUND, sources={"local": Source({}, timedelta(1))}), "no calendars"),
        (replace(SOUND, indicators=tuple(replace(one, high=0.0) for one in SOUND.indicators)), "low < high"),
    ],
)
def test_each_fault_is_said_in_words(feed: Feed, what: str) -> None:
    assert any(what in fault for fault in faults(feed)), faults(feed)


def test_a_sound_contract_has_no_faults() -> None:
    assert faults(SOUND) == ()


@pytest.mark.parametrize(
    ("feed", "works"),
    [
        (SOUND, True),
        (replace(SOUND, readers=("telepathy",)), True),
        (replace(SOUND, indicators=tuple(replace(one, name="renamed") for one in SOUND.indicators)), True),
        (replace(SOUND, indicators=tuple(replace(one, high=0.0) for one in SOUND.indicators)), False),
        (replace(SOUND, indicators=SOUND.indicators[:1]), False),
        (with_local(calendars={**LOCAL.calendars, "sickness_rate": "daily"}), False),
        (with_local(waits={"sickness_rate": timedelta(-1)}), False),
    ],
)
def test_a_worker_takes_every_contract_that_it_can_work_with(feed: Feed, works: bool) -> None:
    assert (unworkable(feed) == ()) is works
