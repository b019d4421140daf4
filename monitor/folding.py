"""Fold series over their settled periods: new periods, and old ones again after a late word (pure).

Tracks that share a detector and a calendar step together, however many indicators and peer groups they
hold, since one wide step costs little more than a narrow one. Where a period is settled already, its
stored peers' quantities are used again; where not, they are worked out and settled here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from monitor.calendars import day_of, due
from monitor.detectors import detector_of, fold, model_of
from monitor.detectors.belief import believed, carried
from monitor.detectors.contract import Detector, Values
from monitor.gathering import Gathered, places
from monitor.kept import Arrays, Scores, Settlement
from monitor.levels import badness, is_survey, running, worst_tenth
from monitor.model import Kind
from monitor.patching import DOUBTED, without_doubt
from monitor.settlement import Roll

CARRIED, EXPOSED, KNOWN, LONG_LOW = "carried_exposure", "exposed", "carried_known", "long_low"
ACCEPTED = "accepted"
"""Kept beside a detector's state: the last exposure of a count, and the number of its period; the day on which the
last figure was known; how many surveys in a row an organisation was among the worst tenth; the number of the period
from which its level was last accepted, NaN = never."""
BESIDE = frozenset({CARRIED, EXPOSED, KNOWN, LONG_LOW, ACCEPTED})
WORST_TENTH = "worst_tenth"
"""Settled beside a detector's quantities, of surveys: where the worst tenth of the peers begins."""


@dataclass(slots=True)
class Track:
    """Some series of one block on their way from period `first` to period `last`, both settled by the end."""

    roll: Roll
    organisations: tuple[str, ...]
    state: Arrays
    first: int
    last: int
    gathered: Gathered
    exposure: np.ndarray
    joins: Mapping[str, frozenset[int]] = field(default_factory=dict)
    accepted_from: Mapping[str, frozenset[int]] = field(default_factory=dict)  # as of `Lines`
    stored: Mapping[int, Settlement] = field(default_factory=dict)
    before: Mapping[int, Scores] = field(default_factory=dict)  # as scored until now
    settlements: list[Settlement] = field(default_factory=list)
    scores: list[Scores] = field(default_factory=list)

    @property
    def detector(self) -> Detector:
        """Give the detector that reads this block."""
        return detector_of(self.roll.indicator)


def fresh(roll: Roll, series: int) -> dict[str, np.ndarray]:
    """Give the state of series that have seen nothing."""
    state = dict(fold.start(detector_of(roll.indicator), series, roll.calendar.per_year))
    unknown, none = np.full(series, np.nan), np.zeros(series)
    beside = {
        CARRIED: unknown,
        EXPOSED: unknown.copy(),
        ACCEPTED: unknown.copy(),
        KNOWN: none,
        LONG_LOW: none.copy(),
    }
    return {**state, **beside}


def aligned(state: Arrays, before: Sequence[str], after: Sequence[str], roll: Roll) -> dict[str, np.ndarray]:
    """Give the state with the columns of `after`; whoever is new there has seen nothing."""
    if tuple(before) == tuple(after):
        # laid out as it is read from the store: sums over another layout differ in their last digits
        return {name: np.ascontiguousarray(array) for name, array in state.items()}
    rows = places(tuple(after), tuple(before))
    blank = fresh(roll, 1)
    return {name: np.concatenate([array, blank[name]])[rows] for name, array in state.items()}


def spliced(state: Arrays, organisations: Sequence[str], track: Track) -> dict[str, np.ndarray]:
    """Give the state with a refolded track's series in their places."""
    rows = [organisations.index(code) for code in track.organisations]
    together = {name: array.copy() for name, array in state.items()}
    for name, array in together.items():
        array[rows] = track.state[name]
    return together


def run(tracks: Sequence[Track], *, now: datetime, tick: int) -> None:
    """Take every track to its last period, filling in its settlements and scores."""
    if not tracks:
        return
    for number in range(min(track.first for track in tracks), max(track.last for track in tracks) + 1):
        active = [track for track in tracks if track.first <= number <= track.last]
        for bucket in _buckets(active, number):
            _step(bucket, number, now, tick)


