"""Take a batch of messages in: what it changes of words, sums, coverage and registry.

Reads the held words and sums through the store; everything it decides is in `periods` and `coverage`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from monitor import coverage, periods
from monitor.errors import BadRecord, Reason
from monitor.feeds.contract import unworkable
from monitor.kept import Changes
from monitor.memory import Memory
from monitor.model import Advance, DeadLetter, Feed, Message, Observation, Organisation, Receipt, Tick
from monitor.organisations import registry, with_facts
from monitor.ports import Store
from monitor.promises import broken
from monitor.sound import BUS


@dataclass(slots=True)
class _Batch:
    """What a batch has said so far, beside what is in the changes already."""

    observations: list[Observation] = field(default_factory=list)
    promised: list[Observation] = field(default_factory=list)
    refused: list[tuple[Observation, BadRecord]] = field(default_factory=list)
    stated: dict[str, Organisation] = field(default_factory=dict)  # not in the memory's registry yet


def take_in(store: Store, memory: Memory, tick: Tick) -> Changes:
    """Work out what a batch changes, and let the memory know.

    Each message is judged by the contract and the organisations that came before it, so that what becomes of a
    word does not depend on where a batch ends.
    """
    changes, batch = Changes(), _Batch()
    for at, message in enumerate(tick.messages):
        try:
            _hear(store, memory, message, changes, batch)
        except BadRecord as bad:
            changes.dead_letters.append(_refused(tick, at, bad))
    _register(memory, changes, batch)
    taken = _words(store, memory, batch, changes)
    changes.counts = _counts(changes, len(batch.observations), taken, len(tick.messages))
    if tick.settles:
        changes.live = {source for source, _ in memory.coverage} - memory.live
        memory.live |= changes.live
    return changes


def _hear(store: Store, memory: Memory, message: Message, changes: Changes, batch: _Batch) -> None:
    """Take one message in its turn; `BadRecord` where it is put aside as a whole."""
    if not isinstance(message, Organisation) and _feed(message) != memory.feed:
        raise BadRecord(Reason.OTHER_FEED, "feed")
    match message:
        case Observation():
            if batch.stated:
                _register(memory, changes, batch)
            batch.observations.append(message)
            _judge(memory, message, batch)
        case Organisation():
            _state(memory, message, batch)
        case Advance():
            _cover(memory, message, changes)
        case Feed():
            _promise(store, memory, message, changes, batch)
        case DeadLetter():
            changes.dead_letters.append(message)
        case Receipt():
            changes.receipts.append(message)


def _feed(message: Feed | Observation | Advance | DeadLetter | Receipt) -> str:
    return message.key if isinstance(message, Feed) else message.feed


def _refused(tick: Tick, at: int, bad: BadRecord) -> DeadLetter:
    """Put a whole message aside, by its position; `at` is its place in the batch."""
    position = tick.next - len(tick.messages) + at
    return DeadLetter(tick.feed, BUS, position, bad.field, bad.reason, bad.value, stage="worker")


def _promise(store: Store, memory: Memory, contract: Feed, changes: Changes, batch: _Batch) -> None:
    """Let a contract hold from here on; the one before it does where this one breaks what it promised."""
    if unworkable(contract):
        raise BadRecord(Reason.BAD_MESSAGE, "contract")
    if memory.contract is not None and contract != memory.contract:
        lost = broken(memory.contract, contract, _present(store, memory, batch))
        if lost:
            raise BadRecord(Reason.BAD_MESSAGE, "contract", lost[0].indicator)
    memory.contract = changes.contract = contract


def _present(store: Store, memory: Memory, batch: _Batch) -> frozenset[tuple[str, str]]:
    """Give the (indicator, source) pairs that have any word by now, those of this batch so far among them."""
    return memory.heard | _pairs(_contributed(store, memory, batch.promised))


def _pairs(taken: periods.Taken) -> set[tuple[str, str]]:
    return {(cell.indicator, cell.source) for cell in taken.sums}


def _judge(memory: Memory, observation: Observation, batch: _Batch) -> None:
    """Part what the contract in force promises, of organisations known by now, from what is put aside."""
    try:
        if memory.contract is None:
            raise BadRecord(Reason.UNKNOWN_FEED, "feed", memory.feed)
        periods.check(observation, memory.contract, memory.registry)
        batch.promised.append(observation)
    except BadRecord as bad:
        batch.refused.append((observation, bad))


def _cover(memory: Memory, word: Advance, changes: Changes) -> None:
    word = replace(word, indicators=_promised(memory, word))
    new = coverage.advance(memory.coverage, word)
    if new:
        memory.coverage = {**memory.coverage, **new}
        changes.coverage.update(new)
        changes.advances.append(word)


def _promised(memory: Memory, word: Advance) -> frozenset[str]:
    """Name the indicators whose figures an advance completes; `BadRecord` where the contract promises none of them."""
    if memory.contract is None:
        raise BadRecord(Reason.UNKNOWN_FEED, "feed", memory.feed)
    source = memory.contract.sources.get(word.source)
    if source is None:
        raise BadRecord(Reason.UNKNOWN_CODE, "source")
    promised = frozenset(source.calendars)
    named = promised if word.indicators is None else promised & word.indicators
    if not named:
        raise BadRecord(Reason.UNKNOWN_INDICATOR, "indicators")
    return named


def _state(memory: Memory, organisation: Organisation, batch: _Batch) -> None:
    """Note an organisation that the registry does not know, or knows less of, as this feed states it."""
    before = batch.stated.get(organisation.code) or memory.registry.organisations.get(organisation.code)
    after = _stated(before, replace(organisation, stated_by=memory.feed))
    if after != before:
        batch.stated[organisation.code] = after


def _register(memory: Memory, changes: Changes, batch: _Batch) -> None:
    """Put what was stated since into the registry: once for all that come in a row."""
    if batch.stated:
        known = {**memory.registry.organisations, **batch.stated}
        memory.registry = registry(known.values(), memory.registry.successions)
        changed = {**{each.code: each for each in changes.organisations}, **batch.stated}
        changes.organisations = list(changed.values())
        batch.stated = {}


def _stated(known: Organisation | None, stated: Organisation) -> Organisation:
    """Lay what a feed states over what is known; of whom the registry knows, it fills only what is missing."""
    if known is None or known.stated_by is not None:
        return with_facts(known, stated)
    return replace(known, peer_group=known.peer_group or stated.peer_group, region=known.region or stated.region)


def _contributed(store: Store, memory: Memory, promised: Sequence[Observation]) -> periods.Taken:
    subjects = {observation.subject for observation in promised}
    held = store.words(memory.feed, subjects)
    # after the words: what expires between the two reads is found held, gone, or both
    gone = store.forgotten(memory.feed, subjects) if memory.seals else frozenset()
    return periods.contribute(promised, held, store.sums(periods.cells_of(promised, held)), memory.seals, gone)


def _words(store: Store, memory: Memory, batch: _Batch, changes: Changes) -> periods.Taken:
    taken = _contributed(store, memory, batch.promised)
    refused = [*batch.refused, *taken.refused]
    changes.words = list(taken.words.values())
    # a word that gives the same sum changes no cell: "as known at" an earlier tick, it holds what it holds now
    changes.sums = {cell: sum_ for cell, sum_ in taken.sums.items() if sum_ != taken.before[cell]}
    changes.superseded = {cell: taken.before[cell] for cell in changes.sums}
    letters = {id(observation): _dead(observation, bad) for observation, bad in refused}
    changes.dead_letters += letters.values()
    changes.solved, again = _solved(memory.aside, batch.observations, letters)
    changes.reopened = [letters[each] for each in again]
    changes.heard = _pairs(taken)
    memory.heard |= changes.heard
    return taken


def _counts(changes: Changes, observations: int, taken: periods.Taken, messages: int) -> dict[str, int]:
    """Count what became of the batch's observations; a whole message that was put aside counts as one."""
    reasons = Counter(letter.reason for letter in changes.dead_letters if letter.stage == "worker")
    whole = sum(letter.file == BUS for letter in changes.dead_letters)
    counts = {
        "messages": messages,
        "accepted": observations + whole,
        "applied": taken.applied,
        "unchanged": taken.unchanged,
    }
    counts |= {f"dead_lettered:{reason}": number for reason, number in reasons.items()}
    return {name: number for name, number in counts.items() if number}


