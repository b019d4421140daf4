"""An assessment is a pure function of the current signals: families, the case rule, patterns."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.against import Circumstances
from monitor.assessment import assess, current, guard, opens, window
from monitor.casefile import Assessment, WatchKind
from monitor.cases import is_gone
from monitor.catalogue import INDICATORS
from monitor.evidence import Evidence
from monitor.model import Family, Reading
from monitor.patterns import PATTERNS
from tests.factories import month

TODAY = date(2024, 6, 15)
FAMILIES = {
    "low_harm_reports": Family.INCIDENTS,
    "harm_share": Family.INCIDENTS,
    "sickness_rate": Family.WORKFORCE,
    "stress_sickness_rate": Family.WORKFORCE,
    "new_complaints": Family.PATIENTS,
    "conduct_complaints_share": Family.PATIENTS,
    "engagement_score": Family.STAFF_VOICE,
    "motivation_score": Family.STAFF_VOICE,
    "burnout_share": Family.STAFF_VOICE,
    "stress_share": Family.STAFF_VOICE,
    "enough_staff_share": Family.STAFF_VOICE,
    "pulse_response_rate": Family.STAFF_VOICE,
    "speaking_up_cases": Family.STAFF_VOICE,
    "active_units_share": Family.INCIDENTS,
    "anonymous_share": Family.INCIDENTS,
    "report_delay": Family.INCIDENTS,
    "raising_concerns_score": Family.STAFF_VOICE,
    "staffing_risk_share": Family.INCIDENTS,
    "candour_share": Family.INCIDENTS,
    "complaints_backlog": Family.PATIENTS,
    "complaints_response_days": Family.PATIENTS,
    "upheld_share": Family.PATIENTS,
}
SILENCES = ("low_harm_reports", "pulse_response_rate", "speaking_up_cases", "active_units_share")


def _evidence(
    indicator: str, worse: float = 0.5, better: float = 0.5, *, known: date = date(2024, 6, 1), per_year: int = 12,
    latched: bool = False, long_low: int | None = None,
) -> Evidence:  # fmt: skip
    return Evidence(
        "RA00", indicator, "local", FAMILIES[indicator], worse, better, date(2024, 3, 1), date(2024, 3, 1),
        month(52), known, per_year, latched, date(2023, 11, 1) if latched else None, long_low,
    )  # fmt: skip


def _assess(*evidence: Evidence, threshold: float = 0.001, circumstances: Circumstances | None = None) -> Assessment:
    return assess(
        "RA00", evidence, INDICATORS, today=TODAY, threshold=threshold, circumstances=circumstances or Circumstances()
    )


def test_two_families_with_a_voice_and_a_fused_p_under_the_threshold_open_a_case() -> None:
    assessed = _assess(_evidence("sickness_rate", 1e-3), _evidence("new_complaints", 1e-3))

    assert assessed.opens
    assert assessed.because.startswith("patients and workforce agree")


def test_two_families_without_staff_voice_or_patients_are_a_watch_item() -> None:
    assessed = _assess(_evidence("sickness_rate", 5e-4), _evidence("harm_share", 5e-4))

    assert not assessed.opens
    assert assessed.watch == "unusual together, but no second family with a voice agrees"


@pytest.mark.parametrize(("p", "opens"), [(1.1e-4, False), (0.9e-4, True)])
def test_one_family_alone_needs_one_in_ten_thousand(p: float, opens: bool) -> None:
    assert _assess(_evidence("sickness_rate"), _evidence("new_complaints", p)).opens is opens


def test_one_family_alone_opens_nothing_beyond_the_budget() -> None:
    assert not _assess(_evidence("sickness_rate"), _evidence("new_complaints", 0.9e-4), threshold=1e-6).opens


def test_sickness_supports_others_and_opens_nothing_by_itself() -> None:
    assessed = _assess(_evidence("sickness_rate", 1e-9), _evidence("new_complaints"))

    assert not assessed.opens
    assert assessed.watch


def test_indicators_of_one_family_count_once() -> None:
    one = _assess(_evidence("sickness_rate", 1e-3))
    two = _assess(_evidence("sickness_rate", 1e-3), _evidence("stress_sickness_rate", 1e-3))

    assert two.families[Family.WORKFORCE] == pytest.approx(one.families[Family.WORKFORCE], rel=0.01)


def test_a_fall_in_reporting_corroborates_but_is_no_part_of_the_fused_probability() -> None:
    silent = _evidence("low_harm_reports", 1e-3)
    with_it = _assess(silent, _evidence("new_complaints", 1e-4), threshold=0.01)
    without = _assess(_evidence("new_complaints", 1e-4), threshold=0.01)

    assert with_it.p == without.p
    assert with_it.opens
    assert with_it.signals[1].reading is Reading.SILENCE
    assert with_it.patterns == ("C1",)


def test_a_fall_in_reporting_alone_never_opens_a_case() -> None:
    assert not _assess(_evidence("low_harm_reports", 1e-9)).opens


@pytest.mark.parametrize(
    ("complaints", "said"),
    [
        (0.03, "incidents and patients agree, though together they say no more than chance allows"),
        (0.3, "a change in incidents; no other family agrees"),
    ],
)
def test_a_watch_item_names_the_families_that_agree_silence_too(complaints: float, said: str) -> None:
    found = _assess(_evidence("low_harm_reports", 5e-4), _evidence("new_complaints", complaints))
    assert (found.opens, found.watch) == (False, said)


@pytest.mark.parametrize(("per_year", "days"), [(52, 92), (12, 92), (4, 183), (3, 183), (1, 396)])
def test_evidence_counts_from_the_day_it_was_known_for_its_cadence_s_window(per_year: int, days: int) -> None:
    last, gone = TODAY - timedelta(days=days), TODAY - timedelta(days=days + 1)

    assert window(per_year) == timedelta(days=days)
    assert len(current([_evidence("sickness_rate", known=last, per_year=per_year)], TODAY)) == 1
    assert current([_evidence("sickness_rate", known=gone, per_year=per_year)], TODAY) == []


def test_a_pattern_whose_inputs_are_missing_cannot_be_assessed() -> None:
    assessed = _assess(_evidence("sickness_rate"))

    assert assessed.patterns == ()
    assert "C1" in assessed.unassessed


def test_patients_complaining_while_reports_stay_is_a_pattern_and_falling_reports_are_another() -> None:
    conduct = _evidence("conduct_complaints_share", 1e-4)

    assert _assess(conduct, _evidence("low_harm_reports")).patterns == ("C6",)
    assert _assess(conduct, _evidence("low_harm_reports", 1e-3)).patterns == ("C1",)


def test_a_bright_spot_needs_reports_and_engagement_to_rise() -> None:
    rise = _evidence("low_harm_reports", better=1e-3)

    assert _assess(rise, _evidence("engagement_score", better=1e-3)).patterns == ("C10",)
    assert _assess(rise, _evidence("engagement_score")).patterns == ()


@pytest.mark.parametrize(
    ("key", "rises", "falls"),
    [
        ("C2", ["harm_share"], ["low_harm_reports"]),
        ("C3", ["anonymous_share", "report_delay"], ["raising_concerns_score"]),
        ("C5", [], ["pulse_response_rate", "active_units_share", "speaking_up_cases"]),
        ("C7", ["complaints_backlog", "complaints_response_days"], ["upheld_share", "candour_share"]),
    ],
)
def test_a_pattern_is_there_when_all_its_parts_are(key: str, rises: list[str], falls: list[str]) -> None:
    parts = [_moved(name, up=True) for name in rises] + [_moved(name, up=False) for name in falls]

    assert key in _assess(*parts).patterns
    for missing in range(len(parts)):
        assert key not in _assess(*parts[:missing], *parts[missing + 1 :]).patterns


def _moved(indicator: str, *, up: bool) -> Evidence:
    worse = (INDICATORS[indicator].worse > 0) is up
    return _evidence(indicator, 1e-4 if worse else 0.5, 0.5 if worse else 1e-4)


def test_channels_that_fall_silent_are_no_pattern_where_anything_rises() -> None:
    falls = [_moved(name, up=False) for name in ("pulse_response_rate", "active_units_share", "speaking_up_cases")]

    assert _assess(*falls, _evidence("new_complaints")).patterns == ("C5",)
    assert _assess(*falls, _moved("new_complaints", up=True)).patterns == ()


def test_what_no_feed_sends_cannot_be_assessed_and_the_nation_is_no_organisation_s_pattern() -> None:
    everything = _assess(*(_evidence(indicator) for indicator in FAMILIES))

    assert everything.unassessed == ("C8", "C9")
    assert not any(pattern.parts for pattern in PATTERNS if pattern.key == "C0")


def test_a_bright_spot_is_a_watch_item_of_its_own_kind_and_none_while_anything_worsens() -> None:
    rises = [_evidence("low_harm_reports", better=1e-3), _evidence("engagement_score", better=1e-3)]

    bright = _assess(*rises, _evidence("stress_sickness_rate", better=1e-2))
    assert (bright.watch_kind, bright.opens) == (WatchKind.BRIGHT_SPOT, False)
    assert bright.watch == "more incident reports while engagement rises"
    assert _assess(*rises, _evidence("new_complaints", 0.01)).watch_kind is not WatchKind.BRIGHT_SPOT
    assert _assess(_evidence("low_harm_reports", better=1e-9)).watch is None


def test_a_worsening_that_still_holds_corroborates_and_adds_nothing_to_the_fused_probability() -> None:
    holding, fresh = _evidence("sickness_rate", 0.4, latched=True), _evidence("new_complaints", 2e-4)
    with_it, without = _assess(holding, fresh), _assess(_evidence("sickness_rate", 0.4), fresh)

    assert with_it.p == without.p
    assert (with_it.opens, without.opens) == (True, False)
    still = next(signal for signal in with_it.signals if signal.latched)
    assert (still.since, still.reading) == (date(2023, 11, 1), Reading.WORSENING)
    assert not is_gone(_assess(holding))


def test_low_answers_in_two_surveys_running_are_a_watch_item_and_count_as_staff_voice() -> None:
    low = [_evidence(name, long_low=2, per_year=1) for name in ("burnout_share", "stress_share")]
    other = _evidence("enough_staff_share", long_low=0, per_year=1)

    assert _assess(*low, other).watch_kind is WatchKind.LONG_LOW
    assert _assess(*low, other).families[Family.STAFF_VOICE] == 0.05
    assert not _assess(*low, other, threshold=1.0).opens
    assert is_gone(_assess(*low, other))
    assert _assess(*low, other, _evidence("sickness_rate", 1e-4 * 2)).opens


def test_one_low_item_of_many_or_one_low_survey_is_not_long_low() -> None:
    some = [_evidence(name, long_low=0, per_year=1) for name in ("burnout_share", "stress_share")]

    assert _assess(*some, _evidence("enough_staff_share", long_low=5, per_year=1)).watch is None
    assert _assess(_evidence("burnout_share", long_low=1, per_year=1)).watch is None


def test_more_reports_and_nothing_but_counts_may_be_a_campaign() -> None:
    campaign = "a reporting campaign raises counts"
    reports = _evidence("low_harm_reports", better=1e-4)

    assert campaign in "; ".join(_assess(reports, _evidence("new_complaints", 1e-3)).against)
    assert campaign not in "; ".join(_assess(reports, _evidence("harm_share", 1e-3)).against)


def test_the_shares_of_the_evidence_are_those_of_worsening_families() -> None:
    assessed = _assess(
        _evidence("sickness_rate", 1e-3), _evidence("new_complaints", 1e-2), _evidence(SILENCES[0], 1e-9)
    )

    assert sum(assessed.shares.values()) == pytest.approx(1.0)
    assert assessed.shares[Family.WORKFORCE] > assessed.shares[Family.PATIENTS] > 0.0
    assert Family.INCIDENTS not in assessed.shares


def test_what_argues_against_is_said() -> None:
    assessed = _assess(
        _evidence("sickness_rate", 1e-3), _evidence("new_complaints", 1e-3), _evidence("engagement_score", better=1e-3),
        _evidence("complaints_backlog")._replace(doubted=1),
        circumstances=Circumstances(date(2024, 4, 1), ("staff_sickness",)),
    )  # fmt: skip

    text = "; ".join(assessed.against)
    assert "improving at the same time: engagement in the quarterly pulse" in text
    assert "not heard from: incidents" in text
    assert "merged on 2024-04-01" in text
    assert "figures outstanding: staff_sickness" in text
    assert "not believed, so no evidence: " in text


def test_the_nation_is_guarded_by_number_and_share() -> None:
    assert guard(8, 100)
    assert not guard(7, 100)
    assert not guard(8, 200)


_TAILS = st.floats(1e-12, 1.0)


@given(st.dictionaries(st.sampled_from(sorted(FAMILIES)), _TAILS, min_size=1), st.randoms(use_true_random=False))
def test_the_order_of_signals_never_matters(tails: dict[str, float], random: object) -> None:
    evidence = [_evidence(indicator, p) for indicator, p in tails.items()]
    before = _assess(*evidence)
    random.shuffle(evidence)  # type: ignore[attr-defined]
    after = _assess(*evidence)

    assert after.p == pytest.approx(before.p, rel=1e-9)
    assert (after.opens, after.signals, after.patterns) == (before.opens, before.signals, before.patterns)


@given(st.dictionaries(st.sampled_from(sorted(FAMILIES)), st.floats(1e-6, 1.0), min_size=1), st.data())
def test_stronger_evidence_never_raises_the_fused_probability(tails: dict[str, float], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(tails)))
    stronger = {**tails, key: tails[key] / 2}

    before = _assess(*(_evidence(indicator, p) for indicator, p in tails.items()))
    after = _assess(*(_evidence(indicator, p) for indicator, p in stronger.items()))

    assert after.p <= before.p * (1 + 1e-9)


@given(
    st.dictionaries(st.sampled_from(sorted(set(FAMILIES) - {*SILENCES})), _TAILS, min_size=1),
    st.lists(_TAILS, min_size=len(SILENCES), max_size=len(SILENCES)),
)
def test_the_fused_probability_never_hears_a_silence(tails: dict[str, float], silences: list[float]) -> None:
    worsening = [_evidence(indicator, p) for indicator, p in tails.items()]
    silent = [_evidence(indicator, p) for indicator, p in zip(SILENCES, silences, strict=True)]

    assert _assess(*worsening, *silent).p == _assess(*worsening).p
    assert _assess(*worsening, *silent).shares == _assess(*worsening).shares


TAILS = st.floats(-8.0, 0.0).map(lambda exponent: 10.0**exponent)
SOME = st.tuples(st.sampled_from(sorted(FAMILIES)), TAILS, st.booleans(), st.sampled_from([None, 0, 2]))


@given(st.lists(SOME, min_size=1, max_size=8))
def test_whether_a_case_opens_is_told_as_by_the_whole_assessment(
    parts: list[tuple[str, float, bool, int | None]],
) -> None:
    found = [_evidence(indicator, p, latched=latched, long_low=low) for indicator, p, latched, low in parts]
    for threshold in (1e-6, 1e-3, 0.05):
        whole = assess("RA00", found, INDICATORS, today=TODAY, threshold=threshold).opens
        assert opens(found, INDICATORS, today=TODAY, threshold=threshold) == whole
