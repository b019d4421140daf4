"""A period is a sum of words, whatever the order in which they come."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import BadRecord, Reason
from monitor.kept import Cell, Sum
from monitor.model import Observation, Succession
from monitor.organisations import registry
from monitor.periods import cell_of, check, contribute
from monitor.ranks import HAIR
from tests.factories import contribution, feed, month, organisation, word

LATER = datetime(2024, 2, 1, 12, tzinfo=UTC)
DAY = datetime(2025, 7, 22, 23, tzinfo=UTC)  # midnight in London, in summer


def _sums(*observations: Observation) -> dict[Cell, Sum]:
    return contribute(observations, {}, {}).sums


def test_a_period_holds_the_sum_of_its_subjects() -> None:
    taken = contribute([word(contribution(numerator=2)), word(contribution(numerator=3), subject="two")], {}, {})

    assert list(taken.sums.values()) == [Sum(5.0, 200.0, 2)]
    assert (taken.applied, taken.unchanged, taken.refused) == (2, 0, [])


def test_a_higher_rank_replaces_the_whole_word_even_in_another_period() -> None:
    first, second = word(contribution(period=month(0))), word(contribution(period=month(1)), revision=1)

    taken = contribute([first, second], {}, {})

    assert taken.sums[cell_of("local", first.contributions[0])].words == 0
    assert taken.sums[cell_of("local", second.contributions[0])] == Sum(5.0, 100.0, 1)


def test_a_word_without_contributions_withdraws_and_is_kept() -> None:
    taken = contribute([word(contribution()), word(revision=1), word(contribution())], {}, {})

    assert next(iter(taken.sums.values())) == Sum(0.0, 0.0, 0)
    assert (taken.applied, taken.unchanged) == (2, 1)


def test_the_same_rank_with_other_content_is_a_contradiction() -> None:
    taken = contribute([word(contribution(numerator=2)), word(contribution(numerator=3))], {}, {})

    assert [bad.reason for _, bad in taken.refused] == [Reason.CONTRADICTION]
    assert next(iter(taken.sums.values())).numerator == 2


def test_a_word_of_another_source_takes_no_word_s_place_and_touches_no_cell_of_its_source() -> None:
    """Its subject names its source: only a stranger's message can say otherwise."""
    held, other = word(contribution(numerator=2)), word(contribution(numerator=3), revision=1, source="official")

    taken = contribute([other], {held.subject: held}, _sums(held))

    assert [(bad.reason, bad.field) for _, bad in taken.refused] == [(Reason.CONTRADICTION, "source")]
    assert (taken.words, taken.sums) == ({}, {})


def _of_file(file: str, numerator: float, *, hairs: int = 0, begins: datetime = DAY) -> Observation:
    return replace(word(contribution(numerator=numerator), published=begins + hairs * HAIR), origin=f"run/{file}/2")


@pytest.mark.parametrize("revision", [0, 1])
@pytest.mark.parametrize(
    ("later", "is_put_aside"),
    [
        (_of_file("b", 55), True),
        (_of_file("b", 55, hairs=1), True),
        (_of_file("b", 50), False),
        (_of_file("a", 55), False),  # its own word from before it was corrected
        (_of_file("b", 55, begins=DAY - timedelta(days=1)), False),
    ],
)
def test_another_file_of_a_stated_day_cannot_contradict_a_corrected_word_unheard(
    later: Observation, is_put_aside: bool, revision: int
) -> None:
    corrected = _of_file("a", 50, hairs=2)
    taken = contribute([replace(corrected, rank=(revision, corrected.rank[1])), later], {}, {})

    is_older = revision > later.rank[0]
    assert [bad.reason for _, bad in taken.refused] == [Reason.CONTRADICTION] * (is_put_aside and not is_older)
    assert taken.unchanged == 1 - len(taken.refused)
    assert next(iter(taken.sums.values())).numerator == 50


def test_a_corrected_word_holds_in_whatever_order_the_files_of_its_stated_day_come() -> None:
    words = _of_file("a", 50, hairs=1), _of_file("b", 55), _of_file("a", 5)

    assert {next(iter(_sums(*order).values())).numerator for order in permutations(words)} == {50}


def test_of_files_that_land_within_a_second_the_later_holds_and_neither_is_put_aside() -> None:
    one, other = (_of_file(file, 5 + hairs, hairs=hairs, begins=LATER) for hairs, file in enumerate("ab"))

    assert contribute([one, other, one], {}, {}).refused == []


def test_a_second_subject_s_bare_value_is_a_contradiction() -> None:
    bare = contribution(numerator=4.5, denominator=None)

    taken = contribute([word(bare), word(bare, subject="two"), word(contribution(), subject="three")], {}, {})

    assert [bad.reason for _, bad in taken.refused] == [Reason.CONTRADICTION] * 2
    assert list(taken.sums.values()) == [Sum(4.5, None, 1, "one")]


def test_a_b_a_by_revision_ends_at_a() -> None:
    words = [word(contribution(numerator=n), revision=r) for r, n in enumerate((1, 2, 1))]

    assert _sums(*words) == _sums(words[0])


def test_an_old_file_run_again_changes_nothing() -> None:
    old, new = word(contribution(numerator=1)), word(contribution(numerator=2), published=LATER)

    assert _sums(old, new, old) == _sums(new)


