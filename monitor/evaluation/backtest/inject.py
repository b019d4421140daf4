"""`monitor backtest --inject`: from files of real series to what is found of worsenings planted in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from monitor.errors import BadRequest
from monitor.evaluation.backtest.injected import Injected, inject
from monitor.evaluation.backtest.material import Material, of_panel, of_publications
from monitor.evaluation.backtest.planting import PAST_YEARS, YEARS, window
from monitor.evaluation.panels.asked import Asked
from monitor.feeds.folder import feed as contract
from monitor.feeds.readers.organisations import read_organisations
from monitor.model import Organisation
from monitor.organisations import with_facts

QUIET_UNTIL = date(2020, 2, 29)
"""The last month before the pandemic: a window of its own where series reach far enough to both sides."""
Stage = Callable[[str, int | None], Callable[[int], None]]


@dataclass(frozen=True, slots=True)
class Published:
    """Publications of a feed in a folder of feeds; `indicator` None: the one with most figures."""

    feed: str
    dags: Path
    indicator: str | None
    registries: Sequence[Path]


def injected(
    files: Sequence[Path],
    asked: Asked,
    published: Published | None,
    *,
    endings: Sequence[date],
    seeds: Sequence[int],
    today: date,
    stage: Stage,
) -> Injected:
    """Read series, plant, score, compare.

    Parameters
    ----------
    asked
        How a panel is to be read; of publications their feed's contract says it.
    published
        None: `files` is one panel.
    endings
        Last days of the windows that are judged; none: where the series end, and before the pandemic.
    """
    stage(f"reading {', '.join(file.name for file in files)}", None)
    material = _read(files, asked, published, today)
    windows = [window(material, ending) for ending in endings or _usual(material)]
    done = stage(f"planting in {len(material.series):,} series", len(windows) * len(seeds))
    return inject(material, windows, seeds, done)


def _read(files: Sequence[Path], asked: Asked, published: Published | None, today: date) -> Material:
    if published is not None:
        known = _registry(published.registries)
        feed = contract(published.feed, published.dags)
        return of_publications(feed, published.indicator, files, known, today)
    if len(files) > 1:
        raise BadRequest("--inject: one panel at a time; several files need --feed, whose publications they are")
    return of_panel(asked)


def _registry(paths: Sequence[Path]) -> dict[str, Organisation]:
    known: dict[str, Organisation] = {}
    for path in paths:
        for stated in read_organisations(path.read_bytes()).organisations:
            known[stated.code] = with_facts(known.get(stated.code), stated)
    return known


def _usual(material: Material) -> list[date]:
    """Give where the series end, and before it the last month before the pandemic where both leave their years."""
    last, before = material.starts[-1], (YEARS + PAST_YEARS) * material.per_year
    quiet = sum(start <= QUIET_UNTIL for start in material.starts)
    both = before <= quiet <= len(material.starts) - material.per_year
    return [QUIET_UNTIL, last] if both else [last]