def _buckets(tracks: Iterable[Track], number: int) -> Iterable[list[Track]]:
    buckets: dict[tuple[str, str, bool], list[Track]] = defaultdict(list)
    for track in tracks:
        buckets[track.detector.name, track.roll.calendar.name, number in track.stored].append(track)
    return buckets.values()


def _step(bucket: list[Track], number: int, now: datetime, tick: int) -> None:
    detector, calendar = bucket[0].detector, bucket[0].roll.calendar
    widths = [len(track.organisations) for track in bucket]
    groups = np.repeat(np.arange(len(bucket)), widths)
    sign = np.repeat([float(track.roll.indicator.worse) for track in bucket], widths)
    state = _joined(bucket, number, detector)
    numerator, denominator = _values(bucket, number, state)
    values = Values(number, calendar.years(number), numerator, denominator)
    common = _common(bucket, number) if number in bucket[0].stored else None
    accepted = np.concatenate([_named(track, track.accepted_from, number) for track in bucket])
    regions = _regions(bucket) if common is None else None  # what is settled has its peers' quantities
    anew = accepted if accepted.any() else None
    state, step = fold.step(detector, state, values, groups, common, sign, regions, anew)
    arrays = _arrays(values, step)
    for track, rows in zip(bucket, _rows(widths), strict=True):
        _finish(track, number, rows, state, step.common, arrays, now, tick)


def _regions(bucket: list[Track]) -> np.ndarray:
    """Give the number of each series' region; -1: in none."""
    named = [track.roll.regions.get(code, "") for track in bucket for code in track.organisations]
    number = {name: at for at, name in enumerate(sorted({*named} - {""}))}
    return np.array([number.get(name, -1) for name in named], dtype=np.int64)


def _values(bucket: list[Track], number: int, state: Arrays) -> tuple[np.ndarray, np.ndarray]:
    columns = [(track, number - track.gathered.first) for track in bucket]
    numerator = np.concatenate([track.gathered.numerator[:, column] for track, column in columns])
    exposure = np.concatenate([track.exposure[:, column] for track, column in columns])
    is_own = np.concatenate([track.gathered.is_own[:, column] for track, column in columns])
    return numerator, carried(exposure, is_own, state[fold.BELIEVED_EXPOSURE])


def _joined(bucket: list[Track], number: int, detector: Detector) -> Arrays:
    """Put the states of a bucket together; who merged in this period begins anew."""
    names = [name for name in bucket[0].state if name not in BESIDE]
    state: Arrays = {name: np.concatenate([track.state[name] for track in bucket]) for name in names}
    merges = np.concatenate([_named(track, track.joins, number) for track in bucket])
    return fold.inflate(state, merges, detector=detector) if merges.any() else state


def _named(track: Track, numbers: Mapping[str, frozenset[int]], number: int) -> np.ndarray:
    """Mark the organisations of a track that have this number."""
    marked = np.zeros(len(track.organisations), dtype=bool)
    for code, some in numbers.items():
        if number in some and code in track.organisations:
            marked[track.organisations.index(code)] = True
    return marked


def _common(bucket: list[Track], number: int) -> Arrays:
    """Give the stored peers' quantities; a series that was not there then takes its group's median."""
    parts = [_own_common(track, track.stored[number]) for track in bucket]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _own_common(track: Track, settlement: Settlement) -> Arrays:
    rows, listed = places(track.organisations, settlement.organisations), len(settlement.organisations)
    shared = {name: array for name, array in settlement.common.items() if name != WORST_TENTH}
    if rows.max(initial=-1) < listed:
        return {name: array[rows] for name, array in shared.items()}
    return {name: np.append(array, np.median(array) if listed else np.nan)[rows] for name, array in shared.items()}


