from dataclasses import replace

from monitor.alerts.route import Receiver, route, said
from monitor.casefile import CaseKind, How, What
from monitor.model import Family, PeerGroup
from tests.exhibits import RIVERSIDE, change_of

EVERYBODY = Receiver("everybody")
ONE_A_MONTH = Receiver("one a month", messages_per_month=1)


def ways(
    *receivers: Receiver, sent: int = 0, told: tuple[str, ...] = (), what: What = What.OPENED, **changes: object
) -> list[How]:
    found = route(
        change_of(what, **changes), RIVERSIDE, receivers,
        sent_this_month={receiver.name: sent for receiver in receivers}, told=told,
    )  # fmt: skip
    return [routing.how for routing in found]


def test_a_matcher_left_empty_matches_all() -> None:
    assert ways(EVERYBODY) == [How.MESSAGE]


def test_every_matcher_must_match() -> None:
    assert ways(Receiver("acute", peer_groups=frozenset({PeerGroup.ACUTE}))) == [How.MESSAGE]
    assert ways(Receiver("ambulance", peer_groups=frozenset({PeerGroup.AMBULANCE}))) == []
    assert ways(Receiver("london", regions=frozenset({"London"}))) == []
    assert ways(Receiver("patients", families=frozenset({Family.PATIENTS}))) == [How.MESSAGE]
    assert ways(Receiver("staff voice", families=frozenset({Family.STAFF_VOICE}))) == []  # its p is .4


def test_a_used_budget_sends_a_case_to_the_digest() -> None:
    assert ways(ONE_A_MONTH, EVERYBODY, sent=1) == [How.DIGEST, How.MESSAGE]


def test_nothing_very_unlikely_is_held_back() -> None:
    assert ways(ONE_A_MONTH, sent=9, p=1e-4) == [How.MESSAGE]


def test_later_changes_follow_the_first_message() -> None:
    assert ways(ONE_A_MONTH, sent=9, told=("one a month",), what=What.FADED) == [How.MESSAGE]
    assert ways(ONE_A_MONTH, sent=0, what=What.FADED) == [How.DIGEST]


def test_cases_standing_at_start_come_in_one_digest() -> None:
    stood = replace(change_of(p=1e-9), at_start=True)
    (routing,) = route(stood, RIVERSIDE, [EVERYBODY], sent_this_month={})
    assert routing.how is How.DIGEST
    assert said(stood) == "standing at start: the case rule is met"


def test_only_the_flag_says_so_not_the_words() -> None:
    (routing,) = route(change_of(reason="standing at start"), RIVERSIDE, [EVERYBODY], sent_this_month={})
    assert routing.how is How.MESSAGE


def test_faults_of_data_wait_for_the_digest() -> None:
    assert (
        ways(EVERYBODY, Receiver("patients", families=frozenset({Family.PATIENTS})), kind=CaseKind.DATA)
        == [How.DIGEST] * 2
    )


def test_the_nation_waits_for_the_digest_and_is_called_no_fault_of_data() -> None:
    (routing,) = route(change_of(kind=CaseKind.NATION), RIVERSIDE, [EVERYBODY], sent_this_month={})
    assert (routing.how, "fault" in routing.reason) == (How.DIGEST, False)


def test_every_routing_has_a_reason() -> None:
    routings = route(change_of(), RIVERSIDE, [EVERYBODY, ONE_A_MONTH], sent_this_month={})
    assert [bool(routing.reason) for routing in routings] == [True, True]
