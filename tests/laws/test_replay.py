"""What has been recorded derives everything again: a replay gives the hash that the history itself has."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitor.replay import replay
from tests.laws.nation import Event, Nation, What, nations, turns
from tests.laws.world import examples, marks, world

pytestmark = marks


@given(nations(most=7))
@examples(6)
def test_a_replay_gives_the_hash_of_the_history(nation: Nation) -> None:
    with world() as one:
        live = one.run(turns(nation)).digest()
        assert one.replay() == live
        assert one.replay() == live


def test_a_revision_of_a_predecessor_in_a_period_that_only_its_heir_closed_is_folded_again_by_a_replay() -> None:
    never = Event(What.LATE, 3, 0, 6)
    revised = [Event(What.REVISED, 3, month, 3) for month in (1, 2)]
    nation = Nation(5, 12, ("complaints",), (never, Event(What.MERGED, 3, 1, 0), *revised))
    with world() as one:
        live = one.run(turns(nation)).digest()
        assert one.replay() == live


def test_a_revision_to_the_same_figure_leaves_a_period_as_it_was_known_when_it_settled() -> None:
    """Of R03's two revisions of one month the second says another count and, by chance, the same share."""
    revised = (Event(What.REVISED, 3, 0, 2), Event(What.REVISED, 3, 0, 0))
    nation = Nation(17, 13, ("complaints", "incident_reports"), revised)
    with world() as one:
        live = one.run(turns(nation)).digest()
        assert one.replay() == live


@given(nations(most=3), st.sampled_from([0.0, 0.25, 9.0]), st.sampled_from([0.01, 50.0]))
@examples(3)
def test_a_replay_under_other_settings_gives_what_the_ticks_were_run_with(
    nation: Nation, days: float, chance: float
) -> None:
    with world() as one:
        live = one.run(turns(nation)).digest()
        changed = {"settle_after_days": days, "chance_cases_per_month": chance}
        settings = one.service.settings.model_copy(update=changed)
        assert replay(replace(one.service, settings=settings)) == live


@given(nations(most=5))
@examples(2)
def test_a_history_goes_on_after_a_replay_as_if_there_had_been_none(nation: Nation) -> None:
    written = turns(nation)
    with world() as steady, world() as replayed:
        steady.run(written)
        replayed.run(written[:7])
        replayed.replay()  # the worker is told so by its next claim
        assert replayed.run(written[7:]).digest() == steady.digest()
