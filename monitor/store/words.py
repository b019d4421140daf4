"""The words as they are held: one row a subject, contributions as `[series, start, end, numerator, denominator]`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select

from monitor import wire
from monitor.model import Contribution, Observation
from monitor.store import tables
from monitor.store.columns import instant, micros
from monitor.store.lists import among
from monitor.store.names import Numbers, Series, SeriesKey
from monitor.store.statements import put

Part = tuple[int, int, int, float, float | None]
"""What a word contributes, as it is kept: series, first day and end as ordinals, numerator, denominator."""
Parts = tuple[Part, ...]


def read_words(
    connection: Connection, numbers: Numbers, feed: str, subjects: Collection[str]
) -> dict[str, Observation]:
    """Give the held words of these subjects; a subject without one is absent."""
    table, number = tables.words, numbers.names.find(connection, [feed]).get(feed)
    query = select(table).where(table.c.feed == number, among(table.c.subject, subjects))
    rows = connection.execute(query).all()
    parts: list[Parts] = [wire.load(Parts, row.contributions) for row in rows]
    texts = numbers.names.texts(connection, {row.origin for row in rows} | {row.source for row in rows})
    keys = numbers.series.keys(connection, {part[0] for some in parts for part in some})
    return {row.subject: _word(feed, row, some, texts, keys) for row, some in zip(rows, parts, strict=True)}


def _word(feed: str, row: Any, parts: Parts, texts: Mapping[int, str], keys: Mapping[int, SeriesKey]) -> Observation:
    return Observation(
        feed,
        texts[row.source],
        row.subject,
        (row.revision, instant(row.published)),
        None if row.known is None else date.fromordinal(row.known),
        tuple(
            Contribution(
                keys[series].organisation,
                keys[series].indicator,
                (date.fromordinal(start), date.fromordinal(end)),
                numerator,
                denominator,
            )
            for series, start, end, numerator, denominator in parts
        ),
        texts[row.origin] + row.row,
        row.until is not None,
    )


def write_words(connection: Connection, numbers: Numbers, feed: str, words: Sequence[Observation]) -> None:
    """Put these words in place of what their subjects said before."""
    origins = [_split(word.origin) for word in words]
    texts = {feed, *(word.source for word in words), *(place for place, _ in origins)}
    names = numbers.names.make(connection, texts)
    told = {(part.indicator, word.source, part.organisation) for word in words for part in word.contributions}
    series = numbers.series.make(connection, feed, told)
    rows = [
        {
            "feed": names[feed],
            "subject": word.subject,
            "source": names[word.source],
            "revision": word.rank[0],
            "published": micros(word.rank[1]),
            "known": None if word.known is None else word.known.toordinal(),
            "origin": names[place],
            "row": row,
            "contributions": wire.dump([_part(series, word.source, part) for part in word.contributions]),
            "until": _until(word) if word.is_event else None,
        }
        for word, (place, row) in zip(words, origins, strict=True)
    ]
    rows.sort(key=itemgetter("subject"))  # as the index lies: its pages are sought in an eighth less of the time
    put(connection, tables.words, rows)


def _split(origin: str) -> tuple[str, str]:
    """Cut an origin after run and file, which all rows of a file share."""
    place, stroke, row = origin.rpartition("/")
    return place + stroke, row


def _until(event: Observation) -> int:
    return max((part.period[1].toordinal() for part in event.contributions), default=0)


def _part(series: Mapping[Series, int], source: str, part: Contribution) -> Part:
    start, end = part.period
    number = series[part.indicator, source, part.organisation]
    return (number, start.toordinal(), end.toordinal(), part.numerator, part.denominator)
