"""What has held for half a year asks: once, and again half a year after the last answer or asking."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import wire
from monitor.casefile import Act, ActKind, Assessment, Case, CaseChange, Outcome, Signal, What
from monitor.cases import decide
from monitor.model import Family, Reading
from monitor.renewal import HALF_A_YEAR, NO_ANSWER, answered, awaits_answer, how_long, long_held, to_ask
from tests.factories import month

PLAIN = date(2024, 1, 1)
OPENED = datetime(2024, 2, 20, 9, tzinfo=UTC)
DUE = datetime(2024, 7, 20, 9, tzinfo=UTC)
"""The day on which the sixth of its months is known."""
HOLDS = Signal(
    "RA00", "new_complaints", "local", Family.PATIENTS, Reading.WORSENING, 0.3, PLAIN, month(53), date(2024, 7, 20),
    rises=True, latched=True, latched_since=PLAIN,
)  # fmt: skip
NEW = replace(HOLDS, indicator="stress_sickness_rate", family=Family.WORKFORCE, latched=False, latched_since=None)
HOLDING = Assessment(
    organisation="RA00", p=0.6, families={Family.PATIENTS: 0.05}, signals=(HOLDS,),
    patterns=(), unassessed=(), against=(), opens=False, because="",
)  # fmt: skip
CASE = Case(
    id="RA00-20240220", organisation="RA00", opened=OPENED, p=1e-4, families={Family.PATIENTS: 1e-4},
    signals=(replace(HOLDS, p=1e-4, period=month(48)),), patterns=("C4",), against=(), because="patients alone",
)  # fmt: skip
YOUNG = replace(HOLDING, signals=(replace(HOLDS, period=month(52)),))
"""A month less."""
QUIET = replace(HOLDING, families={Family.PATIENTS: 0.5}, signals=())
DAY = timedelta(days=1)


def act(kind: ActKind, at: datetime) -> Act:
    return Act(CASE.id, kind, "A. Person", at)


def asking(case: Case = CASE, acts: Sequence[Act] = (), now: datetime = DUE) -> CaseChange | None:
    change = decide(HOLDING, case, acts, now=now)
    assert change is None or change.what is What.ASKED
    return change


def test_an_untouched_case_asks_after_half_a_year_of_figures_and_not_after_less_however_old_they_are() -> None:
    assert decide(YOUNG, CASE, (), now=DUE + 90 * DAY) is None
    change = asking()
    assert change is not None
    assert change.reason == (
        "new complaints: plain since January 2024 and holding; a person renews it, accepts the level or closes the case"
    )
    assert change.case.asked == DUE


def test_an_asking_shows_what_is_now_and_leaves_what_the_case_rests_on() -> None:
    change = asking()
    assert change is not None
    assert (change.case.signals, change.case.still_opens) == (HOLDING.signals, False)
    assert (change.case.p, change.case.families, change.case.because) == (CASE.p, CASE.families, CASE.because)


def test_it_asks_again_half_a_year_later_and_never_in_between() -> None:
    first = asking()
    assert first is not None
    assert asking(first.case, now=DUE + HALF_A_YEAR - DAY) is None
    assert asking(first.case, now=DUE + HALF_A_YEAR) is not None


@pytest.mark.parametrize("kind", [kind for kind in ActKind if kind not in (*NO_ANSWER, ActKind.CLOSE)])
def test_any_act_renews_for_half_a_year_but_a_note_or_an_acknowledgement(kind: ActKind) -> None:
    march = datetime(2024, 3, 1, 9, tzinfo=UTC)
    later = march + 100 * DAY
    acts = [act(kind, march), act(ActKind.NOTE, later), act(ActKind.ACKNOWLEDGE, later)]
    assert asking(acts=acts) is None
    assert asking(acts=acts, now=march + HALF_A_YEAR - DAY) is None
    assert asking(acts=acts, now=march + HALF_A_YEAR) is not None
    assert asking(acts=acts[1:]) is not None
    assert answered(acts[1:]) is None


def test_a_case_waits_from_its_asking_until_somebody_answers_it_ends_or_its_evidence_goes() -> None:
    change = asking()
    assert change is not None
    before, after = act(ActKind.WATCH, DUE - HALF_A_YEAR), act(ActKind.WATCH, DUE)
    assert not awaits_answer(CASE, [])
    assert awaits_answer(change.case, [before, act(ActKind.NOTE, DUE + DAY), act(ActKind.ACKNOWLEDGE, DUE + DAY)])
    assert not awaits_answer(change.case, [before, after])
    assert not awaits_answer(replace(change.case, outcome=Outcome.MERGED), [])
    assert not awaits_answer(replace(change.case, is_gone=True), [before])


def test_only_what_holds_is_asked_about_and_one_figure_alone_holds_nothing() -> None:
    year = date(2023, 1, 1), date(2024, 1, 1)
    yearly = replace(HOLDS, period=year, latched_since=year[0])
    assert long_held([HOLDS, NEW, yearly]) == [HOLDS]
    again = replace(yearly, period=(date(2024, 1, 1), date(2025, 1, 1)))
    assert long_held([again]) == [again]


@pytest.mark.parametrize("start", [place + 36 for place in range(12)])
def test_six_months_and_two_quarters_are_half_a_year_whenever_they_begin(start: int) -> None:
    """From January of a year without a leap day."""
    plain = month(start)[0]
    for last, holds in ((month(start + 4), False), (month(start + 5), True)):
        quarter = month(start + 3)[0], last[1]
        for period in (last, quarter):
            signal = replace(HOLDS, latched_since=plain, period=period)
            assert bool(long_held([signal])) is holds


def test_a_case_that_opens_on_what_has_held_already_has_told_of_it() -> None:
    for assessed, told in ((YOUNG, None), (HOLDING, DUE)):
        change = decide(replace(assessed, opens=True, because="patients and workforce agree"), None, (), now=DUE)
        assert change is not None
        assert (change.what, change.case.asked) == (What.OPENED, told)
        assert bool(asking(change.case, now=DUE + DAY)) is not bool(told)


def test_a_case_whose_evidence_is_gone_or_that_gets_worse_is_told_that_instead() -> None:
    watched = [act(ActKind.WATCH, OPENED)]
    gone = decide(QUIET, CASE, watched, now=OPENED + HALF_A_YEAR)
    assert gone is not None
    assert gone.what is What.GONE
    assert decide(HOLDING, gone.case, watched, now=OPENED + HALF_A_YEAR) is None
    grown = replace(HOLDING, p=1e-6, families={Family.PATIENTS: 0.05, Family.STAFF_VOICE: 1e-6})
    worse = decide(grown, CASE, (), now=DUE)
    assert worse is not None
    assert worse.what is What.WORSENED
    assert asking(worse.case, now=DUE + DAY) is not None, "the question is put off, not dropped"


def test_where_several_hold_the_longest_dates_the_asking() -> None:
    assert how_long([date(2024, 1, 29), date(2024, 1, 1)]) == "plain since January 2024 and holding"
    assert how_long([date(2024, 3, 1), date(2024, 1, 1)]) == "the longest plain since January 2024 and holding"


def test_a_case_kept_before_anybody_was_asked_is_still_read() -> None:
    kept = json.loads(wire.dump(CASE))
    del kept["asked"]
    assert wire.load(Case, json.dumps(kept)) == CASE


DAYS = st.integers(0, 1500)
ACTS = st.lists(st.tuples(DAYS, st.sampled_from(list(ActKind))), max_size=12)


@given(st.sets(DAYS, min_size=1), ACTS)
def test_whatever_is_done_and_whenever_it_is_looked_at_two_askings_are_half_a_year_apart(
    looks: set[int], done: list[tuple[int, ActKind]]
) -> None:
    case, acts = CASE, [act(kind, DUE + day * DAY) for day, kind in done]
    for now in [DUE + day * DAY for day in sorted(looks)]:
        seen = [each for each in acts if each.at <= now]
        words = [at for at in (case.asked, answered(seen)) if at is not None]
        change = asking(case, seen, now)
        assert (change is not None) == all(now - at >= HALF_A_YEAR for at in words)
        assert bool(to_ask(case, HOLDING.signals, seen, now.date())) == (change is not None)
        case = change.case if change else case
