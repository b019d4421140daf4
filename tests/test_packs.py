"""What an adversary learns who reads every output of one organisation's cases, whenever it was made."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import packs, wire
from monitor.alerts.message import compose
from monitor.alerts.plain import plain
from monitor.calendars import calendar
from monitor.casefile import Pack
from monitor.catalogue import INDICATORS
from monitor.chart import chart
from monitor.disclosure import NOTHING, Disclosed, disclose
from monitor.kept import Block, Scores
from monitor.model import PeerGroup, Period
from monitor.twin import twin
from tests.exhibits import AT, RIVERSIDE, case_of, change_of, signal_of

Counts = Sequence[int]


@dataclass(frozen=True)
class Output:
    """One publication: who it is about, and what it shows."""

    organisation: str
    disclosed: Disclosed

    @property
    def periods(self) -> tuple[Period, ...]:
        return tuple(point.period for exhibit in self.disclosed.exhibits for point in exhibit.points)

    @property
    def texts(self) -> list[str]:
        return [point.shown.text for exhibit in self.disclosed.exhibits for point in exhibit.points]


def scores_of(
    counts: Counts, name: str = "weekly", *, first: int | None = None, key: str = "new_complaints"
) -> list[Scores]:
    """Score a series of nobody else's peer; without `first` number its last period ends before November 2026."""
    periods = calendar(name)
    begins = periods.last_before(date(2026, 11, 1)) - len(counts) + 1 if first is None else first
    block = Block(key, "local", PeerGroup.ACUTE)
    return [
        Scores(block, number, periods.period(number), ("RXX",), arrays_of(float(count)))
        for number, count in enumerate(counts, start=begins)
    ]


def arrays_of(count: float) -> dict[str, np.ndarray]:
    values = {"numerator": count, "denominator": 10_000.0, "expected": 9e-4, "low": 5e-4, "high": 14e-4, "z": 0.5}
    return {name: np.array([value]) for name, value in {**values, "shock": 0.0}.items()}


def pack_of(
    history: Sequence[Scores],
    earlier: Sequence[Pack] = (),
    *,
    case: str = "C-7",
    key: str = "new_complaints",
    organisation: str = "RXX",
) -> Pack:
    signal = replace(signal_of(key), organisation=organisation, period=history[-1].period)
    known = [replace(scores, organisations=(organisation,)) for scores in history]
    return packs.pack(
        case_of(id=case, organisation=organisation, signals=(signal,)), replace(RIVERSIDE, code=organisation),
        {(key, "local"): known}, INDICATORS, now=AT, tick="complaints/12", models=["counts 1"], earlier=earlier,
    )  # fmt: skip


def output_of(pack: Pack) -> Output:
    return Output(pack.organisation, disclose(pack, INDICATORS))


def calendar_of(output: Output) -> str:
    (exhibit,) = output.disclosed.exhibits
    return exhibit.calendar


def overlapping(outputs: Sequence[Output]) -> list[tuple[Period, Period]]:
    """Find periods that were shown and share a part but are not the same: what one leaves of the other is told."""
    shown = {(output.organisation, period) for output in outputs for period in output.periods}
    return [
        (one[1], other[1])
        for one, other in combinations(sorted(shown), 2)
        if one[1][0] < other[1][1] and other[1][0] < one[1][1]
    ]


FALLING = [*[8, 8, 8, 1] * 6, *[3] * 12]
"""Complaints a week: the median of the first 35 is 8, of all 36 it is 5.5."""


def falling(weeks: int) -> list[Scores]:
    """Give the history as it was known when so many weeks had settled; it begins with a block of four."""
    begins = next(number for number in range(2900, 2904) if number % 4 == 0)
    return scores_of(FALLING[:weeks], first=begins)


def in_sequence(histories: Sequence[list[Scores]], **changes: str) -> list[Output]:
    """Publish one after the other, each knowing what was published before."""
    made: list[Pack] = []
    for history in histories:
        made.append(pack_of(history, made, **changes))
    return [output_of(each) for each in made]


