"""A period is a sum of words: what the observations of a batch change (pure).

The held word of a subject is the one of highest rank; a cell holds the sum of what its subjects
contribute, or one bare value. So the order in which words arrive does not matter, save where they contradict each
other (two subjects' bare values in one cell, two files of one stated day): the first stands and the later is put aside,
with its reason. What a named person has corrected holds over the other files of its stated day in either order: it
takes the place of another's word that came first, and of one that comes after it, or comes again, a letter tells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from monitor.calendars import calendar
from monitor.errors import BadRecord, Reason
from monitor.feeds.cells import shown
from monitor.heartbeat import HEARTBEAT
from monitor.kept import Cell, Interval, Sum
from monitor.millionths import rounded
from monitor.model import Contribution, Feed, Observation, Period
from monitor.organisations import Registry
from monitor.ranks import are_level

NO_SEALS: Mapping[tuple[str, str], Interval] = MappingProxyType({})


@dataclass(slots=True)
class Taken:
    """What a batch of observations changes; `before` holds the changed cells as they were, `NOTHING` too."""

    words: dict[str, Observation] = field(default_factory=dict)
    sums: dict[Cell, Sum] = field(default_factory=dict)
    before: dict[Cell, Sum] = field(default_factory=dict)
    applied: int = 0
    unchanged: int = 0
    refused: list[tuple[Observation, BadRecord]] = field(default_factory=list)


def contribute(
    observations: Iterable[Observation],
    held: Mapping[str, Observation],
    sums: Mapping[Cell, Sum],
    seals: Mapping[tuple[str, str], Interval] = NO_SEALS,
    gone: Collection[str] = frozenset(),
) -> Taken:
    """Take in observations, given the held words of their subjects and the sums of the cells they touch.

    `seals`, `gone`: as `check_sealed` reads them.
    """
    taken = Taken()
    for observation in observations:
        word = taken.words.get(observation.subject) or held.get(observation.subject)
        try:
            if seals:
                check_sealed(observation, word, seals, gone)
            _take(taken, sums, observation, word)
        except BadRecord as bad:
            taken.refused.append((observation, bad))
    taken.before = {cell: sums.get(cell, NOTHING) for cell in taken.sums}
    return taken


def _take(taken: Taken, sums: Mapping[Cell, Sum], observation: Observation, word: Observation | None) -> None:
    if word is not None and observation.source != word.source:  # its subject names its source: no home's own message
        raise BadRecord(Reason.CONTRADICTION, "source")
    if word is not None and observation.rank <= word.rank:
        if _contradicts(observation, word):
            raise BadRecord(Reason.CONTRADICTION, "rank", f"revision {observation.rank[0]}")
        taken.unchanged += 1
        return
    changed: dict[Cell, Sum] = {}
    if word is not None:
        for contribution in word.contributions:
            cell = cell_of(observation.source, contribution)
            changed[cell] = _without(_held(cell, changed, taken.sums, sums), contribution, word)
    for contribution in observation.contributions:
        cell = cell_of(observation.source, contribution)
        changed[cell] = _with(_held(cell, changed, taken.sums, sums), contribution, observation)
    taken.sums.update(changed)
    taken.words[observation.subject] = observation
    taken.applied += 1


def _contradicts(observation: Observation, word: Observation) -> bool:
    """Say whether what does not take the held word's place says something else, though nothing makes it the older.

    A file's own word from before it was corrected is the older.
    """
    if observation.contributions == word.contributions:
        return False
    is_level = are_level(observation.rank, word.rank) and _file(observation) != _file(word)
    return is_level or observation.rank == word.rank


def _file(observation: Observation) -> str:
    return observation.origin.partition("/")[2].rpartition("/")[0]


def cell_of(source: str, contribution: Contribution) -> Cell:
    """Name the cell that a contribution goes to."""
    return Cell(contribution.indicator, source, contribution.organisation, contribution.period[0])


def cells_of(observations: Iterable[Observation], held: Mapping[str, Observation]) -> set[Cell]:
    """Name the cells that taking in these observations over the held words of their subjects can touch."""
    cells = {cell_of(one.source, contribution) for one in observations for contribution in one.contributions}
    before = (word for one in observations if (word := held.get(one.subject))) if held else ()
    return cells | {cell_of(word.source, contribution) for word in before for contribution in word.contributions}


NOTHING = Sum(0.0, 0.0, 0)


def _held(cell: Cell, changed: Mapping[Cell, Sum], taken: Mapping[Cell, Sum], sums: Mapping[Cell, Sum]) -> Sum:
    """Give what a cell holds now: after this word's own changes, else the batch's before it, else as it was read."""
    return changed.get(cell) or taken.get(cell) or sums.get(cell, NOTHING)


def _without(sum_: Sum, gone: Contribution, held: Observation) -> Sum:
    if gone.denominator is None or sum_.words == 1:
        return NOTHING
    return _changed(sum_, gone, held, -1)


def _with(sum_: Sum, new: Contribution, observation: Observation) -> Sum:
    if new.denominator is None:
        if sum_.words:
            raise BadRecord(Reason.CONTRADICTION, new.indicator)
        return Sum(rounded(new.numerator), None, 1, observation.subject, _day(observation))
    if sum_.bare is not None:
        raise BadRecord(Reason.CONTRADICTION, new.indicator)
    if not sum_.words:
        return Sum(rounded(new.numerator), rounded(new.denominator), 1, None, _day(observation))
    return _changed(sum_, new, observation, +1)


def _changed(sum_: Sum, by: Contribution, word: Observation, sign: int) -> Sum:
    """Add a word's contribution, or take it away (sign -1): the same millionths and the same day both times."""
    numerator, denominator = rounded(by.numerator), rounded(by.denominator or 0.0)
    return Sum(
        rounded(sum_.numerator + sign * numerator),
        rounded((sum_.denominator or 0.0) + sign * denominator),
        sum_.words + sign,
        None,
        sum_.stated ^ _day(word),
    )


