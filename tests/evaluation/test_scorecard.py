import json
from datetime import date
from typing import Any

import jsonschema
import pytest

from monitor.evaluation.scorecard import scorecard
from tests.conftest import ROOT

LIVE = {"live_from": date(2023, 4, 1), "live_until": date(2025, 4, 1)}


def planted(organisation: str = "RAA", **changed: Any) -> dict[str, Any]:
    usual = {"pattern": "C1", "onset": "2024-01-01", "effect": 0.3, "shape": "step"}
    usual["indicators"] = {"new_complaints": "rises"}
    return {"organisation": organisation, **usual, **changed}


def truth(*entries: dict[str, Any], successions: tuple[tuple[str, str, str], ...] = ()) -> dict[str, Any]:
    steps = [dict(zip(("predecessor", "successor", "legal_date"), step, strict=True)) for step in successions]
    return {"deteriorations": list(entries), "successions": steps}


def case(organisation: str, opened: str, closed: str | None = None, **more: Any) -> dict[str, Any]:
    return {"organisation": organisation, "opened": opened, "closed": closed, "outcome": None, "signals": [], **more}


def scored(of: dict[str, Any], *cases: dict[str, Any]) -> dict[str, Any]:
    card = scorecard(of, cases, expected_chance_cases=24.0, **LIVE)
    jsonschema.validate(card, json.loads((ROOT / "monitor/schemas/scorecard.json").read_text(encoding="utf-8")))
    return card


def test_a_case_three_months_after_the_onset_finds_it_within_six() -> None:
    card = scored(truth(planted()), case("RAA", "2024-04-01T08:00:00+00:00"))
    assert (card["found_within_6_months"], card["found_within_12_months"]) == (1, 1)
    assert card["median_lead_time_days"] == 91
    assert card["misses"] == card["false_cases"] == []


def signal(since: str, indicator: str = "new_complaints", reading: str = "worsening") -> dict[str, Any]:
    return {"indicator": indicator, "since": since, "reading": reading}


@pytest.mark.parametrize(
    ("one", "is_on_planted"),
    [
        (signal("2024-02"), True),
        (signal("2023-11"), True),  # dated a little early, as slow evidence is
        (signal("2023-06"), False),
        (signal("2024-02", indicator="sickness_rate"), False),
        (signal("2024-02", reading="improving"), False),
    ],
)
def test_a_case_is_on_what_was_planted_if_one_of_its_indicators_moved_since(
    one: dict[str, Any], is_on_planted: bool
) -> None:
    card = scored(truth(planted()), case("RAA", "2024-04-01", signals=[one]))
    assert card["found"][0]["on_planted"] is is_on_planted
    assert card["found_within_6_months"] == 1
    assert card["found_on_planted_within_6_months"] == card["found_on_planted_within_12_months"] == int(is_on_planted)


def test_a_later_case_of_the_year_can_be_the_one_on_what_was_planted() -> None:
    by_chance = case("RAA", "2024-02-01", "2024-04-01", signals=[signal("2023-06")])
    later = [case("RAA", day, signals=[signal("2024-02")]) for day in ("2024-05-01", "2024-09-01")]
    for second, within in zip(later, ((1, 1), (0, 1)), strict=True):
        card = scored(truth(planted()), by_chance, second)
        assert (card["found_on_planted_within_6_months"], card["found_on_planted_within_12_months"]) == within
        assert card["found_within_6_months"] == 1
        assert card["found"][0]["on_planted"] is False, "says it of the case that found it first"


def test_a_case_nine_months_after_the_onset_finds_it_within_twelve() -> None:
    card = scored(truth(planted()), case("RAA", "2024-10-01"))
    assert (card["found_within_6_months"], card["found_within_12_months"]) == (0, 1)


def test_a_case_after_a_year_is_a_miss_that_was_found_later() -> None:
    card = scored(truth(planted()), case("RAA", "2025-01-15"))
    assert card["found_within_12_months"] == 0
    assert card["misses"][0]["reason"] == "found after 54 weeks, later than a year"
    assert card["false_cases"] == []


def test_a_case_that_was_open_at_the_onset_counts_but_opened_by_chance_and_gives_no_lead_time() -> None:
    card = scored(truth(planted()), case("RAA", "2023-12-01"))
    assert card["found_within_6_months"] == 1
    assert card["median_lead_time_days"] is None
    assert card["false_cases"][0]["why"] == "opened before its onset"


