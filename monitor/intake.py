"""Take a batch of messages in: what it changes of words, sums, coverage and registry.

Reads the held words and sums through the store; everything it decides is in `periods` and `coverage`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from monitor import coverage, periods
from monitor.errors import BadRecord, Reason
from monitor.model import Advance, DeadLetter, Feed, Message, Observation, Organisation, Receipt, Source, Tick
from monitor.organisations import Registry, registry, with_facts
from monitor.ports import Block, Changes, Coverage, Interval, Position, Saved, Store

Noun = TypeVar("Noun")


@dataclass(slots=True)
class Memory:
    """What a worker remembers of its feed between ticks: only a cache, dropped with every lost claim."""

    feed: str
    position: Position | None
    contract: Feed | None
    registry: Registry
    registry_version: int
    coverage: Coverage
    live: frozenset[str]
    present: frozenset[tuple[str, str]]  # (indicator, source) pairs with any word
    settled: dict[Block, tuple[int, int]]
    closes: dict[tuple[Block, int], datetime]
    saved: dict[Block, Saved] = field(default_factory=dict)
    rebuild: int = 0  # the last begin or end of a replay, or the last seal, when all this was read
    seals: Mapping[tuple[str, str], Interval] = field(default_factory=dict)  # as `Store.seals`
    aside: set[tuple[str, int]] = field(default_factory=set)  # as `Store.put_aside`


def recall(store: Store, feed: str) -> Memory:
    """Read what the store holds of a feed."""
    rebuild = store.rebuild()  # first: a replay that begins or ends while the rest is read makes it stale
    organisations, successions = store.organisations()
    return Memory(
        feed,
        store.position(feed),
        store.contracts().get(feed),
        registry(organisations.values(), successions),
        store.registry(),
        store.coverage(feed),
        store.live(feed),
        frozenset(store.spans(feed)),
        dict(store.settled(feed)),
        dict(store.closes(feed)),
        dict(store.saved(feed)),
        rebuild,
        store.seals(feed),
        set(store.put_aside(feed)),
    )


def take_in(store: Store, memory: Memory, tick: Tick) -> Changes:
    """Work out what a batch changes, and let the memory know."""
    tick = replace(tick, messages=_own(tick))
    changes = Changes(
        dead_letters=[message for message in tick.messages if isinstance(message, DeadLetter)],
        receipts=[message for message in tick.messages if isinstance(message, Receipt)],
        contract=next((message for message in reversed(tick.messages) if isinstance(message, Feed)), None),
    )
    memory.contract = changes.contract or memory.contract
    changes.organisations = _provisional(memory, _only(tick, Organisation))
    observations = _only(tick, Observation)
    taken = _words(store, memory, observations, changes)
    _advances(memory, tick, changes)
    changes.counts = _counts(changes, len(observations), taken, len(tick.messages))
    if tick.settles:
        changes.live = {source for source, _ in memory.coverage} - memory.live
        memory.live |= changes.live
    return changes


def _own(tick: Tick) -> tuple[Message, ...]:
    """Put aside what lies on this topic and is another feed's."""
    return tuple(
        message if _feed(message, tick) == tick.feed else _refused(tick, at, BadRecord(Reason.UNKNOWN_FEED, "feed"))
        for at, message in enumerate(tick.messages)
    )


def _feed(message: Message, tick: Tick) -> str:
    match message:
        case Feed():
            return message.key
        case Organisation():
            return tick.feed
        case _:
            return message.feed


def _refused(tick: Tick, at: int, bad: BadRecord) -> DeadLetter:
    """Put a whole message aside, by its position; `at` is its place in the batch."""
    position = tick.next - len(tick.messages) + at
    return DeadLetter(tick.feed, "bus", position, bad.field, bad.reason, bad.value, stage="worker")


def _only(tick: Tick, noun: type[Noun]) -> list[Noun]:
    return [message for message in tick.messages if isinstance(message, noun)]


def _provisional(memory: Memory, stated: Sequence[Organisation]) -> list[Organisation]:
    """Give the organisations that the registry does not know, or knows less of, as this feed states them."""
    known = memory.registry.organisations
    changed: dict[str, Organisation] = {}
    for organisation in stated:
        before = changed.get(organisation.code) or known.get(organisation.code)
        after = _stated(before, replace(organisation, stated_by=memory.feed))
        if after != before:
            changed[organisation.code] = after
    if changed:
        memory.registry = registry({**known, **changed}.values(), memory.registry.successions)
    return list(changed.values())


def _stated(known: Organisation | None, stated: Organisation) -> Organisation:
    """Lay what a feed states over what is known; of whom the registry knows, it fills only what is missing."""
    if known is None or known.stated_by is not None:
        return with_facts(known, stated)
    return replace(known, peer_group=known.peer_group or stated.peer_group, region=known.region or stated.region)


