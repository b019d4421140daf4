"""Score what settles now, and again what a late word, a filled hole or a merger changes.

Decides which blocks fold what, reads their figures through the store, and leaves settlements, scores and
cached states in the tick's changes. The arithmetic is in `folding`, the rules of settling in `settlement`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import numpy as np

from monitor.acceptance import Acceptances
from monitor.coverage import each_until
from monitor.detectors import model_of
from monitor.folding import ACCEPTED, CARRIED, KNOWN, Track, aligned, fresh, run, spliced, takes_exposure
from monitor.gathering import carried, gather, overlaid
from monitor.kept import Arrays, Cell, Changes, Figures, Saved, Sum
from monitor.organisations import Registry
from monitor.patching import patched
from monitor.ports import Store
from monitor.settlement import Roll, holders


@dataclass(frozen=True, slots=True)
class Plan:
    """What one block does in a tick: refold `again` over settled periods, then fold on to `last`.

    `settled`: first and last settled number, None: nothing yet. `whole`: fold everything from `first`.
    """

    roll: Roll
    settled: tuple[int, int] | None
    saved: Saved | None
    first: int
    last: int
    whole: bool
    again: tuple[str, ...]

    def reads_from(self, lineage: Mapping[str, tuple[str, ...]]) -> int:
        """Give the first period of which everybody's figures are needed.

        All of them where a merger's past is folded again: a member's last exposure counts on in the periods to come.
        """
        if self.whole or self.settled is None or not lineage.keys().isdisjoint(self.again):
            return self.first
        return self.settled[1] + 1


@dataclass(frozen=True, slots=True)
class Lines:
    """Who stands for whom as of one day, and where their series begin anew.

    Lineage of each organisation with predecessors, and its mergers; levels that people took as the new normal.
    """

    lineage: Mapping[str, tuple[str, ...]]
    joined: Mapping[str, tuple[date, ...]]
    accepted: Acceptances = field(default_factory=Acceptances)

    def accepted_from(self, roll: Roll) -> dict[str, frozenset[int]]:
        """Give the numbers of the periods from which levels of a block were accepted, by organisation."""
        days = self.accepted.days.get((roll.block.indicator, roll.block.source), {})
        return {code: frozenset(map(roll.calendar.number, some)) for code, some in days.items() if code in roll.closed}


def lines(registry: Registry, today: date, accepted: Acceptances) -> Lines:
    """Work out the lineages that hold today, beside what people have accepted."""
    heirs = sorted({step.successor for step in registry.successions if step.legal_date <= today})
    lineage = {code: registry.lineage(code, today) for code in heirs}
    return Lines(lineage, {code: registry.joined(code, today) for code in heirs}, accepted)


def plan(
    roll: Roll,
    numbers: Sequence[int],
    settled: tuple[int, int] | None,
    saved: Saved | None,
    changed: Iterable[Cell],
    lined: Lines,
) -> Plan | None:
    """Decide what a block folds, given the period numbers that settle now; None: nothing.

    A state of another version of the detector is as good as none: the block is folded anew, from its start.
    """
    if saved is not None and saved.model != model_of(roll.indicator):
        saved = None
    if settled is None:
        return Plan(roll, None, None, numbers[0], numbers[-1], True, ()) if numbers else None
    first = settled[0] if roll.first is None else min(settled[0], roll.first)
    last = numbers[-1] if numbers else settled[1]
    whole = saved is None or first < settled[0]
    again = () if whole or saved is None else _again(roll, settled, saved, changed, lined, settles=bool(numbers))
    if not (numbers or again or (whole and (first < settled[0] or _touches(roll, settled, changed, lined)))):
        return None
    return Plan(roll, settled, saved, first, last, whole, again)


def _again(
    roll: Roll, settled: tuple[int, int], saved: Saved, changed: Iterable[Cell], lined: Lines, *, settles: bool
) -> tuple[str, ...]:
    """Name whose past is not what their cached state has folded.

    Where a period before a merger still settles: what its members had, and whether they spoke at all, shows in all
    of the past that they are summed into.
    """
    codes = _touches(roll, settled, changed, lined)
    closed = each_until(roll.closed, settled[1])
    if closed != saved.closed:
        codes |= {code for code, ranges in closed.items() if ranges != saved.closed.get(code, ())}
    heirs = (lined.lineage.keys() | saved.lineage.keys()) & closed.keys()
    codes |= {code for code in heirs if lined.lineage.get(code, (code,)) != saved.lineage.get(code, (code,))}
    if settles:
        joined = ((code, days[-1]) for code, days in lined.joined.items() if code in roll.closed and days)
        codes |= {code for code, day in joined if settled[1] + 1 < roll.calendar.number(day)}
    return tuple(sorted(codes | _newly_accepted(lined.accepted_from(roll), settled, saved)))


def _newly_accepted(accepted: Mapping[str, frozenset[int]], settled: tuple[int, int], saved: Saved) -> set[str]:
    """Name whose level was accepted in a settled period in which their cached state has not begun anew."""
    if not accepted:
        return set()
    folded = dict(zip(saved.organisations, saved.state[ACCEPTED], strict=True))
    return {
        code
        for code, numbers in accepted.items()
        if folded.get(code) != max((number for number in numbers if number <= settled[1]), default=None)
    }


def _touches(roll: Roll, settled: tuple[int, int], changed: Iterable[Cell], lined: Lines) -> set[str]:
    """Name the organisations of whose closed, settled periods a cell has changed."""
    return {code for _, code, number in holders(roll, changed, lined.lineage) if number <= settled[1]}


def score(store: Store, plans: Sequence[Plan], changes: Changes, lined: Lines, *, now: datetime, tick: int) -> None:
    """Carry out the plans and leave what they give in the tick's changes."""
    sums = _by_pair(changes)
    figures = _figures(store, plans, sums, lined)
    exposed = [_with_exposed(one, figures[one.roll.block[:2]], lined) for one in plans]
    if exposed != plans:  # of a merger's past, more is needed now
        plans, figures = exposed, _figures(store, exposed, sums, lined)
    refolds = [_refold(store, one, sums, lined) for one in plans if one.again]
    run(refolds, now=now, tick=tick)
    redone = {track.roll.block: track for track in refolds}
    onward = [_onward(store, one, figures[one.roll.block[:2]], redone.get(one.roll.block), lined) for one in plans]
    run([track for track in onward if track.first <= track.last], now=now, tick=tick)
    for one, track in zip(plans, onward, strict=True):
        _leave(one, track, redone.get(one.roll.block), changes, lined)


