from datetime import date, timedelta

from monitor.evaluation.backtest.timeline import DUE, LANDED, REVISED, STATED, Timeline, timeline
from monitor.model import Advance, Observation
from tests.evaluation.backtest.homes import CODES, MONTHS, TRUSTS, at_once, figures, lived, noon, publish, published
from tests.factories import advance, contribution, month, word
from tests.laws.world import world

LATER = date(2025, 1, 1)


def known(of: Timeline, code: str, number: int) -> list[tuple[date, float]]:
    """The days on which a figure of a trust and month was told, with what was told."""
    subject = f"new_complaints/local/{code}/{month(number)[0]}"
    return [
        (day, said.contributions[0].numerator)
        for day, feeds in of.days.items()
        for said in feeds["complaints"]
        if isinstance(said, Observation) and said.contributions and said.subject == subject
    ]


def completed(of: Timeline, code: str, number: int) -> list[date]:
    return [
        day
        for day, feeds in of.days.items()
        for messages in feeds.values()
        for said in messages
        if isinstance(said, Advance) and said.start == month(number)[0] and code in (said.organisations or CODES)
    ]


def test_what_was_loaded_at_once_was_known_when_it_was_stated_to_be() -> None:
    with world() as one:
        found = timeline(at_once(one, figures(), LATER, stated=True).service.engine)
    assert found.bases == {STATED: TRUSTS * MONTHS}
    assert [day for day, _ in known(found, "RA00", 7)] == completed(found, "RA00", 7) == [published(7)]


def test_without_a_stated_day_it_was_known_when_it_was_due() -> None:
    with world() as one:
        found = timeline(at_once(one, figures(), LATER, stated=False).service.engine)
    due = month(7)[1] + timedelta(days=10)
    assert found.bases == {DUE: TRUSTS * MONTHS}
    assert [day for day, _ in known(found, "RA00", 7)] == completed(found, "RA00", 7) == [due]


def test_what_landed_before_it_was_due_was_known_then() -> None:
    with world() as one:
        found = timeline(lived(one, figures()).service.engine)
    assert found.bases == {STATED: TRUSTS * 14, LANDED: TRUSTS * (MONTHS - 14)}
    assert [day for day, _ in known(found, "RA00", 20)] == completed(found, "RA00", 20) == [published(20)]


def test_a_revision_is_told_as_it_was_first_and_again_on_its_day() -> None:
    with world() as one:
        lived(one, of := figures())
        part = contribution("RA00", month(25), 99.0, 1000.0)
        publish(one, [word(part, subject="RA00-25", revision=1, published=noon(LATER))])
        one.work(noon(LATER))
        found = timeline(one.service.engine)
    assert known(found, "RA00", 25) == [(published(25), float(of.numerator[25, 0])), (LATER, 99.0)]
    assert found.bases[REVISED] == 1


def test_a_figure_that_comes_after_its_period_closed_without_it_comes_late() -> None:
    with world() as one:
        lived(one, figures())
        publish(one, [advance(*month(MONTHS), CODES)])  # nothing reported, which closes it
        one.work(noon(published(MONTHS)))
        publish(one, [word(contribution("RA00", month(MONTHS), 7.0, 1000.0), subject="late", published=noon(LATER))])
        one.work(noon(LATER))
        found = timeline(one.service.engine)
    assert known(found, "RA00", MONTHS) == [(LATER, 7.0)]
    assert completed(found, "RA00", MONTHS) == [published(MONTHS)]


def test_a_withdrawn_word_is_taken_back_on_its_day() -> None:
    with world() as one:
        lived(one, of := figures())
        publish(one, [word(subject="RA00-25", revision=1, published=noon(LATER))])
        one.work(noon(LATER))
        found = timeline(one.service.engine)
    assert known(found, "RA00", 25) == [(published(25), float(of.numerator[25, 0]))]
    taken_back = [said for said in found.days[LATER]["complaints"] if isinstance(said, Observation)]
    assert [said.contributions for said in taken_back] == [()]
