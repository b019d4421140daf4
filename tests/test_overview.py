"""What stands in every digest beside its cases."""

from dataclasses import replace
from datetime import timedelta

from monitor.catalogue import INDICATORS
from monitor.known import Known
from monitor.organisations import registry
from monitor.overview import to_renew
from monitor.renewal import HALF_A_YEAR
from tests.factories import organisations
from tests.test_renewal import DUE, HOLDING, NEW, YOUNG

TODAY = DUE.date()
ONE = Known(registry(organisations(2)), {}, INDICATORS, TODAY)
ASSESSED = {"RA00": replace(HOLDING, signals=(*HOLDING.signals, NEW))}


def test_what_has_held_for_half_a_year_is_listed_until_its_case_is_answered_for_and_again_half_a_year_later() -> None:
    (item,) = to_renew(ONE, ASSESSED)
    assert (item.organisation, item.why) == (
        "RA00", "more new written complaints, plain since January 2024 and holding",
    )  # fmt: skip
    assert to_renew(ONE, ASSESSED, {"RA00": TODAY - HALF_A_YEAR}) == [item]
    assert to_renew(ONE, ASSESSED, {"RA00": TODAY - HALF_A_YEAR + timedelta(days=1)}) == []
    assert to_renew(ONE, {"RA00": YOUNG}) == []
