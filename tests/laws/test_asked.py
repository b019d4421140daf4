"""What has held for half a year asks a person, once, and again half a year after the answer or the asking."""

from datetime import UTC, date, datetime, time, timedelta

from monitor.alerts.plain import plain
from monitor.calendars import Calendar, calendar, day_of
from monitor.casefile import CaseChange, How, What
from monitor.model import Advance, Feed, Message
from monitor.overview import known, rows
from monitor.renewal import HALF_A_YEAR
from monitor.store import acts as kept_acts
from monitor.store import cases as kept_cases
from tests.laws import nation
from tests.laws.nation import COMPLAINTS, INCIDENTS, Event, Nation, turns, words_of
from tests.laws.world import World, act_on_cases, marks, world

pytestmark = marks
WORSE = Nation(5, 12, ("complaints", "incident_reports"), (Event(nation.What.WORSENS, 1, 0, 0),))
WHO = WORSE.organisations[1].code
FEEDS = (COMPLAINTS, calendar("monthly")), (INCIDENTS, calendar("weekly"))
APRIL, MONTHS = 3, 16
"""Places of months from January 2023: where the history ends, and until when its worsening goes on."""
DAYS = (4, 13)
"""Days of a month on which the worker turns."""


def month(place: int) -> date:
    return date(2023 + place // 12, place % 12 + 1, 1)


def said(contract: Feed, periods: Calendar, place: int) -> list[Message]:
    """Publish what a feed has of one month, in which one organisation gets worse and worse."""
    numbers = range(periods.last_before(month(place)) + 1, periods.last_before(month(place + 1)) + 1)
    words = [
        word
        for each in WORSE.organisations
        for number in numbers
        for word in words_of(WORSE, contract, each, number, factor=1 + place / 12 if each.code == WHO else 1.0)
    ]
    whole = periods.start(numbers[0]), periods.start(numbers[-1] + 1)
    return [*words, Advance(contract.key, "local", *whole, frozenset(each.code for each in WORSE.organisations))]


def going_on(one: World, *, watched: int | None = None) -> World:
    """Let a worsening go on for a year; `watched`: in which month somebody watches the case."""
    one.run(turns(WORSE))
    for place in range(APRIL, MONTHS):
        one.publish({contract.key: said(contract, periods, place) for contract, periods in FEEDS})
        for day in DAYS:
            now = datetime.combine(month(place + 1) + timedelta(days=day - 1), time(9), UTC)
            one.work(now)
        if place == watched:
            act_on_cases(one.service, nation.What.WATCHED, now + timedelta(days=2))
    return one


def asked(one: World) -> list[CaseChange]:
    return [change for change in one.changes if change.what is What.ASKED]


def row(one: World) -> dict[str, object]:
    """Give the line about the case as it stands."""
    service = one.service
    (found,) = rows(service, known(service), [kept_cases.case(service.engine, asked(one)[0].case.id)])
    return found


def test_what_holds_asks_once_then_half_a_year_after_the_answer_and_a_replay_asks_alike() -> None:
    with world() as one:
        going_on(one, watched=8)
        first, second = asked(one)
        assert (first.case.organisation, second.case.id) == (WHO, first.case.id)
        assert [day_of(each.at) for each in (first, second)] == [date(2023, 9, 4), date(2024, 4, 13)]
        (watch,) = kept_acts.acts(one.service.engine, first.case.id)
        assert day_of(watch.at) + HALF_A_YEAR == day_of(second.at), "and a tick fell on that very day"
        assert second.pack is not None
        assert {exhibit.signal for exhibit in second.pack.exhibits} == set(second.case.signals)
        assert row(one)["asked"] == second.at.isoformat()
        live = one.digest()
        assert one.replay() == live


def test_what_nobody_touches_asks_every_half_year_whoever_had_the_case_as_a_message_by_message() -> None:
    with world() as one:
        going_on(one)
        first, second = asked(one)
        assert [day_of(each.at) for each in (first, second)] == [date(2023, 9, 4), date(2024, 3, 4)]
        queued = [each for each in one.service.outbox.pending(second.at, 99) if each.what is What.ASKED]
        assert [each.how for each in queued] == [How.MESSAGE, How.MESSAGE]
        assert plain(queued[-1].body).replace("\n    ", " ").splitlines()[0] == (
            "Trust R01: a rise in days from incident to report, a rise in share of complaints about values, "
            "communication or dignity, more new written complaints and a rise in open complaints for each resolved, "
            "the longest plain since February 2023 and holding. Asked: renew it (`monitor cases watch`), accept it as "
            "the new normal (`monitor cases accept`), or close the case (`monitor cases close`)."
        )
        act_on_cases(one.service, nation.What.WATCHED, second.at - timedelta(hours=1))  # by a clock that is behind
        assert row(one)["asked"] is None
