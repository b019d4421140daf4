"""What the core and the store hand each other: cells and their sums, blocks, settlements, scores, a tick's changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

import numpy as np

from monitor.evidence import Standing
from monitor.model import (
    Advance,
    DeadLetter,
    Feed,
    Observation,
    Organisation,
    PeerGroup,
    Period,
    Receipt,
)

Arrays = Mapping[str, np.ndarray]
"""Named arrays whose first axis is the organisations of a block, in code order."""


class Block(NamedTuple):
    """The series of one indicator from one source in one peer group: they settle together."""

    indicator: str
    source: str
    peer_group: PeerGroup


class Cell(NamedTuple):
    """One period of one series."""

    indicator: str
    source: str
    organisation: str
    start: date


class Sum(NamedTuple):
    """What a cell holds: the sum of what its subjects contribute, or one bare value.

    `denominator` None: a bare value, of the subject named in `bare`. `words`: how many subjects
    contribute. `stated`: the days on which these words were published, as ordinals joined by exclusive or (0 =
    none stated), so that a word leaves as it came, whatever came between.
    """

    numerator: float
    denominator: float | None
    words: int
    bare: str | None = None
    stated: int = 0

    @property
    def known(self) -> date | None:
        """Give the stated publication date of a single word; None: none, or there are several."""
        return date.fromordinal(self.stated) if self.words == 1 and self.stated else None


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums of some series over some periods, as arrays; one row per organisation, NaN = no word.

    Shapes (organisations, periods); `first` is the number of the first period in the series' calendar.
    `known` holds ordinals of dates, 0 = none stated.
    """

    organisations: tuple[str, ...]
    first: int
    numerator: np.ndarray
    denominator: np.ndarray
    known: np.ndarray


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the peers fixed for one period of a block, once per model version.

    `common` holds the peers' quantities per organisation, in code order: those that the detector names, and of a survey
    where its worst tenth began.
    """

    block: Block
    number: int
    period: Period
    organisations: tuple[str, ...]
    common: Arrays
    model: str
    at: datetime
    tick: int


@dataclass(frozen=True, slots=True)
class Scores:
    """One period of a block as scored: one array row, overwritten by a refold.

    Arrays: numerator, denominator; z (positive = worse), expected, low, high; worse, better (tail probabilities of the
    evidence), sudden, slow, worse_since, better_since (period numbers); shock (log of the factor that the peers
    shared); latched, latched_since; doubted where anybody is; known (date ordinals); of a survey long_low, of what has
    exposure exposed (period numbers).
    """

    block: Block
    number: int
    period: Period
    organisations: tuple[str, ...]
    arrays: Arrays


@dataclass(frozen=True, slots=True)
class Saved:
    """A block's cached state: only a cache, `cached = folded` is a law.

    `through`: number of the last settled period. `model`: version of the detector whose state it is, and
    of no other. `closed`: per organisation, the closed ranges of
    period numbers that the state has folded. `lineage`: per organisation, the codes summed into it.
    """

    block: Block
    first: int
    through: int
    organisations: tuple[str, ...]
    state: Arrays
    closed: Mapping[str, tuple[tuple[int, int], ...]]
    lineage: Mapping[str, tuple[str, ...]]
    model: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where a feed's worker stands: the next message to read, and how many ticks it has had."""

    topic: str
    next: int
    tick: int


Interval = tuple[date, date]


Coverage = Mapping[tuple[str, str], Mapping[str, tuple[Interval, ...]]]
"""(source, indicator) → organisation code, or "*" for all registered → disjoint intervals, oldest first."""


@dataclass(slots=True)
class Changes:
    """All that one tick writes apart from cases; filled by the pipeline, written at once."""

    contract: Feed | None = None
    organisations: list[Organisation] = field(default_factory=list)
    words: list[Observation] = field(default_factory=list)
    sums: dict[Cell, Sum] = field(default_factory=dict)  # of the cells that hold something else now
    heard: set[tuple[str, str]] = field(default_factory=set)  # (indicator, source) pairs that words came of
    superseded: dict[Cell, Sum] = field(default_factory=dict)  # what closed cells held before: vintages
    advances: list[Advance] = field(default_factory=list)
    coverage: dict[tuple[str, str], Mapping[str, tuple[Interval, ...]]] = field(default_factory=dict)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    solved: list[tuple[str, int]] = field(default_factory=list)  # file and row that were put aside, and are taken now
    reopened: list[DeadLetter] = field(default_factory=list)  # those of `dead_letters` whose row was taken before them
    receipts: list[Receipt] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)  # accepted, applied, unchanged, dead_lettered
    live: set[str] = field(default_factory=set)  # sources that `settle` makes live
    closes: dict[tuple[Block, int], datetime] = field(default_factory=dict)  # first close of a period
    settlements: list[Settlement] = field(default_factory=list)
    scores: list[Scores] = field(default_factory=list)
    saved: dict[Block, Saved] = field(default_factory=dict)
    refolded: set[tuple[Block, str]] = field(default_factory=set)  # organisations whose settled past was scored again
    standings: Sequence[Standing] = ()  # of months that nobody has looked back at yet
