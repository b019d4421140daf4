"""Hints for operators, worked out from stored scores when asked for: unusual mixtures, and models that no longer fit.

None of it is a signal: it opens no case, stands in no message, and nothing of it is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from monitor.calendars import calendar
from monitor.detectors.mixtures import mixtures, rank
from monitor.health import Misfit, misfit
from monitor.kept import Block, Scores
from monitor.known import Known
from monitor.model import Organisation, PeerGroup
from monitor.wiring import Service

SEEN_MONTHS = 60
"""So far back it is looked: five years of scores."""
UNUSUAL = 0.995
"""Share of the group's scores of the year before that a mixture exceeds: about one a month in 220 organisations."""
STAND_OUT = 1.0
"""Deviates from which an indicator is named as part of a mixture."""
NAMED = 4
"""Indicators that a hint names: what a line of a terminal holds."""
STALE = timedelta(days=396)
"""A score counts until the next one is there, and no longer than a yearly survey is apart."""


@dataclass(frozen=True, slots=True)
class Hint:
    """An organisation whose scores together are unlike what its peer group has shown, and what stands out in it."""

    organisation: Organisation
    peer_group: PeerGroup
    month: date
    higher: tuple[str, ...]  # names of indicators above what was expected
    lower: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """One indicator from one source in all peer groups; `misfit` None: its model fits, or too little is known."""

    indicator: str
    source: str
    misfit: Misfit | None


def stored(service: Service, one: Known) -> dict[Block, Sequence[Scores]]:
    """Read the scores of the last years, by block, oldest first."""
    oldest = calendar("monthly").number(one.today) - SEEN_MONTHS
    found = {}
    for key, feed in sorted(one.contracts.items()):
        for block, (first, last) in service.store.settled(key).items():
            named = calendar(feed.sources[block.source].calendars[block.indicator])
            since = max(first, named.first_within(calendar("monthly").start(oldest)))
            found[block] = service.store.scores(block, since, last)
    return found


def health(scores: Mapping[Block, Sequence[Scores]]) -> list[Health]:
    """Say of every indicator and source whether its model still fits."""
    together: dict[tuple[str, str], dict[int, list[Scores]]] = defaultdict(lambda: defaultdict(list))
    for block, rows in scores.items():
        for row in rows:
            together[block.indicator, block.source][row.number].append(row)
    return [_health(*key, [by_number[number] for number in sorted(by_number)]) for key, by_number in together.items()]


def _health(indicator: str, source: str, periods: Sequence[Sequence[Scores]]) -> Health:
    residuals = [np.concatenate([row.arrays["z"] for row in rows]) for rows in periods]
    return Health(indicator, source, misfit([rows[0].period for rows in periods], residuals))


def unusual(one: Known, scores: Mapping[Block, Sequence[Scores]]) -> list[Hint]:
    """List the organisations whose mixture of the last month is unlike what their peer group has shown."""
    groups: dict[PeerGroup, list[Block]] = defaultdict(list)
    for block, rows in scores.items():
        if rows:
            groups[block.peer_group].append(block)
    return [hint for group in sorted(groups) for hint in _unusual(one, group, groups[group], scores)]


def _unusual(
    one: Known, group: PeerGroup, blocks: Sequence[Block], scores: Mapping[Block, Sequence[Scores]]
) -> Iterator[Hint]:
    codes = sorted({code for block in blocks for row in scores[block] for code in row.organisations} & one.watched)
    months = _months(scores, blocks)
    frames = [_frame(scores, blocks, codes, month) for month in months]
    for row in np.flatnonzero(rank(mixtures(frames)) > UNUSUAL):
        signs = _signs(one, blocks, frames[-1][row])
        yield Hint(one.organisation(codes[row]), group, months[-1], *signs)


def _months(scores: Mapping[Block, Sequence[Scores]], blocks: Sequence[Block]) -> list[date]:
    """Give the first days of the months from the first score to the end of the last period that is scored."""
    months = calendar("monthly")
    first = min(months.number(scores[block][0].period[0]) for block in blocks)
    last = max(months.number(scores[block][-1].period[1]) for block in blocks)
    return [months.start(number) for number in range(first, last)]


def _frame(
    scores: Mapping[Block, Sequence[Scores]], blocks: Sequence[Block], codes: Sequence[str], month: date
) -> np.ndarray:
    """Give the newest scores of a month's end, shape (organisations, blocks); NaN: none, or too old."""
    end = calendar("monthly").holding(month)[1]
    frame = np.full((len(codes), len(blocks)), np.nan)
    for column, block in enumerate(blocks):
        row = next((row for row in reversed(scores[block]) if row.period[1] <= end), None)
        if row is not None and row.period[1] > end - STALE:
            values = dict(zip(row.organisations, row.arrays["z"], strict=True))
            frame[:, column] = [values.get(code, np.nan) for code in codes]
    return frame


def _signs(one: Known, blocks: Sequence[Block], deviates: np.ndarray) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name what stands out most, above and below; scores are positive for the worse, whichever way that is."""
    order = [place for place in np.argsort(-np.abs(deviates)) if abs(deviates[place]) >= STAND_OUT][:NAMED]
    rises = {place: deviates[place] * one.indicators[blocks[place].indicator].worse > 0 for place in order}
    names = {place: one.indicators[blocks[place].indicator].name for place in order}
    higher = tuple(dict.fromkeys(names[place] for place in order if rises[place]))
    return higher, tuple(dict.fromkeys(names[place] for place in order if not rises[place]))