def _day(word: Observation) -> int:
    return word.known.toordinal() if word.known else 0


def check(observation: Observation, feed: Feed, registry: Registry) -> None:
    """Raise `BadRecord` where a word breaks its feed's contract or names an organisation nobody knows."""
    source = feed.sources.get(observation.source)
    if source is None:
        raise BadRecord(Reason.UNKNOWN_CODE, "source")
    for contribution in observation.contributions:
        name = source.calendars.get(contribution.indicator)
        if name is None or feed.indicator(contribution.indicator) is None:
            raise BadRecord(Reason.UNKNOWN_INDICATOR, "indicator")
        if not _is_period(name, contribution.period):
            raise BadRecord(Reason.WRONG_PERIOD, contribution.indicator, f"{contribution.period[0]} ({name})")
        if feed.key == HEARTBEAT == contribution.organisation:
            continue  # nobody's: in no registry, so that no peer group, budget or total can hold it
        _check_organisation(contribution, registry, public=observation.source == "official")


@lru_cache(maxsize=10_000)  # a batch has many words of few periods
def _is_period(name: str, period: Period) -> bool:
    return calendar(name).has(period)


def check_sealed(
    observation: Observation,
    held: Observation | None,
    seals: Mapping[tuple[str, str], Interval],
    gone: Collection[str],
) -> None:
    """Raise `BadRecord` where an event would change a period whose events have expired, or has done so before.

    `seals`: by (indicator, source), the days between which periods are sealed. Figures are never summed up, so that
    one of any age is corrected by its next word. `gone`: subjects whose words have expired; moved to another period,
    such an event would count there beside the sum that it still stands in.
    """
    if observation.subject in gone:
        raise BadRecord(Reason.SEALED, "subject")
    if not observation.is_event:
        return
    for contribution in (*observation.contributions, *(held.contributions if held else ())):
        sealed = seals.get((contribution.indicator, observation.source))
        if sealed is not None and is_within(contribution.period, sealed):
            raise BadRecord(Reason.SEALED, contribution.indicator, contribution.period[0].isoformat())


def is_within(period: Period, days: Interval) -> bool:
    """Say whether a period lies between these days."""
    return days[0] <= period[0] and period[1] <= days[1]


def _check_organisation(contribution: Contribution, registry: Registry, *, public: bool) -> None:
    code = contribution.organisation
    if code not in registry.organisations:
        raise BadRecord(Reason.UNKNOWN_ORGANISATION, "organisation", shown(code, public=public))
    if registry.ended(code, contribution.period[0]) and registry.successor(code, contribution.period[0]) is None:
        raise BadRecord(Reason.ENDED_ORGANISATION, "organisation", code)