def _solved(
    aside: set[tuple[str, int]], observations: Sequence[Observation], refused: Collection[int]
) -> tuple[list[tuple[str, int]], list[int]]:
    """Give the rows that are taken after they were put aside, here or before; and what of them is refused again.

    `refused` and the latter: observations by `id`. Whatever the batch, a row's words count in their order.
    """
    if not (aside or refused):
        return [], []
    lies, taken, again = set(aside), set[tuple[str, int]](), dict[tuple[str, int], list[int]]()
    for observation in observations:
        place = _place(observation)
        if id(observation) in refused:
            lies.add(place)
            if place in taken:
                again.setdefault(place, []).append(id(observation))
        elif place in lies:
            taken.add(place)
            lies.discard(place)
            again.pop(place, None)
    return sorted(taken), [each for some in again.values() for each in some]


def _place(observation: Observation) -> tuple[str, int]:
    """Give file and row of an observation, as its dead letter names them."""
    _, _, place = observation.origin.partition("/")
    file, _, row = place.partition("/")
    return file, int(row) if row.isdecimal() else 0


def _dead(observation: Observation, bad: BadRecord) -> DeadLetter:
    file, row = _place(observation)
    code = bad.value if bad.field == "organisation" else None
    return DeadLetter(observation.feed, file, row, bad.field, bad.reason, bad.value, code, "worker")
