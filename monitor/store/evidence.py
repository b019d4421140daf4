"""The evidence of the last settled period of every series, over all feeds: what assessments are made of.

What a block's last row says is remembered until the row changes, or the family of its feed: an assessment asks for
every feed's evidence, and a tick changes one feed's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, select

from monitor.calendars import Calendar
from monitor.calendars import calendar as calendar_named
from monitor.detectors.state import decode_state
from monitor.evidence import Evidence
from monitor.kept import Arrays, Block, Scores
from monitor.model import Family, Feed, PeerGroup, Period
from monitor.patching import DOUBTED
from monitor.store import tables
from monitor.store.lists import among
from monitor.store.names import Numbers, organisations_of

NEVER = 2**31 - 1
"""No period has so high a number."""
_Place = tuple[int, int, int, Family]  # block, number of its last period, tick that wrote it, family by the contract
_ByCode = dict[str, Evidence]

_block, _scored = tables.blocks.c, tables.scores.c
_LAST = (_scored.block == _block.id) & (_scored.number == _block.last_scored)
_PLACES = select(
    _block.id, _block.feed, _block.indicator, _block.source, _block.peer_group, _scored.number, _scored.tick
).join(tables.scores, _LAST)
_ROWS = (
    select(tables.scores, _block.feed, _block.indicator, _block.source, _block.peer_group)
    .join(tables.blocks, _LAST)
    .where(among(_block.id, "blocks"))
)
_ENDED = (
    select(_scored.number, _scored.start, _scored.end, _scored.organisations, _scored.arrays)
    .where(_scored.block == bindparam("block"), _scored.end <= bindparam("day"), _scored.number < bindparam("before"))
    .order_by(_scored.number.desc())
    .limit(2)  # as many as most blocks need
)
_SAYS = frozenset(
    ["worse", "better", "worse_since", "better_since", "known", "latched", "latched_since", "long_low", DOUBTED]
)
"""What evidence is made of: half of the arrays of a row."""


class EvidenceReader:
    """Reads last rows of blocks as evidence; remembers one answer a block."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._read: dict[int, tuple[_Place, _ByCode]] = {}

    def forget(self) -> None:
        """Drop what was remembered, after a rollback."""
        self._read = {}

    def read(
        self,
        connection: Connection,
        contracts: Mapping[str, Feed],
        organisations: Collection[str] | None,
        *,
        feed: str = "",
        scored: Sequence[Scores] = (),
    ) -> dict[str, tuple[Evidence, ...]]:
        """Give the evidence by organisation; `organisations` None: of all.

        `scored`: what this feed's tick has scored and not yet written; it counts as if it were.
        """
        by_organisation: dict[str, list[Evidence]] = {}
        wanted = None if organisations is None else set(organisations)
        last = {each.block: each for each in sorted(scored, key=lambda each: each.number)}
        fresh = {block: (each.number, evidence_of(each, contracts[feed])) for block, each in last.items()}
        for block in self._blocks(connection, contracts, fresh):
            for code in block if wanted is None else wanted & block.keys():
                by_organisation.setdefault(code, []).append(block[code])
        return {code: tuple(some) for code, some in sorted(by_organisation.items())}

    def on(
        self, connection: Connection, contracts: Mapping[str, Feed], day: date
    ) -> dict[str, tuple[Evidence, ...]]:  # fmt: skip
        """Give what was known on a day, by organisation, from scores as they are now."""
        by_organisation: dict[str, list[Evidence]] = {}
        for row in connection.execute(select(tables.blocks).order_by(tables.blocks.c.id)).all():
            if row.feed in contracts:
                for code, found in self._known_on(connection, row, contracts[row.feed], day).items():
                    by_organisation.setdefault(code, []).append(found)
        return {code: tuple(some) for code, some in sorted(by_organisation.items())}

    def _known_on(self, connection: Connection, block: Any, feed: Feed, day: date) -> _ByCode:
        """Give each series' newest evidence whose figure was known on a day, looking back period by period."""
        found: dict[str, Evidence] = {}
        for row in _ended(connection, block.id, day):
            texts = self._numbers.names.texts(connection, {row.organisations})
            place = Block(block.indicator, block.source, PeerGroup(block.peer_group))
            scores = _scores(place, row, organisations_of(texts[row.organisations]))
            heard, known = _heard(scores.arrays), _known(scores)
            sought = [at for at, code in enumerate(scores.organisations) if code not in found]
            found |= evidence_of(only(scores, [at for at in sought if heard[at] and known[at] <= day]), feed)
            if len(found) >= heard.sum():  # whoever has evidence has it from then on
                break
        return found

    def _blocks(
        self, connection: Connection, contracts: Mapping[str, Feed], fresh: Mapping[Block, tuple[int, _ByCode]]
    ) -> list[_ByCode]:
        """Give each block's evidence, in the order of the blocks."""
        found = dict(fresh)
        stored = {}
        for row in connection.execute(_PLACES).all():
            block = Block(row.indicator, row.source, PeerGroup(row.peer_group))
            if row.feed in contracts and (block not in fresh or fresh[block][0] < row.number):
                stored[block] = row.id, row.number, row.tick, contracts[row.feed].family
        self._remember(connection, contracts, list(stored.values()))
        found |= {block: (place[1], self._read[place[0]][1]) for block, place in stored.items()}
        return [found[block][1] for block in sorted(found)]

    def _remember(self, connection: Connection, contracts: Mapping[str, Feed], places: Sequence[_Place]) -> None:
        stale = [place for place in places if place[0] not in self._read or self._read[place[0]][0] != place]
        if not stale:
            return
        rows = connection.execute(_ROWS, {"blocks": [place[0] for place in stale]}).all()
        texts = self._numbers.names.texts(connection, {row.organisations for row in rows})
        for row in rows:
            block = Block(row.indicator, row.source, PeerGroup(row.peer_group))
            feed = contracts[row.feed]
            said = evidence_of(_scores(block, row, organisations_of(texts[row.organisations])), feed)
            self._read[row.block] = (row.block, row.number, row.tick, feed.family), said


