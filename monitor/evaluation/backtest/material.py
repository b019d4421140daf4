"""Real series as a matrix: from a panel's file, or from publications of a feed through its own readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from monitor.calendars import calendar
from monitor.errors import BadRequest
from monitor.evaluation.panels.asked import Asked
from monitor.evaluation.panels.panel import checked
from monitor.evaluation.panels.table import read as read_panel
from monitor.feeds.publications import read
from monitor.model import Contribution, Feed, Kind, Organisation


@dataclass(frozen=True, slots=True)
class Material:
    """Series side by side; arrays over time are of shape (periods, series), oldest first.

    Parameters
    ----------
    starts
        First day of each period.
    numerator, denominator
        As detectors read them; NaN = missing, NaN = none.
    groups, regions
        Of each series, numbered from 0; region -1: none is known.
    sign
        +1 where a rise is worse, -1 where a fall is.
    """

    name: str
    kind: Kind
    per_year: int
    sign: float
    starts: tuple[date, ...]
    years: np.ndarray
    series: tuple[str, ...]
    groups: np.ndarray
    regions: np.ndarray
    numerator: np.ndarray
    denominator: np.ndarray


def of_panel(asked: Asked) -> Material:
    """Read a panel's file as `monitor score` does."""
    panel = checked(read_panel(asked.path), asked)
    shape = panel.periods, len(panel.groups)
    numerator, denominator = np.full(shape, np.nan), np.full(shape, np.nan)
    at = panel.numbers - panel.first, panel.series
    numerator[at], denominator[at] = panel.numerator, panel.denominator
    numbers = range(panel.first, panel.first + panel.periods)
    regions = np.full(shape[1], -1) if panel.regions is None else panel.regions
    return Material(
        asked.path.stem, asked.kind, panel.rhythm.calendar.per_year, asked.sign,
        tuple(map(panel.rhythm.start, numbers)), np.array(list(map(panel.rhythm.years, numbers))),
        panel.table.texts["series"].values, panel.groups, regions, numerator, denominator,
    )  # fmt: skip


def of_publications(
    feed: Feed, indicator: str | None, files: Sequence[Path], known: Mapping[str, Organisation], today: date
) -> Material:
    """Read publications by the feed's readers: one indicator's series of one source.

    Parameters
    ----------
    indicator
        None: the one with most figures.
    known
        A registry: only those with a peer group count, by group and region. Empty: all are one group.

    Raises
    ------
    BadRequest
        Nothing of this indicator is in the files, or of nobody who has a peer group.
    """
    parts, sources = [], set()
    for path in files:
        source, statement = read(feed, path.read_bytes(), source=None, today=today)
        sources.add(source)
        parts += [part for draft in statement.drafts for part in draft.contributions]
    if len(sources) > 1:
        raise BadRequest(f"the files come from {', '.join(sorted(sources))}: two sources are two series; name one's")
    key = indicator or _most(parts)
    stated = feed.indicator(key)
    own = [one for one in parts if one.indicator == key and (not known or _is_watched(known, one.organisation))]
    if stated is None or not own:
        raise BadRequest(f"no figure of {key} in these files of an organisation that counts; see --organisations")
    name = feed.sources[sources.pop()].calendars[key]
    codes = sorted({part.organisation for part in own})
    numerator, denominator, numbers = _matrix(own, codes, name)
    return Material(
        key, stated.kind, calendar(name).per_year, float(stated.worse), tuple(map(calendar(name).start, numbers)),
        np.array(list(map(calendar(name).years, numbers))), tuple(codes),
        _numbered([str(known[code].peer_group) if known else "" for code in codes]),
        _numbered([(known[code].region or "") if known else "" for code in codes], empty=-1), numerator, denominator,
    )  # fmt: skip


def _most(parts: Sequence[Contribution]) -> str:
    named = [part.indicator for part in parts]
    if not named:
        raise BadRequest("no figures in these files")
    return max(sorted(set(named)), key=named.count)


def _is_watched(known: Mapping[str, Organisation], code: str) -> bool:
    return code in known and known[code].peer_group is not None


def _matrix(own: Sequence[Contribution], codes: Sequence[str], name: str) -> tuple[np.ndarray, np.ndarray, range]:
    """Sum what is said of each series and period."""
    number, column = calendar(name).number, {code: place for place, code in enumerate(codes)}
    first, last = (number(end(part.period[0] for part in own)) for end in (min, max))
    numerator = np.full((last - first + 1, len(codes)), np.nan)
    denominator = numerator.copy()
    for part in own:
        at = number(part.period[0]) - first, column[part.organisation]
        numerator[at] = part.numerator + np.nan_to_num(numerator[at])
        if part.denominator is not None:
            denominator[at] = part.denominator + np.nan_to_num(denominator[at])
    return numerator, denominator, range(first, last + 1)


def _numbered(names: Sequence[str], empty: int = 0) -> np.ndarray:
    """Give each name a number from 0; an empty one is `empty`."""
    place = {name: at for at, name in enumerate(sorted(set(names) - {""}))}
    return np.array([place.get(name, empty) for name in names], dtype=np.int64)
