from datetime import date, timedelta
from typing import Any

import numpy as np

from monitor.assessment import CORROBORATES
from monitor.calendars import calendar
from monitor.evaluation.backtest.relive import Lived, agenda, relive
from monitor.evaluation.backtest.timeline import Timeline, timeline
from monitor.rules import Rules
from monitor.store.cases import list_cases
from tests.evaluation.backtest.homes import MONTHS, ONSET, WORSE, at_once, figures, lived, published
from tests.factories import month
from tests.laws.world import scores, world

LATER = date(2025, 1, 1)
RULES = Rules()


def loaded(*, months: int = MONTHS) -> Timeline:
    """What a load of everything on one afternoon says was known when."""
    with world() as one:
        return timeline(at_once(one, figures(months=months), LATER, stated=True).service.engine)


def up_to(of: Lived, day: date) -> dict[str, Any]:
    return {
        "opened": [each for each in of.opened if each.day <= day],
        "raised": [each for each in of.raised if each.day <= day],
        "ranks": {
            code: kept
            for code, some in sorted(of.ranks.items())
            if (kept := [pair for pair in some if pair[0] <= day.toordinal()])
        },
        "scored": {code: first for code, first in of.scored.items() if first <= day},
    }


def test_years_loaded_in_an_afternoon_are_lived_as_they_went() -> None:
    with world() as one:
        live = lived(one, figures())
        opened = [(case.opened.date(), case.organisation) for case in list_cases(live.service.engine)]
    assert [organisation for _, organisation in opened] == [WORSE]
    again = relive(loaded(), RULES)
    assert [(each.day, each.organisation) for each in again.opened] == opened
    assert published(ONSET) < again.opened[0].day < published(ONSET + 3)


def test_ending_history_on_any_day_changes_nothing_said_up_to_it() -> None:
    known = loaded()
    whole = relive(known, RULES)
    for number in (13, 18, 22):
        day = published(number) + timedelta(days=3)
        assert up_to(relive(known, RULES, until=day), day) == up_to(whole, day)


def test_figures_of_later_months_change_nothing_said_before_them() -> None:
    shorter, longer = relive(loaded(months=22), RULES), relive(loaded(months=26), RULES)
    day = published(21) + timedelta(days=1)
    assert up_to(shorter, day)["raised"]
    assert up_to(shorter, day) == up_to(longer, day)


def test_a_feed_turns_as_words_come_when_they_have_rested_and_when_they_are_due() -> None:
    days = [day for day, _ in agenda(loaded(), RULES)]
    assert {published(7), published(7) + timedelta(days=1), month(7)[1] + timedelta(days=10)} <= {*days}
    assert days == sorted(days)
    assert agenda(loaded(), RULES, until=published(7))[-1][0] == published(7)


def test_ranks_are_of_levels_among_peers_the_worst_one_last() -> None:
    ranks = relive(loaded(), RULES).ranks
    last = {code: some[-1][1] for code, some in ranks.items()}
    assert max(last, key=last.__getitem__) == WORSE
    assert (min(last.values()), max(last.values())) == (0.0, 1.0)


def test_what_is_relived_says_what_the_worker_said() -> None:
    with world() as one:
        live = scores(lived(one, figures()).service)
        known = timeline(one.service.engine)
    said = {
        (code, number): row["worse"]
        for (_, number), by_code in live.items()
        for code, row in by_code.items()
        if row["worse"] <= CORROBORATES
    }
    monthly = calendar("monthly")  # a month is told of in the next
    again = {(each.organisation, monthly.number(each.day) - 1): each.p for each in relive(known, RULES).raised}
    assert said.keys() == again.keys()
    assert len(said) > 10
    both = [[told[place] for place in sorted(said)] for told in (again, said)]
    np.testing.assert_allclose(*both, rtol=1e-9)
