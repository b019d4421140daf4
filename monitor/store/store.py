"""The store behind `monitor.ports.Store`: short reads of what is committed, and one writing transaction a tick."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy import Engine, bindparam, select

from monitor.acceptance import Acceptances
from monitor.evidence import Evidence, Standing
from monitor.kept import (
    Block,
    Cell,
    Changes,
    Coverage,
    Figures,
    Interval,
    Position,
    Saved,
    Scores,
    Settlement,
    Sum,
)
from monitor.model import Feed, Observation, Organisation, Succession, Tick
from monitor.store import history, letters, registry, saved, scores, settlements, sums, tables
from monitor.store.acceptances import read_acceptances
from monitor.store.contracts import read_contracts
from monitor.store.engine import checkpoint, reading, writing
from monitor.store.evidence import EvidenceReader
from monitor.store.names import Numbers
from monitor.store.prepared import prepared
from monitor.store.rebuilds import check_whole, read_rebuild, rebuilding
from monitor.store.seals import read_forgotten, read_seals
from monitor.store.standings import read_concerns_found, read_standings
from monitor.store.transaction import SqlTransaction, claim
from monitor.store.view import AheadView
from monitor.store.words import read_words

_positions, _live = tables.positions.c, tables.live_sources.c
_POSITION = select(_positions.topic_id, _positions.next, _positions.tick).where(_positions.feed == bindparam("feed"))
_LIVE = select(_live.feed, _live.source)


class SqlStore:
    """Reads in transactions of their own; `claim` writes all of a tick or nothing.

    Parameters
    ----------
    engine
        From `open_engine`, with the tables that `upgrade` makes.
    known_at
        A tick's `sequence`: figures and sums as they were known when it had ended. None: as they are known now.
    """

    def __init__(self, engine: Engine, *, known_at: int | None = None) -> None:
        self.engine = engine
        self.known_at = known_at
        self._numbers = Numbers()
        self._evidence = EvidenceReader(self._numbers)
        self._rebuild = 0

    def position(self, feed: str) -> Position | None:
        with reading(self.engine) as connection:
            row = connection.execute(_POSITION, {"feed": feed}).first()
        return None if row is None else Position(*row)

    def contracts(self) -> Mapping[str, Feed]:
        with reading(self.engine) as connection:
            return read_contracts(connection)

    def organisations(self) -> tuple[Mapping[str, Organisation], tuple[Succession, ...]]:
        with reading(self.engine) as connection:
            return registry.read_registry(connection)

    def registry(self) -> int:
        with reading(self.engine) as connection:
            return registry.read_version(connection)

    def rebuild(self) -> int:
        with reading(self.engine) as connection:
            return read_rebuild(connection)

    def acceptances(self) -> Acceptances:
        with reading(self.engine) as connection:
            return read_acceptances(connection)

    def words(self, feed: str, subjects: Collection[str]) -> Mapping[str, Observation]:
        if not subjects:
            return {}
        with reading(self.engine) as connection:
            return read_words(connection, self._numbers, feed, subjects)

    def sums(self, cells: Collection[Cell]) -> Mapping[Cell, Sum]:
        if not cells:
            return {}
        with reading(self.engine) as connection:
            return sums.read_sums(connection, self._numbers, cells, known_at=self.known_at)

    def figures(
        self, indicator: str, source: str, calendar: str, first: int, last: int, of: Collection[str] | None = None
    ) -> Figures:
        with reading(self.engine) as connection:
            return sums.read_figures(
                connection, self._numbers, (indicator, source), calendar, first, last, of=of, known_at=self.known_at
            )

    def heard(self, feed: str) -> frozenset[tuple[str, str]]:
        with reading(self.engine) as connection:
            return sums.read_heard(connection, feed)

    def newest(self, feed: str) -> date | None:
        """Give the start of the last period that holds anything of a feed; None: none does."""
        with reading(self.engine) as connection:
            return sums.read_newest(connection, feed)

    def coverage(self, feed: str) -> Coverage:
        with reading(self.engine) as connection:
            return registry.read_coverage(connection, feed)

    def seals(self, feed: str) -> Mapping[tuple[str, str], Interval]:
        with reading(self.engine) as connection:
            return read_seals(connection, feed)

    def forgotten(self, feed: str, subjects: Collection[str]) -> frozenset[str]:
        with reading(self.engine) as connection:
            return read_forgotten(connection, self._numbers, feed, subjects)

    def evidence(self) -> Mapping[str, tuple[Evidence, ...]]:
        """Give the evidence of the last settled period of every series, by organisation."""
        with reading(self.engine) as connection:
            return self._evidence.read(connection, read_contracts(connection), None)

    def threshold(self) -> float | None:
        """Give the national threshold that the last tick worked with; None: there has been no tick."""
        table = tables.ticks
        with reading(self.engine) as connection:
            return connection.scalar(select(table.c.threshold).order_by(table.c.sequence.desc()).limit(1))

    def standings(self, since: date) -> Sequence[Standing]:
        with reading(self.engine) as connection:
            return read_standings(connection, since)

    def evidence_on(self, day: date) -> Mapping[str, tuple[Evidence, ...]]:
        with reading(self.engine) as connection:
            return self._evidence.on(connection, read_contracts(connection), day)

    def concerns_found(self, since: date) -> Mapping[str, Sequence[tuple[date, date]]]:
        with reading(self.engine) as connection:
            return read_concerns_found(connection, since)

    def live(self, feed: str) -> frozenset[str]:
        return self.live_by_feed().get(feed, frozenset())

    def live_by_feed(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        with reading(self.engine) as connection:
            for feed, source in connection.execute(_LIVE):
                found.setdefault(feed, set()).add(source)
        return {feed: frozenset(sources) for feed, sources in found.items()}

    def put_aside(self, feed: str) -> frozenset[tuple[str, int]]:
        with reading(self.engine) as connection:
            return letters.read_put_aside(connection, feed)

    def unscored(self, feed: str) -> Mapping[Cell, Sum]:
        return history.unscored(self.engine, feed)

    def saved(self, feed: str) -> Mapping[Block, Saved]:
        with reading(self.engine) as connection:
            return saved.read_saved(connection, self._numbers, feed)

    def settlements(self, block: Block, first: int, last: int, model: str) -> Sequence[Settlement]:
        with reading(self.engine) as connection:
            return settlements.read_settlements(connection, self._numbers, block, first, last, model)

    def settled(self, feed: str) -> Mapping[Block, tuple[int, int]]:
        with reading(self.engine) as connection:
            return settlements.read_settled(connection, feed)

    def closes(self, feed: str) -> Mapping[tuple[Block, int], datetime]:
        with reading(self.engine) as connection:
            return settlements.read_closes(connection, feed)

    def scores(self, block: Block, first: int, last: int) -> Sequence[Scores]:
        with reading(self.engine) as connection:
            return scores.read_scores(connection, self._numbers, block, first, last)

    @contextmanager
    def ahead(self, tick: Tick, changes: Changes) -> Iterator[AheadView]:
        with self._remembering(), reading(self.engine) as connection:
            check_whole(connection)
            self._follow(tick.rebuild)
            yield AheadView(connection, self._numbers, self._evidence, tick, changes)

    @contextmanager
    def claim(self, tick: Tick, changes: Changes | None = None) -> Iterator[SqlTransaction]:
        ready = None if changes is None else prepared(self._numbers, tick.feed, changes)
        with self._remembering(), writing(self.engine) as connection:
            sequence = claim(connection, tick)
            self._follow(tick.rebuild)
            yield SqlTransaction(connection, self._numbers, self._evidence, tick, sequence=sequence, ready=ready)

    @contextmanager
    def redo(self, tick: Tick, sequence: int, *, rebuild: int | None = None) -> Iterator[SqlTransaction]:
        """Begin a replay of a tick that has been: what it derives is written again, its position is not taken.

        `rebuild`: number of the replay, from `clear_derived`; `Outage` where another has begun since.
        """
        with self._remembering(), rebuilding(self.engine, rebuild) as connection:
            yield SqlTransaction(connection, self._numbers, self._evidence, tick, sequence=sequence, replays=True)

    def tidy(self) -> None:
        checkpoint(self.engine)

    def _follow(self, rebuild: int) -> None:
        """Forget the evidence from before a replay, which wrote it anew in the same places."""
        if rebuild != self._rebuild:
            self._evidence.forget()
            self._rebuild = rebuild

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        """Forget numbers and evidence where the transaction that made them is rolled back."""
        try:
            yield
        except BaseException:
            self._numbers.forget()
            self._evidence.forget()
            raise