def test_two_calendars_of_one_series_would_tell_a_hidden_week() -> None:
    """The case that `earlier` is there for: three shown weeks and the block around them narrow the fourth."""
    weeks, blocks = output_of(pack_of(falling(35))), output_of(pack_of(falling(36)))
    assert weeks.texts[:4] == ["1.00", "1.00", "1.00", "*"]  # 10 of 10,000 FTE, rounded: at least 8 each
    assert blocks.texts[0] == "0.62"  # 25 of 40,000, rounded: at most 27
    assert overlapping([weeks, blocks])  # so the fourth was 1, 2 or 3


def test_a_series_keeps_the_calendar_it_was_shown_in() -> None:
    weeks, same = in_sequence([falling(35), falling(36)])
    assert (calendar_of(weeks), calendar_of(same)) == ("weeks", "weeks")
    assert same.texts[:4] == ["1.00", "1.00", "1.00", "*"]
    assert not overlapping([weeks, same])


def test_a_series_gets_no_finer_either() -> None:
    whole = scores_of([*[3] * 18, *[20] * 18], "monthly")
    quarters, same = in_sequence([whole[:20], whole])
    assert calendar_of(output_of(pack_of(whole))) == "months"  # on its own
    assert (calendar_of(quarters), calendar_of(same)) == ("quarters", "quarters")
    assert not overlapping([quarters, same])


def test_a_calendar_is_chosen_anew_once_nothing_of_the_old_one_is_in_view() -> None:
    whole = scores_of([*[20] * 36, *[3] * 36], "monthly")
    near, apart = in_sequence([whole[:36], whole[:71]]), in_sequence([whole[:36], whole])
    assert [calendar_of(output) for output in near] == ["months", "months"]
    assert [calendar_of(output) for output in apart] == ["months", "quarters"]
    assert not overlapping([*near[:1], *apart])


def test_a_pack_without_signals_hands_on_what_was_shown() -> None:
    """A touched case whose evidence is gone is frozen without exhibits; its signals can come back."""
    first = pack_of(falling(35))
    gone = packs.pack(
        case_of(signals=()), RIVERSIDE, {}, INDICATORS, now=AT, tick="complaints/13", models=[], earlier=[first]
    )
    assert gone.showings == first.showings
    assert calendar_of(output_of(pack_of(falling(36), [gone]))) == "weeks"


def test_another_case_of_the_organisation_keeps_the_calendar() -> None:
    outputs = [pack_of(falling(35), case="C-7")]
    outputs.append(pack_of(falling(36), outputs, case="C-8"))
    assert not overlapping([output_of(each) for each in outputs])


def test_a_pack_from_before_calendars_were_kept_tells_its_own() -> None:
    old = pack_of(falling(35))
    old = replace(old, showings=(), exhibits=tuple(replace(each, calendar=None) for each in old.exhibits))
    assert calendar_of(output_of(old)) == "weeks"
    assert calendar_of(output_of(pack_of(falling(36), [old]))) == "weeks"


def test_a_stored_pack_is_read_whatever_it_lacks() -> None:
    new = pack_of(falling(35))
    assert wire.load(Pack, wire.dump(new)) == new
    body = json.loads(wire.dump(new))
    del body["showings"]
    for exhibit in body["exhibits"]:
        del exhibit["calendar"]
    assert wire.load(Pack, json.dumps(body)).showings == ()


def test_a_successor_shows_nothing_of_the_days_that_its_predecessor_was_shown_for() -> None:
    """Its figures are both predecessors' sum: less the one that was shown they are the other's."""
    before = pack_of(falling(30), organisation="RAA")
    after = pack_of(falling(36), [before], organisation="RBB")
    (exhibit,) = after.exhibits
    assert [point.period for point in exhibit.points] == [scores.period for scores in falling(36)[30:]]
    again = pack_of(falling(36), [before, after], organisation="RBB")
    assert again.exhibits == after.exhibits