def test_a_case_that_closed_before_the_onset_finds_nothing() -> None:
    card = scored(truth(planted()), case("RAA", "2023-06-01", "2023-09-01"))
    assert card["found_within_12_months"] == 0
    assert card["chance_cases_realised"] == 1


def test_a_case_where_nothing_was_planted_is_false() -> None:
    card = scored(truth(planted()), case("RBB", "2023-11-11"))
    assert card["chance_cases_realised"] == 1
    assert card["false_cases"][0]["why"] == "nothing was planted here"


def test_cases_that_stand_at_the_start_are_listed_but_are_not_chance_cases_of_the_window() -> None:
    card = scored(truth(planted()), case("RBB", "2023-04-01"))
    assert card["chance_cases_realised"] == 0
    assert card["false_cases"][0]["standing_at_start"] is True


@pytest.mark.parametrize(
    ("opened", "befell"),
    [
        ("2023-06-01", None),
        ("2023-11-11", "campaign"),
        ("2024-10-01", "shock"),
        ("2024-08-01", None),
        ("2024-08-31T22:30:00+00:00", None),
        ("2024-08-31T23:30:00+00:00", "shock"),
    ],  # a day is London's
)
def test_a_false_case_says_what_befell_its_organisation(opened: str, befell: str | None) -> None:
    known = truth(planted("RAA")) | {
        "befell": [{"organisation": "RBB", "what": "campaign", "since": "2023-09-01", "until": "2024-01-01"}],
        "national_shock": {"start": "2024-10-01", "end": "2025-03-01", "region_start": "2024-09-01"},
    }
    card = scored(known, case("RBB", opened))
    assert card["false_cases"][0]["befell"] == befell
    assert card["false_by_what_befell"] == {befell or "nothing": 1}


def test_data_cases_are_no_cases_of_concern() -> None:
    card = scored(truth(planted()), case("RBB", "2023-11-11", kind="data"))
    assert card["false_cases"] == []


def test_after_a_merger_the_successors_case_counts() -> None:
    merged = truth(planted(), successions=(("RAA", "RZZ", "2024-03-01"), ("RZZ", "RYY", "2024-05-01")))
    assert scored(merged, case("RZZ", "2024-04-01"))["found_within_6_months"] == 1
    assert scored(merged, case("RYY", "2024-06-01"))["found_within_6_months"] == 1


def test_before_a_merger_the_successors_case_is_its_own() -> None:
    merged = truth(planted(), successions=(("RAA", "RZZ", "2024-03-01"),))
    card = scored(merged, case("RZZ", "2024-01-15", "2024-02-15"))
    assert card["found_within_12_months"] == 0
    assert card["chance_cases_realised"] == 1


def test_successions_in_a_circle_end() -> None:
    circle = truth(planted(), successions=(("RAA", "RZZ", "2024-03-01"), ("RZZ", "RAA", "2024-05-01")))
    assert scored(circle, case("RZZ", "2024-04-01"))["found_within_6_months"] == 1


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"effect": 0.1}, "effect 10 %: below the measured reach"),
        ({"pattern": "sickness only"}, "sickness only: it supports other families, and opens no case by itself"),
        ({"pattern": "complaints only"}, "complaints only: one family alone opens a case only at p ≤ 10^-4"),
        ({"onset": "2024-12-01"}, "fewer than 12 months of follow-up (17 weeks)"),
        (
            {"effect": 0.2, "shape": "ramp"},
            "effect 20 % as a ramp: of single series this size 56 % are found in a year; missed",
        ),
    ],
)
def test_every_miss_has_its_name_and_reason(changed: dict[str, Any], reason: str) -> None:
    missed = scored(truth(planted(**changed)))["misses"]
    assert [(one["organisation"], one["reason"]) for one in missed] == [("RAA", reason)]


def test_follow_up_says_how_many_could_have_been_found() -> None:
    early, late = planted("RAA"), planted("RBB", onset="2024-08-01")
    card = scored(truth(early, late))
    assert (card["planted"], card["followed_6_months"], card["followed_12_months"]) == (2, 2, 1)


def test_patterns_are_counted_apart() -> None:
    card = scored(truth(planted("RAA"), planted("RBB", pattern="C4")), case("RBB", "2024-02-01"))
    assert card["by_pattern"] == {
        "C1": {"planted": 1, "found_within_12_months": 0},
        "C4": {"planted": 1, "found_within_12_months": 1},
    }
