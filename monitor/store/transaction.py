"""One tick's writing: the position is claimed first, and all that the tick caused goes in with it or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, update

from monitor import wire
from monitor.casefile import CaseChange, Notification
from monitor.errors import PositionMoved
from monitor.kept import Changes
from monitor.model import Tick
from monitor.store import letters, registry, saved, scores, settlements, sums, tables, words
from monitor.store.acceptances import last_accepting
from monitor.store.cases import write_changes
from monitor.store.contracts import write_contract
from monitor.store.evidence import EvidenceReader
from monitor.store.names import Numbers
from monitor.store.outbox import queue
from monitor.store.prepared import Prepared, Rows, prepared
from monitor.store.rebuilds import check_whole
from monitor.store.standings import write_standings
from monitor.store.statements import add, insert, put
from monitor.store.view import SqlView

_mine = tables.positions.c
_TAKEN = (
    update(tables.positions)
    .where(_mine.feed == bindparam("whose"), _mine.tick == bindparam("number"), _mine.topic_id == bindparam("topic"))
    .values(next=bindparam("end"), tick=_mine.tick + 1)
    .returning(_mine.tick)
)
_TICK = tables.ticks.insert().returning(tables.ticks.c.sequence)


def claim(connection: Connection, tick: Tick) -> int:
    """Take the position for this tick and give the tick's place in the order of all feeds' ticks.

    `PositionMoved`: another tick has had this number, the topic is another one, the registry has changed, a level
    was accepted, or a replay has derived everything again. `Outage`: a replay is under way, or was killed.
    """
    if tick.rebuild != check_whole(connection):
        raise PositionMoved(f"feed {tick.feed}, tick {tick.number}: all has been derived again; read again")
    if tick.registry != registry.read_version(connection):
        raise PositionMoved(f"feed {tick.feed}, tick {tick.number}: the registry has changed; read again")
    if tick.accepting != last_accepting(connection):
        raise PositionMoved(f"feed {tick.feed}, tick {tick.number}: a level has been accepted; read again")
    mine = {"whose": tick.feed, "number": tick.number, "topic": tick.topic, "end": tick.next}
    # rowcount is -1 under psycopg (SQLAlchemy 2.1): count what comes back
    if connection.execute(_TAKEN, mine).first() is None and not _is_first(connection, tick):
        raise PositionMoved(f"feed {tick.feed}, tick {tick.number}: another worker has taken it; read again")
    row = {
        "feed": tick.feed,
        "topic": tick.topic,
        "number": tick.number,
        "next": tick.next,
        "now": tick.now,
        "settles": tick.settles,
        "registry": tick.registry,
        "threshold": tick.threshold,
        "settle_after": tick.settle_after.total_seconds(),
        "behind": tick.behind,
    }
    sequence: int = connection.execute(_TICK, row).scalar_one()
    return sequence


def _is_first(connection: Connection, tick: Tick) -> bool:
    if tick.number != 0:
        return False
    table = tables.positions
    row = {"feed": tick.feed, "topic_id": tick.topic, "next": tick.next, "tick": 1}
    statement = insert(connection, table).on_conflict_do_nothing().returning(table.c.tick)
    return connection.execute(statement, row).first() is not None


class SqlTransaction(SqlView):
    """Writes for one tick, inside a transaction that somebody else began and ends.

    Parameters
    ----------
    sequence
        The tick's place in the order of all feeds' ticks.
    ready
        What has been made ready of the changes to come.
    replays
        The tick has been before: only what is derived is written again, and nothing is queued to be said.
    """

    def __init__(
        self,
        connection: Connection,
        numbers: Numbers,
        evidence: EvidenceReader,
        tick: Tick,
        *,
        sequence: int,
        ready: Prepared | None = None,
        replays: bool = False,
    ) -> None:
        super().__init__(connection, numbers, evidence, sequence=sequence)
        self._tick, self._ready, self._replays = tick, ready, replays

    def write(self, changes: Changes) -> None:
        ready = self._ready
        if ready is None or ready.changes is not changes:
            ready = prepared(self._numbers, self._tick.feed, changes)
        if not self._replays:
            self._write_facts(changes, ready.rows or self._rows(changes))
            self._write_account(changes)
        self._write_derived(changes, ready)

    def _write_facts(self, changes: Changes, rows: Rows) -> None:
        connection, numbers, feed = self._connection, self._numbers, self._tick.feed
        if changes.contract is not None:
            write_contract(connection, changes.contract, sequence=self.sequence)
        registry.write_provisional(connection, changes.organisations, sequence=self.sequence)
        words.write_words(connection, numbers, rows.words)
        sums.write_sums(connection, rows.sums, sequence=self.sequence)
        sums.write_heard(connection, feed, changes.heard, sequence=self.sequence)
        sums.write_vintages(connection, numbers, feed, changes.superseded, sequence=self.sequence)
        advances = enumerate(wire.dump(advance) for advance in changes.advances)
        add(
            connection,
            tables.advances,
            [{"tick": self.sequence, "place": place, "body": body} for place, body in advances],
        )
        registry.write_coverage(connection, feed, changes.coverage)
        add(connection, tables.live_sources, [{"feed": feed, "source": source} for source in sorted(changes.live)])

    def _rows(self, changes: Changes) -> Rows:
        connection, numbers, feed = self._connection, self._numbers, self._tick.feed
        return Rows(
            words.new_word_rows(connection, numbers, feed, changes.words),
            sums.new_sum_rows(connection, numbers, feed, changes.sums),
        )

    def _write_account(self, changes: Changes) -> None:
        connection, now = self._connection, self._tick.now
        late = set(map(id, changes.reopened))
        letters.write(connection, [letter for letter in changes.dead_letters if id(letter) not in late], now)
        letters.taken(connection, self._tick.feed, changes.solved, now)
        letters.write(connection, changes.reopened, now)
        write_standings(connection, changes.standings)
        receipts = [
            {"feed": each.feed, "file": each.file, "run": each.run, "body": wire.dump(each), "at": now}
            for each in changes.receipts
        ]
        put(connection, tables.receipts, receipts)
        self._count(changes.counts)

    def _count(self, counts: Mapping[str, int]) -> None:
        rows = [{"feed": self._tick.feed, "name": name, "n": n} for name, n in sorted(counts.items())]
        if rows:
            table = tables.counts
            statement = insert(self._connection, table)
            more = {"n": table.c.n + statement.excluded.n}
            self._connection.execute(statement.on_conflict_do_update(index_elements=["feed", "name"], set_=more), rows)

    def _write_derived(self, changes: Changes, ready: Prepared) -> None:
        connection, numbers, feed = self._connection, self._numbers, self._tick.feed
        settlements.write_closes(connection, numbers, feed, changes.closes)
        settlements.write_settlements(connection, numbers, feed, changes.settlements, ready.settlements)
        scores.write_scores(connection, numbers, feed, changes.scores, ready.scores, sequence=self.sequence)
        saved.write_saved(connection, numbers, feed, list(changes.saved.values()), ready.saved)
        scores.write_refolds(connection, numbers, feed, changes.refolded, sequence=self.sequence, at=self._tick.now)

    def record(self, changes: Sequence[CaseChange], notifications: Sequence[Notification]) -> None:
        write_changes(self._connection, changes)
        if not self._replays:
            queue(self._connection, notifications)
