"""What nobody sends by chance ends as a dead letter or a refusal, never as a crash or a feed that stands still."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import HandClock
from monitor.errors import BadFile, BadRecord, Reason
from monitor.feeds import cells
from monitor.feeds.delivery import Stated
from monitor.feeds.grids import grids
from monitor.feeds.publish import publish
from monitor.handed import deliver
from monitor.settings import Settings
from monitor.store.accounts import accounting
from monitor.store.registry import load_organisations
from monitor.wire import decode, encode
from monitor.wiring import opened
from monitor.worker import work
from tests.factories import contribution, feed, organisations, word

HEADER = "source,organisation,indicator,start,end,key,revision,published,numerator,denominator,value,respondents"
NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


def _extract(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_revision_beyond_any_database_is_put_aside_and_the_feed_goes_on(tmp_path: Path) -> None:
    poison = f"local,RA00,new_complaints,2024-01-01,2024-02-01,k1,{2**63},,5,100,,"
    sound = "local,RA01,new_complaints,2024-01-01,2024-02-01,k2,1,,5,100,,"
    with opened(Settings(home=tmp_path / "home"), HandClock(NOW)) as service:
        load_organisations(service.engine, organisations(2), (), by="test", at=NOW)
        file = _extract(tmp_path / "x.csv", poison, sound)
        told = publish(feed(), deliver(file), bus=service.bus, landing=service.landing, now=NOW)
        service.bus.publish("complaints", [encode(word(contribution("RA01"), revision=2**40), "complaints")])
        work(service, until_idle=True)
        account = accounting(service.engine, service.bus, "complaints")

    assert told.receipt.dead_lettered == {Reason.OUT_OF_RANGE.value: 1}
    assert (account["applied"], account["pending"], account["difference"]) == (1, 0, 0)


def test_a_revision_out_of_range_on_the_bus_is_a_bad_message() -> None:
    with pytest.raises(BadRecord, match="revision"):
        decode(encode(word(contribution(), revision=2**40), "complaints"))


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "2101-01-01", "31/12/9999"])
def test_a_day_out_of_any_calendar_is_a_bad_date(text: str) -> None:
    with pytest.raises(BadRecord) as caught:
        cells.day(text, "start")
    assert caught.value.reason is Reason.BAD_DATE


@pytest.mark.parametrize("text", ["123456", "JONES", "SMITH"])
def test_what_could_be_a_person_is_no_organisation_and_is_not_repeated(text: str) -> None:
    with pytest.raises(BadRecord) as caught:
        cells.organisation(text, "organisation")
    assert text not in str(caught.value)


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    for number in range(50):
        book.active.append([number, "text"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


WORKBOOK = _workbook()


@given(st.lists(st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_a_workbook_with_damaged_bytes_is_read_or_refused(damage: list[tuple[int, int]]) -> None:
    content = bytearray(WORKBOOK)
    for place, value in damage:
        content[place] = value
    with suppress(BadFile):
        grids(bytes(content))


def test_a_correction_on_the_day_of_landing_holds_over_what_landed_before(tmp_path: Path) -> None:
    row = "local,RA00,new_complaints,2024-01-01,2024-02-01,,,,{},100,,"
    with opened(Settings(home=tmp_path / "home"), HandClock(NOW)) as service:
        load_organisations(service.engine, organisations(1), (), by="test", at=NOW)
        first = deliver(_extract(tmp_path / "a.csv", row.format(50)))
        publish(feed(), first, bus=service.bus, landing=service.landing, now=NOW)
        later, second = NOW.replace(hour=15), deliver(_extract(tmp_path / "b.csv", row.format(60)))
        stated = Stated(published=date(2024, 6, 1))
        publish(feed(), second, stated, bus=service.bus, landing=service.landing, now=later)
        work(service, until_idle=True)
        figures = service.store.figures("new_complaints", "local", "monthly", 648, 648)

    assert figures.numerator.tolist() == [[60.0]]
