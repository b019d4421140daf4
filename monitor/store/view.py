"""What a review sees of the store: inside a tick's transaction, or ahead of it, as if its changes were written.

The write lock is held for writing only (design.md §6): a review works on what lies ahead, and counts where the
transaction then finds that no other tick and no act came between.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from monitor.casefile import Act, Case, Pack
from monitor.evidence import Evidence
from monitor.kept import Block, Cell, Changes, Scores, Sum
from monitor.model import Feed, Organisation, Tick
from monitor.store import acts, cases, outbox, scores, settlements, sums, tables
from monitor.store.contracts import read_contracts
from monitor.store.evidence import EvidenceReader, evidence_of, only
from monitor.store.names import Numbers

_ACTS_SO_FAR = select(func.max(tables.acts.c.id))
_THRESHOLD = select(tables.ticks.c.threshold).where(tables.ticks.c.sequence == bindparam("sequence"))
_LAST_TICK = select(func.max(tables.ticks.c.sequence))


class SqlView:
    """Reads through one connection, whose transaction somebody else begins and ends.

    Parameters
    ----------
    sequence
        The place of the tick that is reviewed in the order of all feeds' ticks.
    """

    def __init__(
        self, connection: Connection, numbers: Numbers, evidence: EvidenceReader, *, sequence: int
    ) -> None:  # fmt: skip
        self._connection, self._numbers, self._evidence = connection, numbers, evidence
        self.sequence = sequence

    @property
    def acts_so_far(self) -> int:
        return self._connection.scalar(_ACTS_SO_FAR) or 0

    def contracts(self) -> Mapping[str, Feed]:
        return read_contracts(self._connection, through=self.sequence)

    def evidence(self, organisations: Collection[str] | None) -> Mapping[str, tuple[Evidence, ...]]:
        return self._evidence.read(self._connection, self.contracts(), organisations)

    def judged(self, organisation: Organisation, sequence: int) -> tuple[Sequence[Evidence], float]:
        found, contracts = list[Evidence](), self.contracts()
        for feed, block, number in settlements.read_settled_by(self._connection, organisation.peer_group, sequence):
            for row in self.scores(block, number, number) if feed in contracts else ():
                at = [at for at, code in enumerate(row.organisations) if code == organisation.code]
                found += evidence_of(only(row, at), contracts[feed]).values()
        return found, self._connection.execute(_THRESHOLD, {"sequence": sequence}).scalar_one()

    def scores(
        self, block: Block, first: int, last: int, only: Collection[str] | None = None
    ) -> Sequence[Scores]:  # fmt: skip
        return scores.read_scores(self._connection, self._numbers, block, first, last, only)

    def first_known(self, cell: Cell) -> Sum | None:
        return sums.read_first(self._connection, self._numbers, cell, through=self.sequence)

    def refolds(self, organisations: Collection[str]) -> Mapping[str, tuple[tuple[int, datetime], ...]]:
        found = scores.read_refolds(self._connection, organisations)
        return {code: tuple(by_block.values()) for code, by_block in found.items()}

    def open_cases(self) -> Sequence[Case]:
        return cases.read_open(self._connection)

    def opened_since(self, instant: datetime) -> frozenset[str]:
        return cases.read_opened_since(self._connection, instant)

    def last_faults(self, feed: str, organisations: Collection[str]) -> Sequence[Case]:
        return cases.read_last_faults(self._connection, feed, organisations)

    def last_shock(self) -> Case | None:
        return cases.read_last_shock(self._connection)

    def pack(self, case: str) -> Pack | None:
        return cases.read_pack(self._connection, case)

    def packs(self, organisations: Collection[str]) -> Sequence[Pack]:
        return cases.read_packs(self._connection, organisations)

    def acts(self, ids: Collection[str]) -> Mapping[str, tuple[Act, ...]]:
        return acts.read_acts(self._connection, ids, before=self.sequence)

    def last_closed(self) -> Mapping[str, datetime]:
        return cases.read_last_closed(self._connection)

    def messages_since(self, instant: datetime) -> Mapping[str, int]:
        return outbox.read_messages_since(self._connection, instant)

    def told(self, ids: Collection[str]) -> Mapping[str, frozenset[str]]:
        return outbox.read_told(self._connection, ids)


class AheadView(SqlView):
    """What is stored with a tick's changes laid over it."""

    def __init__(
        self, connection: Connection, numbers: Numbers, evidence: EvidenceReader, tick: Tick, changes: Changes
    ) -> None:  # fmt: skip
        last = connection.scalar(_LAST_TICK) or 0
        super().__init__(connection, numbers, evidence, sequence=last + 1)
        self._tick, self._changes = tick, changes
        new = changes.contract
        self._contracts = {**super().contracts(), **({new.key: new} if new else {})}  # nobody changes them in here

    def contracts(self) -> Mapping[str, Feed]:
        return self._contracts

    def evidence(self, organisations: Collection[str] | None) -> Mapping[str, tuple[Evidence, ...]]:
        feed, scored = self._tick.feed, self._changes.scores
        return self._evidence.read(self._connection, self.contracts(), organisations, feed=feed, scored=scored)

    def scores(
        self, block: Block, first: int, last: int, only: Collection[str] | None = None
    ) -> Sequence[Scores]:  # fmt: skip
        by_number = {each.number: each for each in super().scores(block, first, last, only)}
        new = {each.number: each for each in self._changes.scores if each.block == block}
        by_number |= {number: scores for number, scores in new.items() if first <= number <= last}
        return [by_number[number] for number in sorted(by_number)]

    def first_known(self, cell: Cell) -> Sum | None:
        return super().first_known(cell) or self._changes.superseded.get(cell)

    def refolds(self, organisations: Collection[str]) -> Mapping[str, tuple[tuple[int, datetime], ...]]:
        again = [(block, code) for block, code in self._changes.refolded if code in organisations]
        ids = self._numbers.blocks.find(self._connection, {block for block, _ in again})
        found = scores.read_refolds(self._connection, organisations)
        for block, code in again:
            if block in ids:  # a block that nothing was kept of has no past to score again
                found.setdefault(code, {})[ids[block]] = self.sequence, self._tick.now
        return {code: tuple(by_block.values()) for code, by_block in found.items()}