def _words(store: Store, memory: Memory, observations: list[Observation], changes: Changes) -> periods.Taken:
    promised, refused = _checked(memory, observations)
    held = store.words(memory.feed, {observation.subject for observation in promised})
    sound, late = _unsealed(memory.seals, promised, held)
    cells = {cell for observation in sound for cell in periods.cells_of(observation, held.get(observation.subject))}
    taken = periods.contribute(sound, held, store.sums(cells))
    refused += [*late, *taken.refused]
    changes.words = list(taken.words.values())
    changes.sums = taken.sums
    changes.superseded = {
        cell: before or periods.NOTHING for cell, before in taken.before.items() if before != taken.sums[cell]
    }
    changes.dead_letters += [_dead(observation, bad) for observation, bad in refused]
    changes.solved = _solved(memory.aside, observations, refused)
    memory.present |= {(cell.indicator, cell.source) for cell in taken.sums}
    return taken


def _counts(changes: Changes, observations: int, taken: periods.Taken, messages: int) -> dict[str, int]:
    """Count what became of the batch's observations; a whole message that was put aside counts as one."""
    reasons = Counter(letter.reason for letter in changes.dead_letters if letter.stage == "worker")
    whole = sum(letter.file == "bus" for letter in changes.dead_letters)
    counts = {
        "messages": messages,
        "accepted": observations + whole,
        "applied": taken.applied,
        "unchanged": taken.unchanged,
    }
    counts |= {f"dead_lettered:{reason}": number for reason, number in reasons.items()}
    return {name: number for name, number in counts.items() if number}


_Refused = list[tuple[Observation, BadRecord]]


def _checked(memory: Memory, observations: Iterable[Observation]) -> tuple[list[Observation], _Refused]:
    sound, refused = [], []
    for observation in observations:
        try:
            if memory.contract is None:
                raise BadRecord(Reason.UNKNOWN_FEED, "feed", memory.feed)
            periods.check(observation, memory.contract, memory.registry)
            sound.append(observation)
        except BadRecord as bad:
            refused.append((observation, bad))
    return sound, refused


def _unsealed(
    seals: Mapping[tuple[str, str], Interval], observations: list[Observation], held: Mapping[str, Observation]
) -> tuple[list[Observation], _Refused]:
    """Part what periods still take from events that come too late for theirs."""
    if not seals:
        return observations, []
    sound, late = [], []
    for observation in observations:
        try:
            periods.check_sealed(observation, held.get(observation.subject), seals)
            sound.append(observation)
        except BadRecord as bad:
            late.append((observation, bad))
    return sound, late


def _solved(
    aside: set[tuple[str, int]], observations: Iterable[Observation], refused: _Refused
) -> list[tuple[str, int]]:
    """Give the rows that were put aside before and have been taken now: what was wrong with them is mended."""
    if not aside:
        return []
    still = {_place(observation) for observation, _ in refused}
    return sorted({_place(observation) for observation in observations} & aside - still)


def _place(observation: Observation) -> tuple[str, int]:
    """Give file and row of an observation, as its dead letter names them."""
    _, _, place = observation.origin.partition("/")
    file, _, row = place.partition("/")
    return file, int(row) if row.isdecimal() else 0


def _dead(observation: Observation, bad: BadRecord) -> DeadLetter:
    file, row = _place(observation)
    code = bad.value if bad.field == "organisation" else None
    return DeadLetter(observation.feed, file, row, bad.field, bad.reason, bad.value, code, "worker")


def _advances(memory: Memory, tick: Tick, changes: Changes) -> None:
    covered = dict(memory.coverage)
    for at, word in enumerate(tick.messages):
        if isinstance(word, Advance):
            try:
                new = coverage.advance(covered, word, _promising(memory, word))
            except BadRecord as bad:
                changes.dead_letters.append(_refused(tick, at, bad))
                continue
            covered.update(new)
            changes.coverage.update(new)
            if new:
                changes.advances.append(word)
    memory.coverage = covered


def _promising(memory: Memory, word: Advance) -> Source:
    """Give the source whose figures an advance completes; `BadRecord` where the contract promises none of them."""
    if memory.contract is None:
        raise BadRecord(Reason.UNKNOWN_FEED, "feed", memory.feed)
    source = memory.contract.sources.get(word.source)
    if source is None:
        raise BadRecord(Reason.UNKNOWN_CODE, "source")
    if word.indicators is not None and word.indicators.isdisjoint(source.calendars):
        raise BadRecord(Reason.UNKNOWN_INDICATOR, "indicators")
    return source


def remembered(memory: Memory, changes: Changes, position: Position) -> Memory:
    """Give the memory after a tick has been committed."""
    memory.position = position
    memory.registry_version += bool(changes.organisations)
    memory.saved.update(changes.saved)
    memory.aside -= set(changes.solved)
    memory.aside |= {(letter.file, letter.row) for letter in changes.dead_letters if letter.stage == "worker"}
    memory.closes.update(changes.closes)
    for settlement in changes.settlements:
        first, last = memory.settled.get(settlement.block, (settlement.number, settlement.number))
        memory.settled[settlement.block] = min(first, settlement.number), max(last, settlement.number)
        memory.closes.pop((settlement.block, settlement.number), None)
    return memory
