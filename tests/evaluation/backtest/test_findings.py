"""Shares and leads by hand: what is counted for whom, and how sure that is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.evaluation.backtest.controls import Levels, Pair, pairs
from monitor.evaluation.backtest.events import Event
from monitor.evaluation.backtest.findings import CASE, SIGNAL, Interval, by_month, days_of, findings, leads
from monitor.evaluation.backtest.relive import Lived, Opened, Raised
from monitor.model import PeerGroup
from monitor.organisations import registry
from tests.factories import organisation

DAY = date(2022, 6, 1)
START = DAY - timedelta(days=365)


def event(code: str, day: date = DAY) -> Event:
    return Event(code, day, "inspection", "", 2)


def before(days: int) -> date:
    return DAY - timedelta(days=days)


def pair(code: str, *controls: str) -> Pair:
    return Pair(event(code), 0.5, controls, 0.5)


PAIRS = [pair("RA1", "RC1", "RC2"), pair("RA2", "RC1", "RC3"), pair("RA3", "RC2", "RC3"), pair("RA4", "RC4")]
SAID = {
    "RA1": [before(400), before(80)],  # the first of the year before is 80 days before
    "RA2": [before(200), before(10)],
    "RA3": [DAY, before(-20)],  # not before it
    "RC1": [before(100)],
}


def test_shares_of_events_and_of_their_controls_are_counted_within_each_reach() -> None:
    found = {one.months: one for one in findings(PAIRS, {CASE: SAID})}
    assert {months: one.events.value for months, one in found.items()} == {"3": 0.5, "6": 0.5, "12": 0.5}
    assert {months: one.controls.value for months, one in found.items()} == {"3": 0.0, "6": 0.25, "12": 0.25}
    assert found["12"].difference.value == 0.25


def test_a_lead_runs_from_the_first_word_of_the_year_before() -> None:
    lead = leads(PAIRS, {CASE: SAID})[0]
    assert (lead.number, lead.median.value) == (2, 140.0)  # 80 and 200 days
    assert lead.median.low == 80.0
    assert lead.median.high == 200.0


def test_without_any_word_there_is_no_lead_and_no_share() -> None:
    assert leads(PAIRS, {CASE: {}})[0].median == Interval(None, None, None)
    assert findings(PAIRS, {CASE: {}})[0].events == Interval(0.0, 0.0, 0.0)
    assert findings([], {CASE: SAID})[0].events == Interval(None, None, None)


def test_of_one_organisation_no_interval_is_claimed() -> None:
    found = findings([pair("RA1", "RC1")] * 3, {CASE: SAID})[2]
    assert (found.events, found.controls) == (Interval(1.0, None, None), Interval(1.0, None, None))


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 500)), min_size=2, max_size=20))
def test_an_interval_holds_its_figure_and_stays_a_share(said: list[tuple[int, int]]) -> None:
    some = [pair(f"RA{code}", "RC1") for code, _ in said]
    days = {f"RA{code}": [before(ago)] for code, ago in said}
    for one in findings(some, {CASE: days}):
        if one.events.low is not None:
            assert one.events.high is not None
            assert one.events.value is not None
            assert 0.0 <= one.events.low <= one.events.value <= one.events.high <= 1.0


def test_the_curve_counts_whoever_had_a_word_by_then() -> None:
    events, controls = by_month(PAIRS, SAID)
    assert (events[0], events[-1], controls[-1]) == (0.0, 0.5, 0.25)
    assert events == sorted(events)
    assert events[12 - 3] == 0.25  # only RA2's, three months before


def test_signals_count_where_chance_gives_them_no_oftener_than_asked() -> None:
    lived = Lived()
    lived.opened.append(Opened(DAY, "RA1"))
    lived.raised += [Raised(DAY, "RA1", "new_complaints", p) for p in (0.04, 0.009)]
    lived.raised.append(Raised(before(3), "RA1", "new_complaints", 0.04))
    assert days_of(lived, 0.01) == {CASE: {"RA1": [DAY]}, SIGNAL: {"RA1": [DAY]}}
    assert days_of(lived, 0.05)[SIGNAL] == {"RA1": [before(3), DAY]}


ORGANISATIONS = [organisation(f"RA{number}") for number in range(10)]
RANKS = {one.code: [(START.toordinal() - 30, place / 9)] for place, one in enumerate(ORGANISATIONS)}
SCORED = {one.code: START for one in ORGANISATIONS}


def test_controls_stood_at_the_same_level_when_the_year_began() -> None:
    found, left = pairs([event("RA5")], registry(ORGANISATIONS), Levels(RANKS), SCORED)
    assert not left
    assert {*found[0].controls} == {"RA2", "RA3", "RA4", "RA6", "RA7"}
    assert found[0].level == pytest.approx(5 / 9)


def test_what_became_known_after_the_year_had_begun_chooses_nobody() -> None:
    later = {code: [*some, (START.toordinal() + 1, 1.0 - some[0][1])] for code, some in RANKS.items()}
    chosen = [
        pairs([event("RA5")], registry(ORGANISATIONS), Levels(ranks), SCORED)[0][0].controls for ranks in (RANKS, later)
    ]
    assert chosen[0] == chosen[1]


def test_whoever_has_an_event_within_two_years_is_no_control() -> None:
    near, far = event("RA4", DAY + timedelta(days=700)), event("RA6", DAY - timedelta(days=740))
    found, _ = pairs([event("RA5"), near, far], registry(ORGANISATIONS), Levels(RANKS), SCORED)
    own = next(one for one in found if one.event.organisation == "RA5")
    assert "RA4" not in own.controls
    assert "RA6" in own.controls


def test_only_peers_that_are_watched_and_scored_are_controls() -> None:
    others = [organisation("RA4", PeerGroup.AMBULANCE), organisation("RA6", end=before(30))]
    known = registry([one for one in ORGANISATIONS if one.code not in {"RA4", "RA6"}] + others)
    scored = {**SCORED, "RA3": START + timedelta(days=1)}
    found, _ = pairs([event("RA5")], known, Levels(RANKS), scored)
    assert not {"RA3", "RA4", "RA6"} & {*found[0].controls}


def test_events_that_cannot_be_judged_are_left_out_with_their_reason() -> None:
    early, alone = event("RA5", START), event("RB1")
    known = registry([*ORGANISATIONS, organisation("RB1", PeerGroup.COMMUNITY)])
    ranks, scored = {**RANKS, "RB1": RANKS["RA5"]}, {**SCORED, "RB1": START}
    found, left = pairs([early, alone], known, Levels(ranks), scored)
    assert not found
    assert [one.why.split(" by ")[0] for one in left] == [
        "nothing of it had been scored",
        "no peer without an event within two years had been scored a year before",
    ]
