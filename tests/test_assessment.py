"""An assessment is a pure function of the current signals: families, the case rule, patterns."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assessment import Circumstances, assess, current, guard, window
from monitor.catalogue import INDICATORS
from monitor.model import Assessment, Family, Reading
from monitor.ports import Evidence
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
}


def _evidence(
    indicator: str, worse: float = 0.5, better: float = 0.5, *, known: date = date(2024, 6, 1), per_year: int = 12
) -> Evidence:
    return Evidence(
        "RA00", indicator, "local", FAMILIES[indicator], worse, better, date(2024, 3, 1), date(2024, 3, 1),
        month(52), known, per_year,
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
    assert _assess(_evidence("sickness_rate", p), _evidence("new_complaints")).opens is opens


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


def test_what_argues_against_is_said() -> None:
    assessed = _assess(
        _evidence("sickness_rate", 1e-3), _evidence("new_complaints", 1e-3), _evidence("engagement_score", better=1e-3),
        circumstances=Circumstances(date(2024, 4, 1), ("staff_sickness",)),
    )  # fmt: skip

    text = "; ".join(assessed.against)
    assert "improving at the same time: engagement in the quarterly pulse" in text
    assert "not heard from: incidents" in text
    assert "merged on 2024-04-01" in text
    assert "figures outstanding: staff_sickness" in text


def test_the_nation_is_guarded_by_number_and_share() -> None:
    opening = _assess(_evidence("sickness_rate", 1e-3), _evidence("new_complaints", 1e-3))
    quiet = _assess(_evidence("sickness_rate"))

    assert guard([opening] * 8 + [quiet] * 92, 100)
    assert not guard([opening] * 7 + [quiet] * 93, 100)
    assert not guard([opening] * 8, 200)


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
