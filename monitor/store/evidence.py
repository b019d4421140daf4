"""The evidence of the last settled period of every series, over all feeds: what assessments are made of.

What a block's last row says is remembered until the row changes: an assessment asks for every feed's evidence, and
a tick changes one feed's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from monitor.calendars import Calendar
from monitor.calendars import calendar as calendar_named
from monitor.detectors.state import decode_state
from monitor.model import Feed, Period
from monitor.ports import Evidence
from monitor.store import tables
from monitor.store.names import Numbers, organisations_of
from monitor.store.statements import chunks

_Place = tuple[int, int, int]  # block, number of its last period, tick that wrote it


class EvidenceReader:
    """Reads last rows of blocks as evidence; remembers one answer a block."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._read: dict[int, tuple[_Place, dict[str, Evidence]]] = {}

    def forget(self) -> None:
        """Drop what was remembered, after a rollback."""
        self._read = {}

    def read(
        self, connection: Connection, contracts: Mapping[str, Feed], organisations: Collection[str] | None
    ) -> dict[str, tuple[Evidence, ...]]:
        """Give the evidence by organisation; `organisations` None: of all."""
        by_organisation: dict[str, list[Evidence]] = {}
        wanted = None if organisations is None else sorted(set(organisations))
        for block in self._blocks(connection, contracts):
            for code in block if wanted is None else wanted:
                if code in block:
                    by_organisation.setdefault(code, []).append(block[code])
        return {code: tuple(some) for code, some in sorted(by_organisation.items())}

    def _blocks(self, connection: Connection, contracts: Mapping[str, Feed]) -> list[dict[str, Evidence]]:
        blocks, scores = tables.blocks, tables.scores
        last = (scores.c.block == blocks.c.id) & (scores.c.number == blocks.c.last_scored)
        query = select(blocks.c.id, scores.c.number, scores.c.tick, blocks.c.feed).join(scores, last)
        rows = connection.execute(query.order_by(blocks.c.indicator, blocks.c.source, blocks.c.peer_group)).all()
        places: list[_Place] = [(row[0], row[1], row[2]) for row in rows if row[3] in contracts]
        stale = [place for place in places if place[0] not in self._read or self._read[place[0]][0] != place]
        for place, evidence in self._read_anew(connection, contracts, stale):
            self._read[place[0]] = place, evidence
        return [self._read[place[0]][1] for place in places]

    def _read_anew(
        self, connection: Connection, contracts: Mapping[str, Feed], stale: list[_Place]
    ) -> Iterator[tuple[_Place, dict[str, Evidence]]]:
        blocks, scores = tables.blocks, tables.scores
        last = (scores.c.block == blocks.c.id) & (scores.c.number == blocks.c.last_scored)
        query = select(scores, blocks.c.feed, blocks.c.indicator, blocks.c.source).join(blocks, last)
        for some in chunks([place[0] for place in stale]):
            rows = connection.execute(query.where(blocks.c.id.in_(some))).all()
            texts = self._numbers.names.texts(connection, {row.organisations for row in rows})
            for row in rows:
                codes = organisations_of(texts[row.organisations])
                yield (row.block, row.number, row.tick), _evidence(row, contracts[row.feed], codes)


def _evidence(row: Any, feed: Feed, codes: tuple[str, ...]) -> dict[str, Evidence]:
    arrays = decode_state(row.arrays)
    calendar = calendar_named(feed.sources[row.source].calendars[row.indicator])
    period: Period = (date.fromordinal(row.start), date.fromordinal(row.end))
    since = [_days(calendar, arrays[name], period) for name in ("worse_since", "better_since")]
    known = [date.fromordinal(day) if day > 0 else period[1] for day in np.nan_to_num(arrays["known"]).astype(int)]
    rows = zip(codes, arrays["worse"].tolist(), arrays["better"].tolist(), *since, known, strict=True)
    return {
        code: Evidence(
            code,
            row.indicator,
            row.source,
            feed.family,
            worse,
            better,
            worse_since,
            better_since,
            period,
            day,
            calendar.per_year,
        )
        for code, worse, better, worse_since, better_since, day in rows
        if worse == worse and better == better  # NaN: never scored, so there is no evidence either way
    }


def _days(calendar: Calendar, numbers: np.ndarray, period: Period) -> list[date]:
    """Give the start of each numbered period; where no run has begun, that of the present one."""
    present = calendar.number(period[0])
    listed = np.nan_to_num(numbers, nan=present).astype(int).tolist()
    starts = {number: calendar.start(number) for number in set(listed)}
    return [starts[number] for number in listed]
