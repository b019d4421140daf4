"""Who a case is about, by name."""

import pytest

from monitor.cases import NATION
from monitor.known import Known
from monitor.organisations import registry
from tests.factories import NOON, feed, organisation


@pytest.mark.parametrize(
    ("code", "name"),
    [("RA00", "Trust RA00"), ("complaints", "complaints"), (NATION, "The nation as a whole"), ("RX1", "RX1")],
    ids=["registered", "a feed", "the nation", "unknown"],
)
def test_whom_a_case_is_about_has_its_own_name_and_nobody_the_nations(code: str, name: str) -> None:
    known = Known(registry([organisation("RA00")]), {"complaints": feed()}, {}, NOON.date())
    assert known.organisation(code).name == name
