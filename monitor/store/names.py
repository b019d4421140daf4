"""Numbers for what many rows repeat: texts, series and blocks.

The numbers are remembered in memory; `forget` after a rollback, which may have taken some back.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from monitor.kept import Block
from monitor.model import PeerGroup
from monitor.store import tables
from monitor.store.lists import among
from monitor.store.statements import add


class Names:
    """Texts that many rows repeat: feeds, sources, origins, lists of organisations."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._texts: dict[int, str] = {}

    def forget(self) -> None:
        """Drop what was remembered."""
        self._numbers, self._texts = {}, {}

    @property
    def known(self) -> Mapping[str, int]:
        """Give the numbers that are remembered."""
        return self._numbers

    def find(self, connection: Connection, texts: Collection[str]) -> Mapping[str, int]:
        """Give the numbers of those of these texts that have one."""
        table = tables.names
        new = {text for text in texts if text not in self._numbers}
        if new:
            self._remember(connection.execute(select(table.c.id, table.c.text).where(among(table.c.text, new))))
        return self._numbers

    def make(self, connection: Connection, texts: Collection[str]) -> Mapping[str, int]:
        """Give the numbers of all these texts, new ones where there were none."""
        held = self.find(connection, texts)
        new = sorted({text for text in texts if text not in held})
        add(connection, tables.names, [{"text": text} for text in new])
        return self.find(connection, new)

    def texts(self, connection: Connection, numbers: Collection[int]) -> Mapping[int, str]:
        """Give the texts of these numbers."""
        table = tables.names
        new = {number for number in numbers if number not in self._texts}
        if new:
            self._remember(connection.execute(select(table.c.id, table.c.text).where(among(table.c.id, new))))
        return self._texts

    def _remember(self, rows: Iterable[Any]) -> None:
        for number, text in rows:
            self._numbers[text], self._texts[number] = number, text


class SeriesKey(NamedTuple):
    """What makes a series: one indicator of one organisation from one source."""

    indicator: str
    source: str
    organisation: str


Series = tuple[str, str, str]
"""A `SeriesKey` without its names, as which it is found: it is made by the million."""


class SeriesNumbers:
    """The numbers of all series."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Drop what was remembered."""
        self._numbers: dict[Series, int] = {}
        self._keys: dict[int, SeriesKey] = {}

    @property
    def known(self) -> Mapping[Series, int]:
        """Give the numbers that are remembered."""
        return self._numbers

    def find(self, connection: Connection, keys: Collection[Series]) -> Mapping[Series, int]:
        """Give the numbers of those of these series that have one."""
        if not self._numbers.keys() >= set(keys):
            self._load(connection)
        return self._numbers

    def make(self, connection: Connection, feed: str, keys: Collection[Series]) -> Mapping[Series, int]:
        """Give the numbers of all these series; new ones belong to this feed."""
        held = self.find(connection, keys)
        new = sorted({key for key in keys if key not in held})
        if new:
            add(connection, tables.series, [{"feed": feed, **SeriesKey(*key)._asdict()} for key in new])
            self._load(connection)
        return self._numbers

    def keys(self, connection: Connection, numbers: Collection[int]) -> Mapping[int, SeriesKey]:
        """Give what the series of these numbers are."""
        if not self._keys.keys() >= set(numbers):
            self._load(connection)
        return self._keys

    def _load(self, connection: Connection) -> None:
        table = tables.series
        for number, *key in connection.execute(
            select(table.c.id, table.c.indicator, table.c.source, table.c.organisation)
        ):
            self._numbers[SeriesKey(*key)] = number
            self._keys[number] = SeriesKey(*key)


class BlockNumbers:
    """The numbers of all blocks."""

    def __init__(self) -> None:
        self._numbers: dict[Block, int] = {}

    def forget(self) -> None:
        """Drop what was remembered."""
        self._numbers = {}

    def find(self, connection: Connection, blocks: Collection[Block]) -> Mapping[Block, int]:
        """Give the numbers of those of these blocks that have one."""
        if not self._numbers.keys() >= set(blocks):
            table = tables.blocks
            query = select(table.c.id, table.c.indicator, table.c.source, table.c.peer_group)
            for number, indicator, source, group in connection.execute(query):
                self._numbers[Block(indicator, source, PeerGroup(group))] = number
        return self._numbers

    def make(self, connection: Connection, feed: str, blocks: Collection[Block]) -> Mapping[Block, int]:
        """Give the numbers of all these blocks; new ones belong to this feed."""
        held = self.find(connection, blocks)
        new = sorted({block for block in blocks if block not in held})
        add(connection, tables.blocks, [{"feed": feed, **block._asdict()} for block in new])
        return self.find(connection, new)


class Numbers:
    """All of them, as a store and its transactions share them."""

    def __init__(self) -> None:
        self.names, self.series, self.blocks = Names(), SeriesNumbers(), BlockNumbers()

    def forget(self) -> None:
        """Drop what was remembered, after a rollback."""
        self.names.forget()
        self.series.forget()
        self.blocks.forget()


@lru_cache(maxsize=1_000)
def roster(organisations: tuple[str, ...]) -> str:
    """Write a list of organisations as the text that is numbered."""
    return json.dumps(organisations, separators=(",", ":"))


@lru_cache(maxsize=1_000)
def organisations_of(text: str) -> tuple[str, ...]:
    """Read what `roster` wrote."""
    return tuple(json.loads(text))