def test_a_series_with_nothing_left_to_show_is_said_to_have_none() -> None:
    before = pack_of(falling(36), organisation="RAA")
    disclosed = output_of(pack_of(falling(36), [before], organisation="RBB")).disclosed
    (exhibit,) = disclosed.exhibits
    assert exhibit.points == ()
    assert "too few people to show a figure" in plain(compose(change_of(), disclosed, RIVERSIDE))
    assert twin(exhibit, "Riverside").rows == ()
    assert b"</svg>" in chart(exhibit, "Riverside")


def test_a_share_that_has_lost_a_base_stays_in_its_calendar_without_that_block() -> None:
    counts = [3] * 24
    first = scores_of(counts, "monthly", key="harm_share")
    lost = replace(first[-4], arrays={**first[-4].arrays, "denominator": np.array([np.nan])})
    quarters, same = in_sequence([first, [*first[:-4], lost, *first[-3:]]], key="harm_share")
    assert (calendar_of(quarters), calendar_of(same)) == ("quarters", "quarters")
    assert same.texts[-1] == NOTHING


def test_a_contract_with_other_periods_begins_anew_after_what_was_shown() -> None:
    weeks = scores_of([9] * 60)
    months = scores_of([30] * 24, "monthly")
    outputs = in_sequence([weeks[:40], months])
    assert [calendar_of(output) for output in outputs] == ["weeks", "months"]
    assert outputs[1].periods
    assert not overlapping(outputs)


@dataclass(frozen=True)
class Publication:
    """When something is published (settled periods), of which of a few cases, and how figures were revised."""

    settled: int
    case: str
    revised: int


PUBLICATIONS = st.lists(
    st.builds(Publication, st.integers(1, 110), st.sampled_from(["C-7", "C-8"]), st.integers(0, 3)),
    min_size=2, max_size=6,
)  # fmt: skip
LEVELS = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 15)), min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(LEVELS, PUBLICATIONS, st.sampled_from(["weekly", "monthly", "quarterly"]), st.booleans(), st.integers(0, 12))
def test_whatever_is_published_when_no_period_is_a_part_of_another(
    levels: list[tuple[int, int]], publications: list[Publication], name: str, in_order: bool, phase: int
) -> None:
    """Every shown total is a full block of one calendar; so no sum or difference of them covers less."""
    counts = [level for length, level in levels * 110 for _ in range(length)][:110]
    if in_order:
        publications = sorted(publications, key=lambda each: each.settled)
    made: dict[str, Pack] = {}
    outputs = []
    for each in publications:
        known = [max(count + each.revised * (place % 3 - 1), 0) for place, count in enumerate(counts)]
        history = scores_of(known, name, first=2400 + phase)[: each.settled]
        made[each.case] = pack_of(history, list(made.values()), case=each.case)
        outputs.append(output_of(made[each.case]))
    assert not overlapping(outputs)


@settings(max_examples=60, deadline=None)
@given(LEVELS, LEVELS, st.integers(2, 80), st.integers(1, 30), st.sampled_from(["weekly", "monthly"]))
def test_no_day_of_a_predecessor_is_shown_again_as_a_part_of_its_successor(
    own: list[tuple[int, int]], others: list[tuple[int, int]], merged: int, more: int, name: str
) -> None:
    first, second = ([level for length, level in each * 110 for _ in range(length)][:110] for each in (own, others))
    alone = pack_of(scores_of(first, name)[:merged], organisation="RAA")
    both = scores_of([one + other for one, other in zip(first, second, strict=True)], name)
    heirs = [pack_of(both[: merged + 1], [alone], organisation="RBB")]
    heirs.append(pack_of(both[: merged + more], [alone, *heirs], organisation="RBB"))
    last = max(end for _, end in output_of(alone).periods) if output_of(alone).periods else date.min
    assert all(start >= last for heir in heirs for start, _ in output_of(heir).periods)
    assert not overlapping([output_of(heir) for heir in heirs])
