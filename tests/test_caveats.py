"""What speaks against a signal, and how often chance does as much: in words, without small numbers."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.casefile import Exhibit
from monitor.catalogue import INDICATORS
from monitor.caveats import caveats, leans, often, peers_moved
from monitor.disclosure import disclose
from tests.exhibits import exhibit_of, pack_of, signal_of

COUNTS = [(30.0, 10_000.0)] * 29


def one(**facts: object) -> Exhibit:
    return replace(exhibit_of("new_complaints", COUNTS, usual=3.0), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"heard": 0.72}, "only about 70 % of its peers had reported this period"),
        ({"exposed": (date(2025, 4, 1), date(2025, 5, 1))}, "what it is counted against is carried on from April 2025"),
        ({"is_young": True}, "it has been followed for less than a year"),
        ({"peers": 6}, "too few peers to tell what all of them share"),
    ],
)
def test_what_weakens_a_signal_is_said(facts: dict[str, object], said: str) -> None:
    assert caveats(one(**facts), None) == (said,)
    assert caveats(one(heard=0.95, exposed=(date(2026, 10, 1), date(2026, 11, 1))), None) == ()


def test_a_change_that_still_holds_has_become_usual() -> None:
    signal = replace(signal_of("new_complaints"), latched=True, latched_since=date(2026, 2, 1))

    assert caveats(one(signal=signal), None) == ("its own usual level has moved with it since",)


def against(first: tuple[float, float | None], counts: list[tuple[float | None, float | None]]) -> tuple[str, ...]:
    exhibit = replace(exhibit_of("new_complaints", counts, usual=3.0), first=first)
    return disclose(pack_of(exhibit), INDICATORS).exhibits[0].against


def test_a_revision_is_told_from_figures_as_shown() -> None:
    assert against((24.0, 10_000.0), [*COUNTS]) == ("the newest figure has risen by about 20% since first known",)
    assert against((90.0, None), [*COUNTS]) == ("the newest figure has fallen by about 65% since first known",)
    assert against((29.0, 10_000.0), [*COUNTS]) == ()  # both read 30


def test_a_revision_of_a_hidden_figure_is_not_told() -> None:
    assert against((3.0, 10_000.0), [*COUNTS]) == ()
    assert against((30.0, 10_000.0), [*COUNTS[1:], (4.0, 10_000.0)]) == ()


def test_a_revision_within_a_longer_period_that_is_shown_is_not_told() -> None:
    assert against((9.0, 10_000.0), [(3.0, 10_000.0)] * 28 + [(20.0, 10_000.0)]) == ()


@given(st.floats(1e-300, 1.0), st.floats(1e-300, 1.0))
def test_how_often_is_told_in_few_steps_that_never_claim_more(p: float, other: float) -> None:
    rarer, commoner = sorted((p, other))
    told = [often(replace(signal_of("new_complaints"), p=each)) for each in (rarer, commoner)]

    assert _one_in(told[0]) >= _one_in(told[1])
    assert _one_in(told[1]) <= 1 / commoner * (1 + 1e-9)


def _one_in(text: str) -> float:
    if "million" in text:
        return 1e6
    return float(text.split(" in ")[1].split()[0].replace(",", "")) if " in " in text else 1.0


@pytest.mark.parametrize("shock", [None, 0.85, 1.0, 1.01, 1.15])
@pytest.mark.parametrize(("z", "ending"), [(0.2, "about where they were expected"), (1.4, "the same way"), (-2, "way")])
def test_what_all_peers_shared_and_what_they_did_beyond_it_are_one_sentence(
    shock: float | None, z: float, ending: str
) -> None:
    said = peers_moved(one(shock=shock, peers_z=z), worse=1)

    assert said.endswith(ending)
    assert ("what all peers share stood" in said, "and beyond it peers" in said) == (shock in (0.85, 1.15),) * 2
    assert said.startswith("what all peers share stood 15% above") == (shock == 1.15)


@pytest.mark.parametrize("worse", [1, -1])
@pytest.mark.parametrize("rises", [True, False])
def test_peers_move_the_way_of_the_figure_and_not_of_the_concern(worse: int, rises: bool) -> None:
    """Scores are positive towards the concern; a figure that rises with its peers rises the same way."""
    exhibit = one(signal=signal_of("new_complaints", rises=rises), peers_z=2.0 * worse)

    assert peers_moved(exhibit, worse=worse).endswith("same way") is rises


@pytest.mark.parametrize(("p", "latched", "says"), [(0.04, False, True), (0.03, False, False), (0.04, True, False)])
def test_what_chance_does_once_in_ten_only_leans(p: float, latched: bool, says: bool) -> None:
    signal = replace(signal_of("new_complaints"), p=p, latched=latched)

    assert leans(signal) is says
    assert ("one such series in 10 " in often(signal)) is (p == 0.04)
