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
from monitor.store.statements import fill

Part = tuple[int, int, int, float, float | None]
"""What a word contributes, as it is kept: series, first day and end as ordinals, numerator, denominator."""
Parts = tuple[Part, ...]
WordRows = list[tuple[Any, ...]]
ORIGIN = tables.words.c.keys().index("origin")


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


def write_words(connection: Connection, numbers: Numbers, rows: WordRows) -> None:
    """Put the words of these rows in place of what their subjects said before."""
    origins = numbers.names.make(connection, {row[ORIGIN] for row in rows})  # each file has a new one
    fill(connection, tables.words, [(*row[:ORIGIN], origins[row[ORIGIN]], *row[ORIGIN + 1 :]) for row in rows])


def new_word_rows(connection: Connection, numbers: Numbers, feed: str, words: Sequence[Observation]) -> WordRows:
    """Do as `word_rows`, with new numbers for what has none."""
    numbers.names.make(connection, {feed, *(word.source for word in words)})
    told = {(part.indicator, word.source, part.organisation) for word in words for part in word.contributions}
    numbers.series.make(connection, feed, told)
    return word_rows(numbers, feed, words)


def word_rows(numbers: Numbers, feed: str, words: Sequence[Observation]) -> WordRows:
    """Write words as rows of their table, but for the number of their origin, whose text stands in its place.

    `KeyError`: the number of a source or of a series is not remembered.
    """
    names, series, rows = numbers.names.known, numbers.series.known, WordRows()
    for word in words:
        (revision, published), (place, row) = word.rank, _split(word.origin)
        rows.append(
            (
                names[feed],
                word.subject,
                names[word.source],
                revision,
                micros(published),
                None if word.known is None else word.known.toordinal(),
                place,
                row,
                wire.dump([_part(series, word.source, part) for part in word.contributions]),
                _until(word) if word.is_event else None,
            )
        )
    rows.sort(key=itemgetter(1))  # as the index lies: its pages are sought in an eighth less of the time
    return rows


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
