"""The story of one tick: words become facts, facts become scores, scores become what must be said.

    read a batch → take it in → settle and score → review cases → claim the position → write → commit

Everything before the claim only reads the store, and changes nothing but what the worker remembers; everything
after it is one transaction, kept short. Whoever does not get to its end drops what it remembers and reads again,
so an accepted observation changes state exactly once. Where another feed's tick or a person's act came between
review and claim, cases are reviewed again inside.

While more waits on the topic, a tick takes in and no more: its feed is scored, and cases are reviewed, once all has
been read, so that nobody is judged by half of a file and where batches end decides nothing.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Collection, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from monitor.calendars import day_of
from monitor.casefile import CaseChange
from monitor.heartbeat import HEARTBEAT, told
from monitor.intake import take_in
from monitor.kept import Cell, Changes, Position, Sum
from monitor.memory import Memory, recall, remembered
from monitor.model import Tick
from monitor.periods import NOTHING
from monitor.ports import Store, View
from monitor.review import Reviewed, review
from monitor.rules import Rules, national_threshold
from monitor.scoring import Lines, Plan, lines, plan, score
from monitor.settlement import Roll, first_closes, ready, rolls, were_seen

AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Turned:
    """What a tick did: its changes, what it made of cases, and the memory for the next one.

    `settles`: it ended a first load, as nothing waited behind it.
    """

    changes: Changes
    cases: tuple[CaseChange, ...]
    memory: Memory
    settles: bool


Stamp = tuple[int, int]
Judge = Callable[[View], Reviewed]


class Foreseen(NamedTuple):
    """What a review ahead of the transaction made of cases, and the stamp of what it saw."""

    reviewed: Reviewed
    stamp: Stamp


def turn(store: Store, tick: Tick, rules: Rules, memory: Memory | None = None) -> Turned:
    """Run one tick: all of it or nothing.

    Raises `PositionMoved` where another worker took the position: forget the memory and read again.
    """
    memory = memory or recall(store, tick.feed)
    tick, changes, listed = derive(store, memory, tick, rules)
    judge = partial(review, memory=memory, tick=tick, rules=rules, changes=changes, listed=listed)
    foreseen = foresee(store, tick, changes, judge)
    reviewed = commit(store, tick, changes, foreseen, judge)
    after = remembered(memory, changes, Position(tick.topic, tick.next, tick.number + 1))
    return Turned(changes, reviewed.cases, after, tick.settles)


def derive(store: Store, memory: Memory, tick: Tick, rules: Rules) -> tuple[Tick, Changes, list[Roll]]:
    """Take the batch in, settle and score: give the tick with what it was run under, what it changes, and the roll."""
    tick = replace(tick, registry=memory.registry_version, rebuild=memory.rebuild, accepting=memory.accepted.last)
    before = copy(memory)
    changes = take_in(store, memory, tick)
    changes.superseded = vintages(before, tick, changes.superseded)
    listed = settle(store, memory, tick, changes)
    has_time = not (changes.scores or tick.behind or tick.feed == HEARTBEAT)  # a tick that scores is waited for
    at, changes.standings = national_threshold(store, memory, rules, day_of(tick.now), looks_back=has_time)
    return replace(tick, threshold=at), changes, listed


def foresee(store: Store, tick: Tick, changes: Changes, judge: Judge) -> Foreseen:
    """Review cases ahead of the transaction, which then is short."""
    with store.ahead(tick, changes) as view:
        return Foreseen(judge(view), stamp(view))


def commit(store: Store, tick: Tick, changes: Changes, foreseen: Foreseen, judge: Judge) -> Reviewed:
    """Claim the position and write it all; cases are reviewed again where something came since they were."""
    with store.claim(tick, changes) as transaction:
        transaction.write(changes)
        reviewed = foreseen.reviewed if stamp(transaction) == foreseen.stamp else judge(transaction)
        transaction.record(reviewed.cases, (*reviewed.notifications, *told(tick.feed, changes.words, tick.now)))
    return reviewed


def stamp(view: View) -> Stamp:
    """Give what tells two views of the same cases from two between which something came."""
    return view.sequence, view.acts_so_far


def vintages(before: Memory, tick: Tick, superseded: Mapping[Cell, Sum]) -> dict[Cell, Sum]:
    """Keep of what changed cells held what people saw: of periods that had closed `before` the batch came.

    So the first vintage of a cell is what it was first known as, wherever batches end.
    """
    today, pairs = day_of(tick.now), {cell[:2] for cell in superseded}
    shown = were_seen(called(before, today, pairs), superseded, lines(before.registry, today, before.accepted).lineage)
    return {cell: held for cell, held in superseded.items() if cell in shown}


def called(memory: Memory, today: date, among: Collection[tuple[str, str]] | None = None) -> list[Roll]:
    """Call the roll of every live block that has any word; `among`: of these (indicator, source) pairs only."""
    present = {pair for pair in memory.heard if pair[1] in memory.live and (among is None or pair in among)}
    if memory.contract is None or not present:
        return []
    return rolls(memory.contract, memory.coverage, memory.registry, present, today, memory.settled)


def settle(store: Store, memory: Memory, tick: Tick, changes: Changes) -> list[Roll]:
    """Close whatever is complete; once nothing waits on the topic, settle, score and refold what has changed."""
    listed = called(memory, day_of(tick.now))
    changes.closes = first_closes(listed, memory.settled, memory.closes, tick.now)
    if tick.behind:
        memory.unscored = {**changes.superseded, **memory.unscored}
    else:
        _fold(store, memory, tick, changes, listed)
    return listed


def _fold(store: Store, memory: Memory, tick: Tick, changes: Changes, listed: Collection[Roll]) -> None:
    """Fold every block in which a period settles or something has changed."""
    changed, memory.unscored = _changed(store, memory, changes), {}
    lined = lines(memory.registry, day_of(tick.now), memory.accepted)
    plans = [planned for roll in listed if (planned := _plan(roll, memory, tick, changes, changed, lined))]
    if plans:
        score(store, plans, changes, lined, now=tick.now, tick=tick.number)


def _changed(store: Store, memory: Memory, changes: Changes) -> set[Cell]:
    """Name the cells that hold something else than when the feed was last scored, whatever they held in between."""
    held = {**store.sums(memory.unscored), **changes.sums}
    back = {cell for cell, before in memory.unscored.items() if held.get(cell, NOTHING) == before}
    return (memory.unscored.keys() | changes.sums.keys()) - back


def _plan(
    roll: Roll, memory: Memory, tick: Tick, changes: Changes, changed: Collection[Cell], lined: Lines
) -> Plan | None:
    """Decide what a block folds in this tick; None: nothing."""
    settled, saved = memory.settled.get(roll.block), memory.saved.get(roll.block)
    return plan(roll, _ready(roll, memory, tick, changes), settled, saved, changed, lined)


def _ready(roll: Roll, memory: Memory, tick: Tick, changes: Changes) -> list[int]:
    """Give the periods that settle now."""
    begin = memory.settled[roll.block][1] + 1 if roll.block in memory.settled else roll.first
    if begin is None:
        return []
    rest = AT_ONCE if tick.settles else tick.settle_after
    return ready(roll, begin, ChainMap(changes.closes, memory.closes), tick.now, rest)