def _arrays(values: Values, step: fold.Step) -> dict[str, np.ndarray]:
    scored, evidence = step.scored, step.evidence
    return {
        "numerator": values.numerator, "denominator": values.denominator,
        "z": scored.z, "expected": scored.expected, "low": scored.low, "high": scored.high,
        "worse": evidence.worse, "better": evidence.better, "sudden": evidence.sudden, "slow": evidence.slow,
        "worse_since": evidence.worse_since, "better_since": evidence.better_since,
        "shock": scored.shared(),
        "latched": step.latched.astype(np.float64), "latched_since": step.latched_since,
        DOUBTED: step.doubted,
    }  # fmt: skip


def _rows(widths: Sequence[int]) -> list[slice]:
    ends = np.cumsum(widths)
    return [slice(int(end - width), int(end)) for end, width in zip(ends, widths, strict=True)]


def _finish(
    track: Track, number: int, rows: slice, state: Arrays, common: Arrays, arrays: Arrays, now: datetime, tick: int
) -> None:
    block, period = track.roll.block, track.roll.calendar.period(number)
    known = _known(track, number, believed(arrays["numerator"][rows], arrays[DOUBTED][rows]), now)
    column = number - track.gathered.first
    exposure, own = track.exposure[:, column], track.gathered.is_own[:, column]
    exposed = np.where(own, float(number), track.state[EXPOSED])
    low, levels = _levels(track, number, arrays["numerator"][rows], arrays["denominator"][rows])
    accepted = np.where(_named(track, track.accepted_from, number), float(number), track.state[ACCEPTED])
    beside = {CARRIED: exposure, EXPOSED: exposed, KNOWN: known, LONG_LOW: low, ACCEPTED: accepted}
    track.state = {**{name: array[rows] for name, array in state.items()}, **beside}
    if number not in track.stored:
        shared = {**{name: array[rows] for name, array in common.items()}, **levels}
        track.settlements.append(
            Settlement(block, number, period, track.organisations, shared, model_of(track.roll.indicator), now, tick)
        )
    scored = {**{name: array[rows] for name, array in arrays.items()}, "known": known}
    scored |= {LONG_LOW: low} if levels else {}
    scored |= {EXPOSED: exposed} if takes_exposure(track.roll.indicator.kind) else {}
    track.scores.append(Scores(block, number, period, track.organisations, without_doubt(scored)))


def _levels(
    track: Track, number: int, numerator: np.ndarray, denominator: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Give how long each has been low, and where the worst tenth begins, as settled; nothing of what is no survey."""
    before, indicator = track.state[LONG_LOW], track.roll.indicator
    if not is_survey(indicator, track.roll.calendar.per_year):
        return before, {}
    level = badness(indicator, numerator, denominator)
    if number in track.stored:
        worst = float(track.stored[number].common[WORST_TENTH].max(initial=-np.inf))
    else:
        worst = worst_tenth(level)
    return running(before, level, worst), {WORST_TENTH: np.full(len(level), worst)}


def _known(track: Track, number: int, numerator: np.ndarray, now: datetime) -> np.ndarray:
    """Give the day on which each figure was known: as stated, but not after now or its due day; else carried.

    A figure that was scored before keeps its day, or a refold would move it to today.
    """
    latest = due(track.roll.calendar.period(number), track.roll.wait, track.roll.lateness)
    cap = min(day_of(now), latest).toordinal()
    stated = track.gathered.known[:, number - track.gathered.first]
    known = np.where(stated > 0, np.minimum(stated, cap), cap)
    before = _known_before(track, number)
    return np.where(np.isnan(numerator), track.state[KNOWN], np.where(before > 0, before, known))


def _known_before(track: Track, number: int) -> np.ndarray:
    """Give the days on which figures scored before were known; 0 = there was none."""
    row = track.before.get(number)
    if row is None:
        return np.zeros(len(track.organisations))
    figures = believed(row.arrays["numerator"], row.arrays.get(DOUBTED, np.zeros(len(row.organisations))))
    days = np.where(np.isnan(figures), 0.0, row.arrays["known"])
    before: np.ndarray = np.append(days, 0.0)[places(track.organisations, row.organisations)]
    return before


def takes_exposure(kind: Kind) -> bool:
    """Say whether a period without exposure takes the last one: counts only."""
    return kind is Kind.COUNT