def _ended(connection: Connection, block: int, day: date) -> Iterator[Any]:
    """Give the rows of a block's periods that had ended on a day, the newest first, as long as they are asked for."""
    before = NEVER
    while rows := connection.execute(_ENDED, {"block": block, "day": day.toordinal(), "before": before}).all():
        yield from rows
        before = rows[-1].number


def _scores(block: Block, row: Any, codes: tuple[str, ...]) -> Scores:
    period: Period = (date.fromordinal(row.start), date.fromordinal(row.end))
    return Scores(block, row.number, period, codes, decode_state(row.arrays, _SAYS))


def evidence_of(scores: Scores, feed: Feed) -> _ByCode:
    """Give what one scored period of a block says, by organisation."""
    indicator, source, _ = scores.block
    calendar, arrays, period = calendar_named(feed.sources[source].calendars[indicator]), scores.arrays, scores.period
    since = [_days(calendar, arrays[name], period) for name in ("worse_since", "better_since")]
    known, per_year, family = _known(scores), calendar.per_year, feed.family
    tails = arrays["worse"].tolist(), arrays["better"].tolist()
    beside = _latches(calendar, scores), _lows(scores), _doubts(scores)
    rows = zip(scores.organisations, *tails, *since, known, *beside, strict=True)
    return {
        code: Evidence(
            code, indicator, source, family, worse, better, worse_since, better_since, period, day,
            per_year, latch is not None, latch, low, doubt,
        )
        for code, worse, better, worse_since, better_since, day, latch, low, doubt in rows
        if worse == worse and better == better  # as `_heard`
    }  # fmt: skip


def only(scores: Scores, rows: Sequence[int]) -> Scores:
    """Give what a scored period says of the organisations in these rows."""
    codes = tuple(scores.organisations[at] for at in rows)
    arrays = {name: array[list(rows)] for name, array in scores.arrays.items()}
    return Scores(scores.block, scores.number, scores.period, codes, arrays)


def _heard(arrays: Arrays) -> np.ndarray:
    """Mark who has evidence; NaN: never scored, so there is none either way."""
    heard: np.ndarray = ~(np.isnan(arrays["worse"]) | np.isnan(arrays["better"]))
    return heard


def _known(scores: Scores) -> list[date]:
    """Give the day on which each figure was known."""
    known = scores.arrays["known"]
    days = np.where(np.isnan(known), 0.0, known).astype(int).tolist()
    named = {day: date.fromordinal(day) if day > 0 else scores.period[1] for day in set(days)}
    return [named[day] for day in days]


def _latches(calendar: Calendar, scores: Scores) -> list[date | None]:
    """Give since when each is latched; None: it is not."""
    none = np.zeros(len(scores.organisations))
    latched = scores.arrays.get("latched", none) > 0
    if not latched.any():
        return [None] * len(none)
    since = _days(calendar, scores.arrays["latched_since"], scores.period)
    return [day if is_latched else None for day, is_latched in zip(since, latched.tolist(), strict=True)]


def _lows(scores: Scores) -> list[int | None]:
    """Give how many surveys in a row each was among the worst tenth; None: no survey."""
    if "long_low" not in scores.arrays:
        return [None] * len(scores.organisations)
    return [None if run != run else int(run) for run in scores.arrays["long_low"].tolist()]


def _doubts(scores: Scores) -> list[int]:
    """Give what of each figure is not believed."""
    if DOUBTED not in scores.arrays:
        return [0] * len(scores.organisations)
    doubted: list[int] = scores.arrays[DOUBTED].astype(int).tolist()
    return doubted


def _days(calendar: Calendar, numbers: np.ndarray, period: Period) -> list[date]:
    """Give the start of each numbered period; where no run has begun, that of the present one."""
    present = calendar.number(period[0])
    listed = np.where(np.isnan(numbers), present, numbers).astype(int).tolist()
    starts = {number: calendar.start(number) for number in set(listed)}
    return [starts[number] for number in listed]
