"""A case's life: opened, grown, faded, closed by people, moved in a merger."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor import wire
from monitor.acceptance import Accepted
from monitor.casefile import Act, ActKind, Assessment, Case, Outcome, Signal, What
from monitor.cases import REST, acted, decide, furthest, holding, moved
from monitor.errors import BadRequest
from monitor.evidence import Evidence
from monitor.model import Family, Reading
from monitor.other_cases import Fault, data_changes, nation_change, shock_lasts
from tests.factories import month

NOW = datetime(2024, 6, 15, 12, tzinfo=UTC)
SIGNAL = Signal(
    "RA00", "new_complaints", "local", Family.PATIENTS, Reading.WORSENING, 1e-3, date(2024, 3, 1), month(52),
    date(2024, 6, 1), rises=True,
)  # fmt: skip
AGREE = Assessment(
    organisation="RA00", p=1e-4, families={Family.PATIENTS: 1e-3, Family.WORKFORCE: 0.01}, signals=(SIGNAL,),
    patterns=(), unassessed=(), against=(), opens=True, because="patients agree",
)  # fmt: skip
QUIET = replace(AGREE, p=0.8, families={Family.PATIENTS: 0.5}, signals=(), opens=False, because="")


def _case() -> Case:
    change = decide(AGREE, None, (), now=NOW)
    assert change is not None
    return change.case


def _act(kind: ActKind, outcome: Outcome | None = None) -> Act:
    return Act("RA00-20240615", kind, "A. Person", NOW, outcome=outcome)


def test_an_assessment_that_meets_the_rule_opens_a_case_with_its_reason() -> None:
    change = decide(AGREE, None, (), now=NOW)

    assert change is not None
    assert (change.what, change.reason, change.case.id) == ("opened", "patients agree", "RA00-20240615")


def test_an_open_case_is_not_opened_again_and_a_quiet_one_opens_nothing() -> None:
    assert decide(AGREE, _case(), (), now=NOW) is None
    assert decide(QUIET, None, (), now=NOW) is None


def test_a_closed_case_rests_for_a_quarter() -> None:
    assert decide(AGREE, None, (), now=NOW, last_closed=NOW - REST + timedelta(days=1)) is None
    assert decide(AGREE, None, (), now=NOW, last_closed=NOW - REST) is not None


def test_another_family_makes_a_case_worse() -> None:
    grown = replace(AGREE, p=1e-6, families={**AGREE.families, Family.STAFF_VOICE: 0.01})

    change = decide(grown, _case(), (), now=NOW)

    assert change is not None
    assert (change.what, change.reason) == ("worsened", "joined by staff voice")
    assert change.case.opened == NOW


@pytest.mark.parametrize(("opens", "because"), [(False, "close to a case"), (True, "patients and staff voice agree")])
def test_a_case_that_gets_worse_keeps_why_it_opened(opens: bool, because: str) -> None:
    grown = replace(AGREE, p=1e-6, families={**AGREE.families, Family.STAFF_VOICE: 0.01})

    change = decide(replace(grown, opens=opens, because=because), _case(), (), now=NOW)

    assert change is not None
    assert (change.case.because, change.reason) == ("patients agree", "joined by staff voice")


def test_an_untouched_case_fades_with_its_signals() -> None:
    change = decide(QUIET, _case(), (), now=NOW)

    assert change is not None
    assert (change.what, change.case.outcome, change.case.closed) == ("faded", Outcome.FADED, NOW)


def test_a_touched_case_only_a_person_closes_and_is_told_once_that_its_evidence_is_gone() -> None:
    acts = [_act(ActKind.ACKNOWLEDGE)]

    told = decide(QUIET, _case(), acts, now=NOW)

    assert told is not None
    assert (told.what, told.case.outcome) == ("evidence gone", None)
    assert told.case.signals == (SIGNAL,)
    assert decide(QUIET, told.case, acts, now=NOW) is None


def test_evidence_that_comes_back_to_a_touched_case_is_told_and_so_is_its_second_end() -> None:
    acts = [_act(ActKind.ACKNOWLEDGE)]
    gone = decide(QUIET, _case(), acts, now=NOW)
    assert gone is not None
    fresh = replace(AGREE, signals=(replace(SIGNAL, period=month(60)),))

    assert decide(replace(fresh, opens=False), gone.case, acts, now=NOW) is None
    back = decide(fresh, replace(gone.case, still_opens=False), acts, now=NOW)

    assert back is not None
    assert (back.what, back.reason) == ("worsened", "the evidence is back: patients agree")
    assert back.case.signals == fresh.signals
    assert (back.case.is_gone, back.case.still_opens) == (False, True)
    assert decide(fresh, back.case, acts, now=NOW) is None
    again = decide(QUIET, back.case, acts, now=NOW)
    assert again is not None
    assert again.what == "evidence gone"


def test_a_case_kept_before_its_evidence_could_go_is_still_read() -> None:
    kept = json.loads(wire.dump(_case()))
    del kept["is_gone"]
    assert wire.load(Case, json.dumps(kept)) == _case()


def test_only_closing_changes_a_case_and_it_names_an_outcome() -> None:
    assert acted(_case(), _act(ActKind.WATCH)) is None
    change = acted(_case(), _act(ActKind.CLOSE, Outcome.CONCERN_FOUND))
    assert change is not None
    assert change.case.outcome is Outcome.CONCERN_FOUND
    with pytest.raises(BadRequest, match="--outcome"):
        acted(_case(), _act(ActKind.CLOSE))
    for kind, outcome in ((ActKind.NOTE, None), (ActKind.CLOSE, Outcome.NO_CONCERN)):
        with pytest.raises(BadRequest, match=r"closed .concern found., and stays .* `monitor cases list`"):
            acted(change.case, _act(kind, outcome))


def test_a_case_shows_the_furthest_act() -> None:
    assert furthest([_act(ActKind.ESCALATE), _act(ActKind.NOTE)]) is ActKind.ESCALATE
    assert furthest([]) is None


def test_a_merger_moves_a_case_or_closes_it_as_merged() -> None:
    standing = replace(_case(), id="RB00-20240101", organisation="RB00")

    gone_on, merged = moved(_case(), "RB00", None, NOW), moved(_case(), "RB00", standing, NOW)

    assert (gone_on.what, gone_on.case.organisation, gone_on.case.outcome) == ("moved", "RB00", None)
    assert {signal.organisation for signal in gone_on.case.signals} == {"RB00"}
    assert (merged.case.outcome, merged.reason) == (Outcome.MERGED, "merged into RB00-20240101")


def test_a_case_outlasts_a_merger_by_a_quarter_and_then_says_why_it_ends() -> None:
    merged, case = NOW.date() + timedelta(days=1), _case()
    last = NOW + timedelta(days=1) + REST

    assert decide(QUIET, case, (), now=last - timedelta(days=1), merged=merged) is None
    faded = decide(QUIET, case, (), now=last, merged=merged)
    assert faded is not None
    assert faded.what is What.FADED
    assert faded.reason.startswith("its signals no longer show in the figures of what the merger made")
    told = decide(QUIET, case, [_act(ActKind.WATCH)], now=last, merged=merged)
    assert told is not None
    assert told.reason.endswith("merger made; a person decides")


def test_a_merger_before_a_case_opened_has_no_part_in_its_end() -> None:
    faded = decide(QUIET, _case(), (), now=NOW + timedelta(days=30), merged=NOW.date())
    assert faded is not None
    assert "left their windows" in faded.reason


def test_a_case_is_named_by_its_day_in_london_and_so_is_the_nation_s() -> None:
    """At half past eleven in the evening UTC it is the next day there, in summer."""
    late = datetime(2024, 6, 15, 23, 30, tzinfo=UTC)
    change, shock = decide(AGREE, None, (), now=late), nation_change(9, None, late)
    assert change is not None
    assert shock is not None
    (fault,) = data_changes("complaints", [Fault("RA00", "was due")], [], late)
    assert [each.case.id for each in (change, shock, fault)] == [
        "RA00-20240616", "NATION-20240616", "RA00-20240616-complaints"
    ]  # fmt: skip
    assert nation_change(None, shock.case, late + timedelta(hours=9)) is None
    assert nation_change(None, shock.case, late + timedelta(hours=24)) is not None


def test_a_shock_that_people_have_closed_lasts_for_a_quarter_at_most() -> None:
    shock = nation_change(9, None, NOW)
    assert shock is not None
    by_hand = acted(shock.case, _act(ActKind.CLOSE, Outcome.NO_CONCERN))
    passed = nation_change(None, shock.case, NOW + timedelta(days=1))
    assert by_hand is not None
    assert passed is not None
    assert shock_lasts(by_hand.case, NOW + REST - timedelta(days=1))
    assert not shock_lasts(by_hand.case, NOW + REST)
    assert not shock_lasts(passed.case, NOW + timedelta(days=1))


def test_a_silent_organisation_makes_a_data_case_that_closes_when_it_speaks() -> None:
    (opened,) = data_changes("complaints", [Fault("RA00", "was due")], [], NOW)

    assert (opened.case.kind, opened.case.feed) == ("data", "complaints")
    assert data_changes("complaints", [Fault("RA00", "was due")], [opened.case], NOW) == []
    (closed,) = data_changes("complaints", [], [opened.case], NOW)
    assert closed.case.outcome is Outcome.DATA_FAULT
    assert data_changes("staff_sickness", [], [opened.case], NOW) == []


def test_an_accepted_level_is_a_step_of_the_story_and_needs_something_that_holds() -> None:
    case = _case()
    act = replace(_act(ActKind.ACCEPT), accepted=(Accepted("RA00", "new_complaints", "local", date(2024, 5, 1)),))
    change = acted(case, act)
    assert change is not None
    assert (change.what, change.case) == (What.ACCEPTED, case)
    assert change.reason == "A. Person accepted the level of new complaints as the new normal"
    with pytest.raises(BadRequest, match="there is no level to accept"):
        acted(case, replace(act, accepted=()))
    gone = decide(QUIET, case, [act], now=NOW)
    assert gone is not None
    assert "a level that was accepted" in gone.reason


def test_the_level_that_holds_can_be_accepted_but_not_while_its_newest_figure_is_not_believed() -> None:
    case = _case()
    held = Evidence(
        "RA00", "new_complaints", "local", Family.PATIENTS, 0.5, 0.5, date(2024, 3, 1), date(2024, 3, 1), month(52),
        date(2024, 6, 1), 12, latched=True, latched_since=date(2024, 1, 1),
    )  # fmt: skip
    assert holding(case, [held]) == (Accepted("RA00", "new_complaints", "local", month(52)[0]),)
    assert holding(case, [held._replace(doubted=1)]) == ()
