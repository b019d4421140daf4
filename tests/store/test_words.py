"""A word comes back as it was kept, whatever is in it."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.kept import Changes
from monitor.model import Contribution, Observation
from monitor.store.columns import instant
from monitor.store.store import SqlStore
from tests.store.factories import FEED, cell, sums, word, write

days = st.dates(date(1990, 1, 1), date(2090, 1, 1))
amounts = st.floats(0, 1e12)
contributions = st.builds(
    Contribution,
    st.sampled_from(["RAA", "RBB", "RCC"]),
    st.sampled_from(["harm_share", "report_delay"]),
    st.tuples(days, days),
    amounts,
    st.none() | amounts,
)
words = st.builds(
    Observation,
    st.just(FEED),
    st.sampled_from(["official", "local"]),
    st.sampled_from(["s1", "s2", "s3", "s4"]),
    st.tuples(st.integers(0, 10), st.integers(0, 4 * 10**15).map(instant)),
    st.none() | days,
    st.lists(contributions, max_size=4).map(tuple),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
    st.booleans(),
)


@settings(max_examples=50)
@given(st.lists(words, max_size=4, unique_by=lambda word: word.subject))
def test_words_come_back_as_they_were_kept(shared_store: SqlStore, kept: list[Observation]) -> None:
    write(shared_store, Changes(words=kept))
    asked = {word.subject: word for word in kept}
    assert shared_store.words(FEED, asked) == asked
    assert SqlStore(shared_store.engine).words(FEED, asked) == asked


def test_a_later_word_replaces_the_whole_word_and_a_withdrawal_is_kept(store: SqlStore) -> None:
    withdrawn = Observation(FEED, "local", "s1", (2, word().rank[1]), None, (), "run/def/9")
    for said in (word(), word(numerator=5.0, revision=1), withdrawn):
        write(store, Changes(words=[said]))
        assert store.words(FEED, ["s1"]) == {"s1": said}


def test_feeds_do_not_see_each_others_subjects(store: SqlStore) -> None:
    write(store, Changes(words=[word()]))
    assert store.words("complaints", ["s1"]) == {}


def test_what_is_written_out_ahead_is_what_is_kept_of_a_new_file_too(store: SqlStore) -> None:
    first = Changes(words=[word()], sums=sums({cell(): 1.0}))
    write(store, first)  # not ready ahead: its series has no number yet
    said = {each.subject: each for each in (word("s2", 2.5, origin="run/new/1"), word(numerator=0.5, revision=1))}
    later = Changes(words=list(said.values()), sums=sums({cell(): 3.0, cell(1): 2.0}))
    write(store, later)
    assert store.words(FEED, said) == said
    assert store.sums([cell(), cell(1)]) == later.sums