def test_a_sum_has_the_stated_date_of_its_only_word_in_whatever_order_others_came_and_went() -> None:
    stays = word(contribution(numerator=5), known=date(2026, 2, 10))
    comes, goes = word(contribution(), subject="two", known=date(2026, 5, 20)), word(subject="two", revision=1)

    for order in permutations((stays, comes, goes)):
        (held,) = _sums(*order).values()
        assert (held.numerator, held.words, held.known) == (5.0, 1, date(2026, 2, 10))


def test_a_sum_of_several_words_has_no_date_of_its_own() -> None:
    (held,) = _sums(
        *(word(contribution(), subject=subject, known=date(2026, 2, 10)) for subject in ("one", "two", "three"))
    ).values()

    assert held.known is None


@st.composite
def _words(draw: st.DrawFn) -> list[Observation]:
    """Draw words of a few subjects, each rank with one content."""
    found = []
    for subject in draw(st.lists(st.sampled_from("abcd"), unique=True, min_size=1)):
        for revision in range(draw(st.integers(1, 3))):
            parts = draw(
                st.lists(
                    st.builds(
                        contribution,
                        period=st.integers(0, 2).map(month),
                        numerator=st.decimals(0, 1000, places=7).map(float),
                        denominator=st.decimals(0, 1000, places=7).map(float),
                    ),
                    max_size=3,
                )
            )
            known = draw(st.none() | st.dates(date(2025, 1, 1), date(2026, 1, 1)))
            found.append(word(*parts, subject=subject, revision=revision, known=known))
    return found


def _dates(words: list[Observation]) -> dict[Cell, date | None]:
    """Give the stated date of each cell as its held words have it: that of the only contribution."""
    said: dict[Cell, list[date | None]] = defaultdict(list)
    for held in {one.subject: one for one in sorted(words, key=lambda one: one.rank)}.values():
        for part in held.contributions:
            said[cell_of(held.source, part)].append(held.known)
    return {cell: dates[0] if len(dates) == 1 else None for cell, dates in said.items()}


@given(_words(), st.randoms(use_true_random=False))
def test_the_order_of_words_never_matters(words: list[Observation], random: object) -> None:
    shuffled = list(words)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    held = {cell: sum_ for cell, sum_ in _sums(*words).items() if sum_.words}

    assert {cell: sum_ for cell, sum_ in _sums(*shuffled).items() if sum_.words} == held
    assert {cell: sum_.known for cell, sum_ in held.items()} == _dates(words)


def test_amounts_below_a_millionth_come_and_go_as_they_are_kept() -> None:
    half = word(contribution(numerator=0.0000005))
    whole, gone = word(contribution(numerator=0.000001), subject="two"), word(revision=1)

    assert {held.numerator for order in permutations((half, whole, gone)) for held in _sums(*order).values()} == {1e-6}


@given(_words(), st.integers(0, 20))
def test_taking_in_twice_or_in_pieces_equals_taking_in_once(words: list[Observation], cut: int) -> None:
    whole = contribute(words, {}, {})
    first = contribute(words[:cut], {}, {})
    second = contribute(words[cut:] + words, first.words, first.sums)

    assert {**first.sums, **second.sums} == whole.sums
    assert {**first.words, **second.words} == whole.words
    assert first.applied + second.applied == whole.applied
    assert not second.refused


def _checked(observation: Observation, **ends: date) -> Reason | None:
    known = registry([organisation("RA00", **ends)], [])
    try:
        check(observation, feed(), known)
    except BadRecord as bad:
        return bad.reason
    return None


@pytest.mark.parametrize(
    ("observation", "reason"),
    [
        (word(contribution()), None),
        (word(contribution(), source="elsewhere"), Reason.UNKNOWN_CODE),
        (word(contribution(indicator="harm_share")), Reason.UNKNOWN_INDICATOR),
        (word(contribution(period=(date(2024, 1, 2), date(2024, 2, 1)))), Reason.WRONG_PERIOD),
        (word(contribution("RX99")), Reason.UNKNOWN_ORGANISATION),
    ],
)
def test_a_word_that_breaks_its_contract_is_refused_with_its_reason(
    observation: Observation, reason: Reason | None
) -> None:
    assert _checked(observation) == reason


@pytest.mark.parametrize(
    ("code", "repeated"), [("RX9", "RX9"), ("RX901", None), ("LEE", None), ("JONES", None), ("A B", None)]
)
def test_an_unknown_code_is_repeated_only_where_it_could_be_no_name(code: str, repeated: str | None) -> None:
    with pytest.raises(BadRecord) as caught:
        check(word(contribution(code)), feed(), registry([], []))
    assert caught.value.value == repeated


def test_rows_under_an_ended_code_need_its_only_successor() -> None:
    assert _checked(word(contribution()), end=date(2019, 1, 1)) == Reason.ENDED_ORGANISATION
    known = registry(
        [organisation("RA00", end=date(2019, 1, 1)), organisation("RB00")],
        [Succession("RA00", "RB00", date(2019, 1, 1))],
    )

    check(word(contribution()), feed(), known)


def test_a_refusal_prints_no_code_that_is_none() -> None:
    with pytest.raises(BadRecord) as caught:
        check(word(contribution("Jane Smith, ward 7")), feed(), registry([], []))

    assert "Jane" not in str(caught.value)