_Sums = Mapping[tuple[str, str], Mapping[Cell, Sum]]
"""What a tick has changed, by indicator and source."""


def _by_pair(changes: Changes) -> _Sums:
    sums: dict[tuple[str, str], dict[Cell, Sum]] = defaultdict(dict)
    for cell, sum_ in changes.sums.items():
        sums[cell.indicator, cell.source][cell] = sum_
    return sums


def _with_exposed(one: Plan, figures: Figures, lined: Lines) -> Plan:
    """Fold a count that was plain until now, and has exposure at last, again."""
    if one.whole or one.saved is None:
        return one
    codes = newly_exposed(one.roll, one.saved, figures, lined)
    return replace(one, again=tuple(sorted({*one.again, *codes})))


def _figures(store: Store, plans: Sequence[Plan], sums: _Sums, lined: Lines) -> dict[tuple[str, str], Figures]:
    """Read the figures of each indicator and source once, for all of its peer groups."""
    pairs: dict[tuple[str, str], list[Plan]] = defaultdict(list)
    for one in plans:
        pairs[one.roll.block.indicator, one.roll.block.source].append(one)
    return {pair: _read(store, some, sums.get(pair, {}), lined) for pair, some in pairs.items()}


def _read(store: Store, plans: Sequence[Plan], sums: Mapping[Cell, Sum], lined: Lines) -> Figures:
    first, last = min(one.reads_from(lined.lineage) for one in plans), max(one.last for one in plans)
    roll = plans[0].roll
    indicator, source, _ = roll.block
    stored = store.figures(indicator, source, roll.calendar.name, first, max(first, last))
    return overlaid(stored, sums, roll.calendar)


