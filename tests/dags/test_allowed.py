"""What a feed puts on the bus beyond figures is what its contract allows: nothing, of any feed, from any layout."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from monitor.calendars import calendar
from monitor.feeds.folder import feeds
from monitor.feeds.readers.ko41a import HEADER
from monitor.model import Contribution, Feed, Observation
from tests.feeds import samples
from tests.feeds.samples import DAGS, Desk, file_of

FEEDS = {one.key: one for one in feeds(DAGS)}
NAME = "Jane Smith"
"""Stands in every cell that is no figure, day or code: in columns that a reader knows and in those that it does not."""


def extract(feed: Feed) -> tuple[str, str]:
    """Give a header of the plain extract and a row of the feed's first indicator."""
    name, source = next(iter(feed.sources.items()))
    indicator, periods = next(iter(source.calendars.items()))
    start, end = calendar(periods).period(calendar(periods).last_before(samples.TODAY) - 3)
    return samples.EXTRACT, f"{name},R0A,{indicator},{start},{end},{NAME},,,5,100,,"


LAYOUTS = [
    *((key, *extract(feed)) for key, feed in FEEDS.items() if "extract" in feed.readers),
    ("staff_sickness", samples.SICKNESS, samples.sickness_row()),
    ("incident_reports", samples.INCIDENTS, f"{NAME},1,,{NAME},2026-09-28,2026-10-07,R0A,1,5,4,"),
    ("complaints", ",".join([*HEADER, "Organisation_Name"]), "2024-25,RDY,Mental Health,403,354,49,51,114,5,468,Trust"),
    ("survey_pulses", samples.PULSE, "2025-04,R0A,200,1000,6.5,6.8,7.0,6.75"),
    ("patient_feedback", samples.FEEDBACK, f"{NAME} 1,R0A,2026-09-28,Inpatient,5,4,1"),
]


@pytest.mark.parametrize(("name", "header", "row"), LAYOUTS)
def test_no_attribute_outside_the_allow_list_reaches_the_bus(tmp_path: Path, name: str, header: str, row: str) -> None:
    desk, columns = Desk(tmp_path), header.count(",") + 1
    bad = ",".join([NAME] * columns)
    desk.publish(name, file_of(f"{header},Ward,Comment", f"{row},{NAME},{NAME}", f"{bad},{NAME},{NAME}"))
    sent = [json.loads(message) for message in desk.bus.topics[name]]
    said = [each["data"] for each in sent if each["type"].startswith("monitor.observation.")]
    parts = [part for word in said for part in word["contributions"]]
    assert parts, "a sound row was put aside"
    assert beyond(said, Observation) | beyond(parts, Contribution) <= FEEDS[name].allowed
    assert NAME.split()[1] not in json.dumps(sent)
    assert "dead" in {each["type"].split(".")[1][:4] for each in sent}, "the bad row was not put aside"


def beyond(said: list[dict[str, object]], noun: type) -> set[str]:
    """Name what these carry beside what the noun holds."""
    return {key for each in said for key in each} - {field.name for field in fields(noun)}
