"""Figures that are off by a unit are a fault of data: they open a data case, and no case of care, then or later."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest

from monitor.calendars import calendar
from monitor.casefile import Act, ActKind, Case, CaseChange, CaseKind, Outcome, What
from monitor.cases import acted, holding
from monitor.evidence import Evidence
from monitor.model import Advance, Contribution, Message, Observation
from monitor.store.acts import act
from tests.laws.nation import COMPLAINTS, Nation, turns, words_of
from tests.laws.world import World, marks, world

pytestmark = marks
QUIET = Nation(5, 12, ("complaints",), ())
WHO = QUIET.organisations[1].code
MONTHS = calendar("monthly")
EXPOSURE = "its exposure"
FIRST, OFF, LAST = 3, range(4, 7), 10
"""Places of months from January 2023: the first after the history, those that are off by a unit, and the last."""


def month(place: int) -> date:
    return date(2023 + place // 12, place % 12 + 1, 1)


def said(place: int, off: tuple[str, ...], which: str = "new_complaints", until: int = OFF.stop) -> list[Message]:
    number = MONTHS.number(month(place))
    words = [
        slipped(word, which) if OFF.start <= place < until and each.code in off else word
        for each in QUIET.organisations
        for word in words_of(QUIET, COMPLAINTS, each, number)
    ]
    period = MONTHS.period(number)
    return [*words, Advance(COMPLAINTS.key, "local", *period, frozenset(each.code for each in QUIET.organisations))]


def slipped(word: Observation, which: str = "new_complaints") -> Observation:
    """State one indicator a hundred times too large, or, of "its exposure", over 1,000 times too little of it."""
    parts = tuple(map(over_less if which == EXPOSURE else lambda part: larger(part, which), word.contributions))
    return replace(word, contributions=parts)


def larger(part: Contribution, which: str) -> Contribution:
    return replace(part, numerator=100 * part.numerator) if part.indicator == which else part


def over_less(part: Contribution) -> Contribution:
    if part.indicator != "new_complaints" or part.denominator is None:
        return part
    return replace(part, denominator=part.denominator / 1_000)


def going_on(one: World, *off: str, which: str = "new_complaints", until: int = OFF.stop) -> World:
    one.run(turns(QUIET))
    for place in range(FIRST, LAST + 1):
        one.publish({COMPLAINTS.key: said(place, off, which, until)})
        for day in (3, 12):
            one.work(datetime.combine(month(place + 1) + timedelta(days=day), time(9), UTC))
    return one


@pytest.mark.parametrize(
    ("which", "why"),
    [("new_complaints", "more than thirty times what was usual"), (EXPOSURE, "an exposure of less than a thirtieth")],
)
def test_three_months_off_by_a_unit_open_one_data_case_that_ends_with_them_and_nothing_of_care(
    which: str, why: str
) -> None:
    with world() as one:
        live = going_on(one, WHO, which=which).digest()
        mine = mine_of(one)
        assert [(change.what, change.case.kind) for change in mine] == [
            (What.OPENED, CaseKind.DATA),
            (What.CLOSED, CaseKind.DATA),
        ]
        opened, closed = mine
        assert why in opened.reason
        assert month(OFF.start + 1) < opened.at.date() < month(OFF.start + 2)
        assert month(OFF.stop + 1) < closed.at.date() < month(OFF.stop + 2)
        assert closed.case.outcome is Outcome.DATA_FAULT
        assert one.replay() == live


def test_a_slip_may_be_corrected_or_come_late_and_a_replay_ends_alike() -> None:
    with world() as one:
        going_on(one)
        late = datetime.combine(month(LAST + 1) + timedelta(days=20), time(9), UTC)
        said_again(one, late, 1, LAST, "new_complaints")
        assert [(each.what, each.case.organisation) for each in mine_of(one)] == [(What.OPENED, WHO)]
        said_again(one, late + timedelta(days=1), 2, LAST)
        assert [each.what for each in mine_of(one)] == [What.OPENED, What.CLOSED]
        said_again(one, late + timedelta(days=2), 3, LAST - 1, "new_complaints")  # not the newest: nothing to see to
        assert [each.what for each in mine_of(one)] == [What.OPENED, What.CLOSED]
        said_again(one, late + timedelta(days=3), 4, LAST, "new_complaints")  # the same again is told again
        assert [each.what for each in mine_of(one)] == [What.OPENED, What.CLOSED, What.OPENED]
        live = one.digest()
        assert one.replay() == live


@pytest.mark.parametrize(
    ("which", "number"),
    [*product(("new_complaints", "complaints_backlog"), (1, 8)), (EXPOSURE, 1), (EXPOSURE, 12)],
)
def test_a_slip_that_lasts_is_a_fault_of_data_for_as_long(which: str, number: int) -> None:
    off = [WHO] if number == 1 else [each.code for each in QUIET.organisations[:number]]
    with world() as one:
        going_on(one, *off, which=which, until=LAST + 1)
        told = [change for change in one.changes if change.at.date() > month(OFF.start)]
        whose = WHO if number == 1 else COMPLAINTS.key
        assert [(each.what, each.case.organisation, each.case.kind) for each in told] == [
            (What.OPENED, whose, CaseKind.DATA)
        ]
        live = one.digest()
        assert one.replay() == live


def test_each_series_is_told_of_while_others_of_its_organisation_stand() -> None:
    with world() as one:
        going_on(one)
        late = datetime.combine(month(LAST + 1) + timedelta(days=20), time(9), UTC)
        said_again(one, late, 1, LAST, "new_complaints")
        said_again(one, late + timedelta(days=1), 2, LAST, "new_complaints", "complaints_backlog")
        slips = [change.case.slip for change in mine_of(one) if change.what is What.OPENED and change.case.slip]
        assert [slip.indicator for slip in slips] == ["new_complaints", "complaints_backlog"]


def test_a_unit_that_is_new_for_good_is_accepted_and_believed_from_then_on() -> None:
    with world() as one:
        going_on(one, WHO, until=LAST + 1)
        (opened,) = (change for change in mine_of(one) if change.what is What.OPENED)
        assert opened.case.slip is not None
        accept(one, opened.case, datetime.combine(month(LAST + 1) + timedelta(days=14), time(9), UTC))
        for place in range(LAST + 1, LAST + 4):
            one.publish({COMPLAINTS.key: said(place, (WHO,), until=LAST + 4)})
            for day in (3, 12):
                one.work(datetime.combine(month(place + 1) + timedelta(days=day), time(9), UTC))
        assert [(each.what, each.case.kind) for each in mine_of(one)] == [
            (What.OPENED, CaseKind.DATA),
            (What.CLOSED, CaseKind.DATA),
        ]
        assert not any(item.doubted for item in one.service.store.evidence()[WHO])
        live = one.digest()
        assert one.replay() == live


def test_a_figure_that_was_off_is_known_when_it_is_right_and_never_before_its_period_has_ended() -> None:
    with world() as one:
        going_on(one)
        late = datetime.combine(month(LAST + 1) + timedelta(days=20), time(9), UTC)
        said_again(one, late, 1, LAST, "new_complaints")
        (off,) = newest(one)
        said_again(one, late + timedelta(days=1), 2, LAST)
        (right,) = newest(one)
        assert (off.doubted, right.doubted) == (1, 0)
        assert off.known <= month(LAST + 1) < right.known


def test_a_slip_is_told_of_until_a_figure_says_otherwise_though_none_comes() -> None:
    with world() as one:
        one.run(turns(QUIET))
        for place in range(FIRST, OFF.stop + 1):
            words = said(place, (WHO,) if place < OFF.stop else ())
            a_month(one, place, [but(message) for message in words] if place == OFF.stop - 1 else words)
        kinds = [(change.what, change.case.slip is not None) for change in mine_of(one)]
        assert kinds == [(What.OPENED, True), (What.OPENED, False), (What.CLOSED, False), (What.CLOSED, True)]
        live = one.digest()
        assert one.replay() == live


def test_counts_that_state_no_exposure_go_on_with_the_last_that_was_believed() -> None:
    with world() as one:
        one.run(turns(QUIET))
        for place in range(FIRST, LAST + 1):
            words = said(place, (WHO,) if place == OFF.start else (), EXPOSURE)
            a_month(one, place, [bare(message) for message in words] if place > OFF.start else words)
        (item,) = newest(one)
        assert item.doubted == 0
        assert [change.what for change in mine_of(one)] == [What.OPENED, What.CLOSED]
        live = one.digest()
        assert one.replay() == live


def newest(one: World) -> list[Evidence]:
    return [item for item in one.service.store.evidence()[WHO] if item.indicator == "new_complaints"]


def a_month(one: World, place: int, words: list[Message]) -> None:
    said = [message for message in words if not isinstance(message, Observation) or message.contributions]
    one.publish({COMPLAINTS.key: said})
    for day in (3, 12):
        one.work(datetime.combine(month(place + 1) + timedelta(days=day), time(9), UTC))


def but(message: Message) -> Message:
    """Leave one organisation out of what is said, and out of what is complete."""
    if isinstance(message, Advance) and message.organisations is not None:
        return replace(message, organisations=message.organisations - {WHO})
    if not isinstance(message, Observation):
        return message
    return replace(message, contributions=tuple(part for part in message.contributions if part.organisation != WHO))


def bare(message: Message) -> Message:
    """State no exposure of one organisation."""
    if not isinstance(message, Observation):
        return message
    parts = (
        replace(part, denominator=None) if (part.organisation, part.indicator) == (WHO, "new_complaints") else part
        for part in message.contributions
    )
    return replace(message, contributions=tuple(parts))


def accept(one: World, case: Case, now: datetime) -> None:
    levels = holding(case, one.service.store.evidence()[WHO])
    assert [(level.indicator, level.start) for level in levels] == [("new_complaints", month(OFF.start))]
    act(one.service.engine, Act(case.id, ActKind.ACCEPT, "A. Person", now, "a new system", accepted=levels), acted)


def mine_of(one: World) -> list[CaseChange]:
    return [change for change in one.changes if change.case.organisation == WHO]


def said_again(one: World, now: datetime, revision: int, place: int, *off: str) -> None:
    """Publish what one organisation says of a month again, with some indicators off by a unit."""
    number = MONTHS.number(month(place))
    words = [
        replace(word, rank=(revision, now)) for word in words_of(QUIET, COMPLAINTS, QUIET.organisations[1], number)
    ]
    for which in off:
        words = [slipped(word, which) for word in words]
    one.publish({COMPLAINTS.key: words})
    one.work(now)


@pytest.mark.parametrize("number", [8, 12])
def test_where_most_are_off_it_is_told_of_the_feed_once(number: int) -> None:
    with world() as one:
        going_on(one, *(each.code for each in QUIET.organisations[:number]))
        told = [change for change in one.changes if change.what is What.OPENED and change.at.date() > month(OFF.start)]
        assert [(change.case.organisation, change.case.kind) for change in told] == [(COMPLAINTS.key, CaseKind.DATA)]
        assert "of most organisations" in told[0].reason
