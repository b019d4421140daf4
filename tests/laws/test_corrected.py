"""What corrected figures do to a case is told as a correction, whatever else they bring; what time does is not."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from monitor.calendars import Calendar, calendar
from monitor.casefile import CaseChange, Outcome, What
from monitor.model import Advance, Feed, Message, Observation
from tests.laws import nation
from tests.laws.nation import COMPLAINTS, INCIDENTS, Event, Nation, turns, words_of
from tests.laws.world import World, act_on_cases, marks, world

pytestmark = marks
WORSE = Nation(5, 12, ("complaints", "incident_reports"), (Event(nation.What.WORSENS, 1, 0, 0),))
CALM = replace(WORSE, events=())
WHO = WORSE.organisations[1]
END = WORSE.instants[-1]
MONTHS, WEEKS = calendar("monthly"), calendar("weekly")
JANUARY = date(2023, 1, 2)


def corrected(contract: Feed, periods: Calendar) -> list[Message]:
    """Say that the organisation which has worsened had been as ever."""
    numbers = range(periods.first_within(JANUARY) - 1, periods.last_before(END.date()) + 1)
    return [word for number in numbers for word in words_of(CALM, contract, WHO, number, revision=9)]


def calm_weeks(until: date) -> list[Message]:
    """Publish weeks after the history's end in which nobody is worse."""
    numbers = range(WEEKS.last_before(END.date()) + 1, WEEKS.last_before(until) + 1)
    said: list[Message] = [
        word for each in CALM.organisations for number in numbers for word in words_of(CALM, INCIDENTS, each, number)
    ]
    whole = WEEKS.start(numbers[0]), WEEKS.start(numbers[-1] + 1)
    return [*said, Advance(INCIDENTS.key, "local", *whole, frozenset(each.code for each in CALM.organisations))]


def scarcely_other(number: int) -> Observation:
    """Revise a week by what no shown figure tells."""
    (word,) = words_of(WORSE, INCIDENTS, WHO, number)
    counted, delay = word.contributions
    parts = counted, replace(delay, numerator=delay.numerator + 0.001)
    return replace(word, rank=(9, word.rank[1]), contributions=parts)


def brings(one: World, said: dict[str, Iterable[Message]], days: int) -> list[CaseChange]:
    """Publish this and work so many days after the history's end; give what it did to concerns."""
    had = len(one.changes)
    one.publish(said)
    one.work(END + timedelta(days=days))
    return [change for change in one.changes[had:] if change.case.kind == "concern"]


def messages(one: World, what: What) -> list[dict[str, Any]]:
    return [dict(each.body) for each in one.service.outbox.pending(END + timedelta(days=200), 99) if each.what is what]


@pytest.mark.parametrize(("is_touched", "what"), [(False, What.FADED), (True, What.GONE)])
def test_a_correction_that_takes_the_evidence_away_is_told_as_one(*, is_touched: bool, what: What) -> None:
    """The first feed's correction leaves the other's evidence, the second's leaves none, all on one day."""
    with world() as one:
        one.run(turns(WORSE))
        if is_touched:
            act_on_cases(one.service, nation.What.WATCHED, END)
        said = {COMPLAINTS.key: corrected(COMPLAINTS, MONTHS), INCIDENTS.key: corrected(INCIDENTS, WEEKS)}
        first, second = brings(one, said, 1)
        assert (first.what, first.case.still_opens) == (What.CORRECTED, True)
        assert (second.what, second.case.outcome) == (what, None if is_touched else Outcome.FADED)
        assert second.reason.startswith("its figures were corrected and no longer show it")
        (message,) = messages(one, what)
        assert "figures behind this case were corrected, and the signals of this case have" in str(message["headline"])
        assert message["correction"]["still_opens"] is False
        assert {row["name"] for row in message["correction"]["figures"]} == {"days from incident to report"}
        assert brings(one, {}, 2) == [], "it has been told"
        assert one.digest() == one.replay()


def test_a_case_that_loses_the_evidence_it_would_open_on_is_said_not_to_open() -> None:
    with world() as one:
        one.run(turns(WORSE))
        (change,) = brings(one, {INCIDENTS.key: corrected(INCIDENTS, WEEKS)}, 1)
        assert (change.what, change.case.still_opens, change.case.outcome) == (What.CORRECTED, False, None)
        (message,) = messages(one, What.CORRECTED)
        assert message["correction"]["still_opens"] is False


def test_time_that_makes_a_case_fade_is_no_correction_though_its_past_was_scored_again() -> None:
    july = date(2023, 7, 17)
    with world() as one:
        one.run(turns(WORSE))
        assert brings(one, {INCIDENTS.key: calm_weeks(july)}, 60) == []
        number = WEEKS.number(JANUARY)
        assert brings(one, {INCIDENTS.key: [scarcely_other(number)]}, 100) == [], "it is time that has passed"
        (faded,) = brings(one, {INCIDENTS.key: [scarcely_other(number - 1)]}, 160)
        assert (faded.what, faded.reason[:35]) == (What.FADED, "its signals have left their windows")


def test_a_replay_tells_a_correction_from_time_as_the_history_did_where_two_feeds_share_an_instant() -> None:
    happens = nation.What
    told = [
        (happens.WORSENS, 1, 0), (happens.REVISED, 0, 4), (happens.ACCEPTED, 0, 5), (happens.REVISED, 0, 3),
        (happens.REVISED, 0, 2), (happens.MERGED, 0, 10), (happens.REVISED, 1, 6), (happens.LATE, 2, 12),
    ]  # fmt: skip
    events = tuple(Event(what, 4, month, how) for what, month, how in told)
    with world() as one:
        live = one.run(turns(Nation(35, 12, ("complaints", "incident_reports"), events))).digest()
        assert {change.what for change in one.changes} >= {What.CORRECTED, What.FADED}
        assert one.replay() == live
