"""The registry: chains, splits, cycles, kept codes, and loads laid over each other."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Organisation, PeerGroup, Succession
from monitor.organisations import Registry, distinct, registry, with_facts

APRIL = date(2023, 4, 1)
LATER = date(2024, 4, 1)


def organisation(code: str, **facts: object) -> Organisation:
    stated = {"name": f"Trust {code}", "peer_group": PeerGroup.ACUTE, "region": "London"} | facts
    return Organisation(code, **stated)  # type: ignore[arg-type]


def made(*steps: tuple[str, str, date], ends: dict[str, date] | None = None) -> Registry:
    codes = {code for step in steps for code in step[:2]}
    return registry(
        [organisation(code, end=(ends or {}).get(code)) for code in codes], [Succession(*step) for step in steps]
    )


def test_a_predecessor_ends_with_its_succession_unless_an_end_is_stated() -> None:
    known = made(("RJF", "RTG", APRIL))
    assert not known.ended("RJF", APRIL - timedelta(days=1))
    assert known.ended("RJF", APRIL)
    assert not made(("RJF", "RTG", APRIL), ends={"RJF": LATER}).ended("RJF", APRIL)
    assert not known.ended("R??", APRIL)


def test_a_chain_leads_to_the_one_that_is_there_on_the_day() -> None:
    known = made(("A", "B", APRIL), ("B", "C", LATER))
    assert known.successor("A", APRIL) == "B"
    assert known.successor("A", LATER) == "C"
    assert known.successor("A", APRIL - timedelta(days=1)) is None


def test_a_body_that_was_split_up_has_no_only_successor_and_gives_its_history_to_nobody() -> None:
    known = made(("A", "B", APRIL), ("A", "C", APRIL))
    assert known.successor("A", LATER) is None
    assert known.lineage("B") == ("B",)
    assert known.joined("B") == (APRIL,)


def test_a_chain_that_ends_at_a_body_that_is_gone_leads_to_nobody() -> None:
    known = made(("A", "B", APRIL), ends={"B": LATER})
    assert known.successor("A", APRIL) == "B"
    assert known.successor("A", LATER) is None


def test_a_successor_that_keeps_its_code_sums_the_other_ones_history_and_has_a_joining_day() -> None:
    known = made(("RJF", "RTG", APRIL), ("RTG", "RTG", APRIL))
    assert known.lineage("RTG") == ("RTG", "RJF")
    assert known.joined("RTG") == (APRIL,)
    assert not known.ended("RTG", LATER)
    assert known.successor("RTG", LATER) is None


def test_history_is_summed_over_all_generations_but_not_before_the_day() -> None:
    known = made(("A", "B", APRIL), ("B", "D", LATER), ("C", "D", LATER))
    assert known.lineage("D") == ("D", "A", "B", "C")
    assert known.lineage("D", on=APRIL) == ("D",)
    assert known.lineage("B", on=APRIL) == ("B", "A")
    assert known.joined("D") == (APRIL, LATER)
    assert known.joined("D", on=APRIL) == ()


def test_one_succession_recorded_from_both_ends_counts_once() -> None:
    eve = APRIL - timedelta(days=1)
    once = Succession("A", "B", APRIL)
    assert distinct([once, once]) == (once,)
    assert distinct([once, Succession("A", "B", eve)]) == (once,)
    assert len(distinct([once, Succession("A", "B", LATER)])) == 2


def test_a_load_that_does_not_say_the_peer_group_keeps_the_known_one() -> None:
    known = organisation("R01", stated_by="staff_sickness")
    after = with_facts(known, organisation("R01", name="New name", peer_group=None, region=None, start=APRIL))
    assert after == organisation("R01", name="New name", start=APRIL)


CODES = st.sampled_from("ABCDEF")
STEPS = st.lists(
    st.builds(Succession, CODES, CODES, st.dates(date(2020, 1, 1), date(2020, 3, 1))), max_size=12
)  # cycles, splits, chains and kept codes alike


@given(STEPS, st.dates(date(2019, 12, 1), date(2020, 4, 1)))
def test_whoever_stands_for_another_is_there_and_sums_its_history(steps: list[Succession], on: date) -> None:
    known = registry((), steps)
    for code in "ABCDEF":
        heir = known.successor(code, on)
        if heir is not None:
            assert heir != code
            assert not known.ended(heir, on)
            assert code in known.lineage(heir, on)


@given(STEPS)
def test_every_history_is_summed_into_at_most_one_living_successor(steps: list[Succession]) -> None:
    known = registry((), steps)
    on = date(2020, 4, 1)
    living = [code for code in "ABCDEF" if not known.ended(code, on)]
    claimed = [member for code in living for member in known.lineage(code, on)]
    assert len(claimed) == len(set(claimed))


@given(STEPS, st.permutations("ABCDEF"))
def test_the_order_of_loading_changes_nothing(steps: list[Succession], codes: list[str]) -> None:
    at_once = registry([organisation(code) for code in codes], steps)
    twice_and_backwards = registry([organisation(code) for code in reversed(codes)], [*reversed(steps), *steps])
    assert twice_and_backwards == at_once


def test_who_is_watched_has_a_peer_group_and_has_not_ended() -> None:
    compared = Organisation("RA0", "A", PeerGroup.ACUTE, None, None, date(2024, 4, 1))
    counted = Organisation("RB0", "B", None, None)
    known = registry([compared, counted])

    assert known.watched(date(2024, 3, 31)) == {"RA0"}
    assert known.watched(date(2024, 4, 1)) == set()


def test_who_has_no_peer_group_is_not_watched_while_it_is_there() -> None:
    counted, gone = (Organisation(code, code, None, None, None, end) for code, end in (("RB0", None), ("RC0", APRIL)))
    known = registry([gone, counted, organisation("R01")])

    assert known.unwatched(APRIL) == ("RB0",)
    assert known.unwatched(APRIL - timedelta(days=1)) == ("RB0", "RC0")
