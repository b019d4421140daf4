"""An indicator's detector is named by its contract: from the tick that takes the contract in, and in every replay."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from monitor.detectors import detector_of, model_of
from monitor.errors import BadRequest
from monitor.feeds.contract import faults
from monitor.model import Feed
from monitor.store import tables
from monitor.store.engine import reading
from tests.laws.nation import Nation, turns
from tests.laws.world import World, marks, world

pytestmark = marks
NAMED = "river:GaussianScorer"


def naming(contract: Feed, name: str) -> Feed:
    first, *others = contract.indicators
    return replace(contract, indicators=(replace(first, detector=name), *others))


def models(one: World) -> set[str]:
    with reading(one.service.engine) as connection:
        return {str(model) for model in connection.scalars(select(tables.saved_states.c.model))}


def test_a_contract_names_the_detector_of_an_indicator_and_a_replay_gives_the_same() -> None:
    nation = Nation(5, 12, ("complaints",), ())
    written = turns(nation)
    (contract,) = nation.feeds
    named = naming(contract, NAMED)
    written[8].said[contract.key].insert(0, named)
    with world() as one:
        one.run(written[:8])
        assert models(one) == {model_of(indicator) for indicator in contract.indicators}
        one.run(written[8:])
        assert models(one) == {model_of(indicator) for indicator in named.indicators}
        assert one.replay() == one.digest()


def test_a_name_that_no_detector_has_is_a_fault_of_the_contract() -> None:
    (contract,) = Nation(5, 12, ("complaints",), ()).feeds
    assert [fault for fault in faults(naming(contract, "river:Nobody")) if "river:Nobody" in fault]
    assert faults(naming(contract, "river:ADWIN")) == faults(contract)
    own = naming(replace(contract, indicators=(replace(contract.indicators[0], key="of_our_own"),)), "river:ADWIN")
    assert not [fault for fault in faults(own) if "river" in fault or "catalogue" in fault]
    with pytest.raises(BadRequest, match="no detector of this name"):
        detector_of(naming(contract, "river:Nobody").indicators[0])