def _past(store: Store, one: Plan, settled: tuple[int, int], sums: _Sums, lined: Lines) -> Figures:
    """Read all that is settled of those who are folded again, and of nobody else."""
    indicator, source, _ = one.roll.block
    members = {member for code in one.again for member in lined.lineage.get(code, (code,))}
    stored = store.figures(indicator, source, one.roll.calendar.name, *settled, members)
    theirs = {cell: sum_ for cell, sum_ in sums.get((indicator, source), {}).items() if cell.organisation in members}
    return overlaid(stored, theirs, one.roll.calendar)


def _track(
    one: Plan, codes: tuple[str, ...], state: Arrays, first: int, last: int, figures: Figures, lined: Lines
) -> Track:
    roll = one.roll
    joins = {
        code: frozenset(roll.calendar.number(day) for day in days)
        for code, days in lined.joined.items()
        if code in codes
    }
    gathered = gather(figures, roll, codes, lined.lineage, {code: max(numbers) for code, numbers in joins.items()})
    exposure = carried(gathered, state[CARRIED]) if takes_exposure(roll.indicator.kind) else gathered.denominator
    return Track(roll, codes, state, first, last, gathered, exposure, joins, lined.accepted_from(roll))


def _refold(store: Store, one: Plan, sums: _Sums, lined: Lines) -> Track:
    """Fold some series again over all that is settled, with the stored peers' quantities."""
    assert one.settled is not None
    state, figures = fresh(one.roll, len(one.again)), _past(store, one, one.settled, sums, lined)
    track = _track(one, one.again, state, *one.settled, figures, lined)
    _remember(store, one, track)
    return track


def _onward(store: Store, one: Plan, figures: Figures, redone: Track | None, lined: Lines) -> Track:
    """Fold the whole block on from its cached state, or from the start where there is none."""
    codes = tuple(one.roll.closed)
    if one.whole or one.saved is None:
        track = _track(one, codes, fresh(one.roll, len(codes)), one.first, one.last, figures, lined)
        _remember(store, one, track)
        return track
    assert one.settled is not None
    state = aligned(one.saved.state, one.saved.organisations, codes, one.roll)
    if redone is not None:
        state = spliced(state, codes, redone)
    return _track(one, codes, state, one.settled[1] + 1, one.last, figures, lined)


def _remember(store: Store, one: Plan, track: Track) -> None:
    """Give a track that goes over settled periods again what is stored of them."""
    if one.settled is not None:
        block, model = one.roll.block, model_of(one.roll.indicator)
        track.stored = {settlement.number: settlement for settlement in store.settlements(block, *one.settled, model)}
        track.before = {scores.number: scores for scores in store.scores(block, *one.settled)}


def _leave(one: Plan, track: Track, redone: Track | None, changes: Changes, lined: Lines) -> None:
    roll = one.roll
    changes.settlements += track.settlements
    changes.refolded |= {(roll.block, code) for code in _redone(one, track, redone)}
    for done in (redone, track) if redone else (track,):
        for scores in done.scores:
            merged_later = {code for code, numbers in done.joins.items() if scores.number < max(numbers)}
            changes.scores.append(patched(done.before.get(scores.number), scores, merged_later))
    changes.saved[roll.block] = Saved(
        roll.block, one.first, one.last, track.organisations, track.state,
        each_until(roll.closed, one.last),
        {code: line for code, line in lined.lineage.items() if code in roll.closed},
        model_of(roll.indicator),
    )  # fmt: skip


def _redone(one: Plan, track: Track, redone: Track | None) -> tuple[str, ...]:
    """Name the organisations whose settled past was scored again."""
    if redone is not None:
        return redone.organisations
    return track.organisations if one.settled and one.whole else ()


def newly_exposed(roll: Roll, saved: Saved, figures: Figures, lined: Lines) -> tuple[str, ...]:
    """Name the counts whose first exposure has come after they were read as plain counts."""
    if not takes_exposure(roll.indicator.kind):
        return ()
    plain = {
        code
        for code, exposure, known in zip(saved.organisations, saved.state[CARRIED], saved.state[KNOWN], strict=True)
        if np.isnan(exposure) and known > 0
    }
    codes = tuple(code for code in roll.closed if code in plain)
    if not codes:
        return ()
    values = gather(figures, roll, codes, lined.lineage, {})
    return tuple(code for code, row in zip(codes, values.denominator, strict=True) if (row > 0).any())
