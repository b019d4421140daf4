"""What periods hold, as cells and as arrays, now and as it was known."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from monitor.kept import Cell, Changes, Sum
from monitor.store.history import vintages
from monitor.store.store import SqlStore
from tests.store.factories import FEED, FIRST, cell, sums, week, write

EMPTY = Sum(0.0, 0.0, 0)
cells = st.builds(
    Cell,
    st.sampled_from(["harm_share", "report_delay"]),
    st.sampled_from(["local", "official"]),
    st.sampled_from(["RAA", "RBB", "RCC"]),
    st.integers(0, 5).map(lambda number: week(number)[0]),
)
amounts = st.floats(0, 1e12)
held = st.builds(
    Sum,
    amounts,
    st.none() | amounts,
    st.integers(0, 9),
    st.none() | st.text("abc", max_size=4),
    st.just(0) | st.dates(date(1990, 1, 1), date(2090, 1, 1)).map(date.toordinal),
)


@settings(max_examples=50)
@given(st.dictionaries(cells, held, max_size=8))
def test_sums_come_back_as_they_were_kept_and_empty_ones_are_absent(
    shared_store: SqlStore, kept: dict[Cell, Sum]
) -> None:
    write(shared_store, Changes(sums=kept))
    assert shared_store.sums(kept) == {place: found for place, found in kept.items() if found.words}


@settings(max_examples=25)
@given(st.dictionaries(cells, held, min_size=1, max_size=8))
def test_arrays_say_what_cells_say(shared_store: SqlStore, kept: dict[Cell, Sum]) -> None:
    write(shared_store, Changes(sums=kept))
    for indicator in ("harm_share", "report_delay"):
        figures = shared_store.figures(indicator, "local", "weekly", FIRST - 1, FIRST + 6)
        places = {
            (code, number): Cell(indicator, "local", code, week(number)[0])
            for code in ("RAA", "RBB", "RCC")
            for number in range(-1, 7)
        }
        found = shared_store.sums(places.values())
        codes = tuple(sorted({code for code, number in places if places[code, number] in found}))
        assert (figures.organisations, figures.first) == (codes, FIRST - 1)
        for (code, number), place in ((at, place) for at, place in places.items() if at[0] in codes):
            at = codes.index(code), number + 1
            one = found.get(place)
            wanted = (np.nan, np.nan) if one is None else (one.numerator, one.denominator)
            np.testing.assert_equal((figures.numerator[at], figures.denominator[at]), np.array(wanted, dtype=float))
            assert figures.known[at] == (one.known.toordinal() if one and one.known else 0)


def test_everyone_means_those_with_a_word_in_these_periods(store: SqlStore) -> None:
    write(store, Changes(sums=sums({cell(0, "RBB"): 1.0, cell(9, "RAA"): 2.0, cell(0, "RCC"): 3.0})))
    figures = store.figures("low_harm_reports", "local", "weekly", FIRST, FIRST + 3)
    assert figures.organisations == ("RBB", "RCC")
    assert figures.numerator[:, 0].tolist() == [1.0, 3.0]
    assert np.isnan(figures.numerator[:, 1:]).all()
    some = store.figures("low_harm_reports", "local", "weekly", FIRST, FIRST + 3, {"RCC", "RAA", "RDD"})
    assert (some.organisations, some.numerator[:, 0].tolist()) == (("RCC",), [3.0])


def test_no_words_give_empty_arrays(store: SqlStore) -> None:
    figures = store.figures("low_harm_reports", "local", "weekly", FIRST, FIRST + 3)
    assert (figures.organisations, figures.numerator.shape) == ((), (0, 4))


def test_the_newest_period_is_the_last_that_holds_anything(store: SqlStore) -> None:
    write(store, Changes(sums=sums({cell(3): 1.0, cell(1, "RBB"): 1.0, cell(7, "RCC"): 1.0})))
    write(store, Changes(sums={cell(7, "RCC"): EMPTY}))
    write(store, Changes(sums=sums({cell(9, indicator="other"): 1.0})), feed="another")
    assert [store.newest(feed) for feed in (FEED, "another", "none")] == [week(3)[0], week(9)[0], None]


def test_a_feed_is_heard_of_by_indicator_and_source_whatever_becomes_of_its_words(store: SqlStore) -> None:
    pair = "low_harm_reports", "local"
    write(store, Changes(heard={pair}, sums=sums({cell(): 1.0})))
    write(store, Changes(heard={pair}, sums={cell(): EMPTY}))
    assert (store.heard(FEED), store.heard("another")) == ({pair}, frozenset())


def test_what_was_known_then_is_what_was_held_then(store: SqlStore, engine: Engine) -> None:
    """A closed cell that is empty, then 1, then 2, then empty again; `known_at` counts ticks from 1."""
    place, one, two = cell(), Sum(1.0, 10.0, 1), Sum(2.0, 10.0, 1)
    steps = [(one, EMPTY), (two, one), (EMPTY, two)]
    for now, before in steps:
        write(store, Changes(sums={place: now}, superseded={place: before}))
    known = [SqlStore(engine, known_at=at).sums([place]) for at in range(4)]
    assert known == [{}, {place: one}, {place: two}, {}]
    asked = ("low_harm_reports", "local", "weekly", FIRST, FIRST)
    arrays = [SqlStore(engine, known_at=at).figures(*asked).numerator.tolist() for at in range(4)]
    assert arrays == [[], [[1.0]], [[2.0]], []]
    assert [(each.until, each.cell, each.held) for each in vintages(engine, FEED)] == [
        (until, place, before) for until, (_, before) in enumerate(steps, start=1)
    ]


def test_a_cell_that_was_still_open_is_not_known_before_its_last_word(store: SqlStore, engine: Engine) -> None:
    write(store, Changes(sums=sums({cell(): 1.0})))
    write(store, Changes(sums=sums({cell(): 2.0})))
    assert SqlStore(engine, known_at=1).sums([cell()]) == {}
    assert SqlStore(engine, known_at=2).sums([cell()]) == sums({cell(): 2.0})
