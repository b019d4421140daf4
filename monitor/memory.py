"""What a worker remembers of its feed between ticks: only a cache, dropped with every lost claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from monitor.acceptance import Acceptances
from monitor.kept import Block, Cell, Changes, Coverage, Interval, Position, Saved, Sum
from monitor.model import Feed
from monitor.organisations import Registry, registry
from monitor.ports import Store


@dataclass(slots=True, kw_only=True)
class Memory:
    """What the store holds of a feed, as it was read and has changed since.

    `heard`: (indicator, source) pairs that any word has ever come of. `rebuild`: the last begin or end of a replay, or
    the last seal, when all this was read. `seals`, `aside` (`put_aside`) and `unscored` as the store gives them.
    """

    feed: str
    position: Position | None
    contract: Feed | None
    registry: Registry
    registry_version: int
    coverage: Coverage
    live: frozenset[str]
    heard: frozenset[tuple[str, str]]
    settled: dict[Block, tuple[int, int]]
    closes: dict[tuple[Block, int], datetime]
    saved: dict[Block, Saved] = field(default_factory=dict)
    rebuild: int = 0
    seals: Mapping[tuple[str, str], Interval] = field(default_factory=dict)
    aside: set[tuple[str, int]] = field(default_factory=set)
    accepted: Acceptances = field(default_factory=Acceptances)
    unscored: Mapping[Cell, Sum] = field(default_factory=dict)


def nothing_known(feed: str) -> Memory:
    """Give the memory of a feed that nobody has read anything of, under a registry of no version."""
    return Memory(
        feed=feed, position=None, contract=None, registry=registry([]), registry_version=-1, coverage={},
        live=frozenset(), heard=frozenset(), settled={}, closes={},
    )  # fmt: skip


def recall(store: Store, feed: str) -> Memory:
    """Read what the store holds of a feed."""
    rebuild = store.rebuild()  # first: a replay that begins or ends while the rest is read makes it stale
    version = store.registry()  # as does a load of organisations, whose claim then fails
    accepted = store.acceptances()  # and an act that accepts a level
    organisations, successions = store.organisations()
    return Memory(
        feed=feed,
        position=store.position(feed),
        contract=store.contracts().get(feed),
        registry=registry(organisations.values(), successions),
        registry_version=version,
        coverage=store.coverage(feed),
        live=store.live(feed),
        heard=store.heard(feed),
        settled=dict(store.settled(feed)),
        closes=dict(store.closes(feed)),
        saved=dict(store.saved(feed)),
        rebuild=rebuild,
        seals=store.seals(feed),
        aside=set(store.put_aside(feed)),
        accepted=accepted,
        unscored=store.unscored(feed),
    )


def remembered(memory: Memory, changes: Changes, position: Position) -> Memory:
    """Give the memory after a tick has been committed."""
    memory.position = position
    memory.registry_version += bool(changes.organisations)
    memory.saved.update(changes.saved)
    memory.aside |= {(letter.file, letter.row) for letter in changes.dead_letters if letter.stage == "worker"}
    memory.aside -= set(changes.solved)
    memory.aside |= {(letter.file, letter.row) for letter in changes.reopened}
    memory.closes.update(changes.closes)
    for settlement in changes.settlements:
        first, last = memory.settled.get(settlement.block, (settlement.number, settlement.number))
        memory.settled[settlement.block] = min(first, settlement.number), max(last, settlement.number)
        memory.closes.pop((settlement.block, settlement.number), None)
    return memory
