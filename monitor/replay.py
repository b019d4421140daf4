"""Derive everything again from what was taken in: the recorded ticks, in their order, each as it was known.

Settlements, scores, cases and their histories are rebuilt from vintages, advances, ticks, registries and
acts; messages that were sent stay sent. Two replays of the same history give the same hash, and so does
the history itself.

While it is under way no worker and no act is let in, nor after it was killed: run it again, from the start.
"""

from __future__ import annotations

import structlog

from monitor import coverage
from monitor.cases import acted
from monitor.heartbeat import HEARTBEAT
from monitor.kept import Cell, Changes, Position, Sum
from monitor.memory import Memory, nothing_known, remembered
from monitor.organisations import registry
from monitor.periods import NOTHING
from monitor.pipeline import settle
from monitor.review import review
from monitor.rules import Rules
from monitor.store import history, rebuilds
from monitor.store.acts import redo_acts
from monitor.store.derived import clear_derived, digest
from monitor.store.history import Ticked
from monitor.store.store import SqlStore
from monitor.wiring import Service
from monitor.worker import Progress, rules

log = structlog.get_logger()


def replay(service: Service, *, progress: Progress | None = None) -> str:
    """Rebuild all that is derived and give its hash."""
    engine, skipped = service.store.engine, 0
    rebuild = clear_derived(engine)
    record = Record(service.store)  # only now: no tick can come after it
    memories: dict[str, Memory] = {}
    last = {one.tick.feed: one.sequence for one in record.ticks}
    before = 0
    for one in record.ticks:
        skipped += redo_acts(engine, acted, after=before, before=one.sequence, rebuild=rebuild)
        memory = record.known(memories.get(one.tick.feed), one)
        memories[one.tick.feed] = _redo(service, record, memory, one, rules(service), last[one.tick.feed], rebuild)
        before = one.sequence
        if progress is not None:
            progress(1)
    skipped += redo_acts(engine, acted, after=before, before=record.last + 1, rebuild=rebuild)
    if skipped:
        log.warning("acts on cases that are not made again stay without effect", acts=skipped)
    rebuilds.end(engine, rebuild)
    return digest(engine)


class Record:
    """What the store keeps of each tick, by its place in the order of all feeds' ticks."""

    def __init__(self, store: SqlStore) -> None:
        engine = self.engine = store.engine
        every = history.ticks(engine)
        # heartbeats derive nothing, and a year of them has more ticks than all that has
        self.ticks = tuple(one for one in every if one.tick.feed != HEARTBEAT)
        self.last = every[-1].sequence if every else 0  # acts may have come after it
        self.advances, self.contracts, self.heard = (
            history.advances(engine), history.contracts(engine), history.heard(engine),
        )  # fmt: skip
        self.stated = history.registries(engine)
        self.superseded: dict[int, dict[Cell, Sum]] = {}
        for vintage in history.vintages(engine):
            self.superseded.setdefault(vintage.until, {})[vintage.cell] = vintage.held

    def known(self, memory: Memory | None, one: Ticked) -> Memory:
        """Give what the tick's worker knew of its feed when it had taken its batch in."""
        version = self.stated.get(one.sequence, one.tick.registry)
        memory = memory or nothing_known(one.tick.feed)
        if memory.registry_version != version:
            memory.registry = registry(*history.registry(self.engine, version))
            memory.registry_version = version
        memory.accepted = history.acceptances(self.engine, one.sequence)
        memory.contract = self.contracts.get(one.sequence, memory.contract)
        memory.heard |= self.heard.get(one.sequence, frozenset())
        return memory

    def taken_in(self, memory: Memory, one: Ticked, then: SqlStore) -> Changes:
        """Give what the tick had changed before it settled anything."""
        changes = Changes()
        covered = dict(memory.coverage)
        for word in self.advances.get(one.sequence, ()):
            covered.update(coverage.advance(covered, word))
        memory.coverage = covered
        changes.superseded = self.superseded.get(one.sequence, {})
        held = then.sums(changes.superseded)
        changes.sums = {cell: held.get(cell, NOTHING) for cell in changes.superseded}
        if one.tick.settles:
            memory.live |= {source for source, _ in memory.coverage}
        return changes


def _redo(
    service: Service, record: Record, memory: Memory, one: Ticked, stated: Rules, last: int, rebuild: int
) -> Memory:
    then = SqlStore(service.store.engine, known_at=one.sequence)
    changes = record.taken_in(memory, one, then)
    listed = settle(then, memory, one.tick, changes)
    memory = remembered(memory, changes, Position(one.tick.topic, one.tick.next, one.tick.number + 1))
    changes.saved = dict(memory.saved) if one.sequence == last else {}
    with service.store.redo(one.tick, one.sequence, rebuild=rebuild) as transaction:
        transaction.write(changes)
        reviewed = review(transaction, memory, one.tick, stated, changes, listed)
        transaction.record(reviewed.cases, reviewed.notifications)
    return memory
