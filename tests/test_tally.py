"""What the budget was, and what became of it."""

from datetime import timedelta

import pytest

from monitor.casefile import CaseKind, Outcome
from monitor.tally import MONTH, Share, Tally, tally
from tests.exhibits import AT, case_of


def counted(*cases: object, stood: tuple[str, ...] = (), live_months: float = 30) -> Tally:
    return tally(
        cases, stood, now=AT, live=AT - live_months * MONTH, per_month=2.0, threshold=0.003, organisations=220,  # type: ignore[arg-type]
        receivers=[Share("desk", 4, 1)],
    )  # fmt: skip


def test_what_ended_without_a_concern_stands_beside_what_chance_was_allowed() -> None:
    ends = [None, Outcome.FADED, Outcome.NO_CONCERN, Outcome.CONCERN_FOUND]
    made = counted(*(case_of(id=f"C-{place}", outcome=end) for place, end in enumerate(ends)))

    assert (made.opened, made.realised, made.expected) == (4, 2, pytest.approx(24.0))
    assert (made.ratio, made.row()["realised_over_expected"]) == (pytest.approx(2 / 24), 0.08)
    assert made.outcomes == {"concern found": 1, "faded": 1, "no concern found": 1, "open": 1}
    assert made.row()["receivers"] == [{"name": "desk", "messages_per_month": 4, "sent_this_month": 1}]


def test_only_concerns_that_opened_in_our_own_year_count() -> None:
    old = case_of(id="old", opened=AT - timedelta(days=400), outcome=Outcome.FADED)
    fault, stood = case_of(id="fault", kind=CaseKind.DATA), case_of(id="stood")

    assert counted(old, fault, stood, stood=("stood",)).opened == 0


def test_a_young_service_is_held_to_the_months_it_has_had() -> None:
    assert counted(live_months=3).expected == pytest.approx(6.0)
    assert counted(live_months=0).ratio is None
