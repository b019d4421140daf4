"""From files to their expiry on one home: what goes when, and what anybody can still ask."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor.clock import HandClock
from monitor.feeds.delivery import Delivery, Stated
from monitor.feeds.folder import feed
from monitor.feeds.publish import Published, publish
from monitor.retention import DEAD_LETTERS, EVENTS, FILES, MESSAGES, SEALED, months_before, retain
from monitor.settings import Settings
from monitor.store.accounts import accounting
from monitor.store.derived import digest
from monitor.store.letters import dead_letters
from monitor.store.registry import load_organisations
from monitor.wiring import Service, opened
from monitor.worker import settle, work
from tests.conftest import ROOT
from tests.factories import organisations

TRUSTS = organisations(9)
FEEDBACK = "patient_feedback"
HEADER = "source,organisation,indicator,start,end,key,revision,published,numerator,denominator,value,respondents"
NOW = datetime(2025, 3, 10, 12, tzinfo=UTC)
DAYS = [date(2025, month, day) for month in (1, 2) for day in range(1, 25)]


def responses() -> bytes:
    """Write single responses, a month's figure of a tenth trust's, and a row that nobody can read."""
    rows = [
        f"local,{trust.code},negative_feedback_share,{day},,{trust.code}-{day},,,{day.day % 2},1,,"
        for trust in TRUSTS[:-1]
        for day in DAYS
    ]
    whole = f"local,{TRUSTS[-1].code},negative_feedback_share,2025-01-01,2025-02-01,,,,3,50,,"
    bad = f"local,{TRUSTS[0].code},negative_feedback_share,2025-01-41,,bad,,,1,1,,"
    return "\n".join([HEADER, *rows, whole, bad, ""]).encode()


def older() -> bytes:
    """Write responses of a year before all that has been told."""
    rows = [f"local,{one.code},negative_feedback_share,2024-01-09,,old-{one.code},,,0,1,," for one in TRUSTS[:-1]]
    return "\n".join([HEADER, *rows, ""]).encode()


def send(service: Service, content: bytes, through: date = date(2025, 2, 28)) -> Published:
    """Publish a file of feedback that covers all, and take it in."""
    done = publish(
        feed(FEEDBACK, ROOT / "dags"), Delivery("responses.csv", content, "all"), Stated(through=through),
        bus=service.bus, landing=service.landing, now=service.clock.now(),
    )  # fmt: skip
    work(service, until_idle=True)
    return done


def gone(service: Service) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for step in retain(service):
        totals[step.what] += step.number
    return {what: number for what, number in totals.items() if number}


def test_a_file_of_events_goes_in_thirty_days_and_its_events_two_years_after_they_were_settled(tmp_path: Path) -> None:
    clock = HandClock(NOW)
    with opened(Settings(home=tmp_path / "home", config=tmp_path / "none.toml"), clock) as service:
        load_organisations(service.engine, TRUSTS, (), by="tests", at=NOW)
        told = send(service, responses())
        settle(service, FEEDBACK)
        events = len(TRUSTS[:-1]) * len(DAYS)
        assert (told.receipt.observations, told.receipt.dead_lettered) == (events + 1, {"bad date": 1})
        derived, accounts = digest(service.engine), accounting(service.engine, service.bus, FEEDBACK)
        assert gone(service) == {}

        clock.move(NOW + timedelta(days=30))
        assert gone(service) == {FILES: 1, MESSAGES: told.messages, DEAD_LETTERS: 1}
        assert dead_letters(service.engine, FEEDBACK) == []

        clock.move(datetime(2027, 5, 1, tzinfo=UTC))
        assert gone(service) == {SEALED: 1, EVENTS: events}
        assert accounting(service.engine, service.bus, FEEDBACK) == accounts
        assert digest(service.engine) == derived

        again = send(service, responses())
        assert again.already_known
        late = accounting(service.engine, service.bus, FEEDBACK)
        assert late["dead_lettered_by_worker"] == {"period sealed": events}
        assert (late["unchanged"], late["difference"]) == (1, 0), "its figure is known as before"

        send(service, older(), date(2024, 1, 31))
        assert accounting(service.engine, service.bus, FEEDBACK)["applied"] == accounts["applied"] + len(TRUSTS[:-1])


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [(NOW, 25, datetime(2023, 2, 10, 12, tzinfo=UTC)), (datetime(2025, 12, 31), 1, datetime(2025, 11, 28))],  # noqa: DTZ001
)
def test_months_are_counted_by_the_calendar_and_never_too_few(now: datetime, months: int, then: datetime) -> None:
    assert months_before(now, months) == then
