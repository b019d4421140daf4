"""G11 and G12 as figures of `make bench`: worsenings planted in published sickness rates, where these are at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from monitor.errors import BadRequest
from monitor.evaluation.backtest.inject import QUIET_UNTIL
from monitor.evaluation.backtest.injected import inject
from monitor.evaluation.backtest.injection_report import goals_of
from monitor.evaluation.backtest.material import Material, of_publications
from monitor.evaluation.backtest.planting import window
from monitor.evaluation.benchmark import Measure
from monitor.evaluation.measured import Measured
from monitor.feeds.folder import feed
from monitor.feeds.readers.organisations import read_organisations

FEED = "staff_sickness"
WORKBOOK, REGISTRY = "sickness_absence_official_2013_2022/*.xlsx", "organisation_reference/dim_organisation_*.csv"
PUBLISHED, LAST = date(2022, 7, 28), date(2022, 2, 28)
"""The day of the workbook's edition, and the last of its months that has figures."""
SEEDS = range(1, 13)
TRUSTS = tuple(f"G11.{when}.pod{months}" for when in ("quiet", "pandemic") for months in (6, 12))
OTHERS = ("G12.others.quiet.ahead_pod6", "G12.others.pandemic.ahead_pod6")


def measures(folder: Path, dags: Path) -> Mapping[tuple[str, ...], Measure]:
    """Give the measurements of a folder of published files, by the figures that each gives."""
    return {TRUSTS: partial(trusts, folder, dags), OTHERS: partial(others, folder, dags)}


def trusts(folder: Path, dags: Path, _folder: Path, seeds: Sequence[int] = SEEDS) -> Iterator[Measured]:
    """Plant in the trusts of the four peer groups."""
    known = {one.code: one for one in read_organisations(_one(folder, REGISTRY).read_bytes()).organisations}
    found = of_publications(feed(FEED, dags), None, [_one(folder, WORKBOOK)], known, PUBLISHED)
    for goal, one in zip(TRUSTS, _goals(found, seeds), strict=True):
        assert one.name == goal, "figures come in the order that is promised"
        yield one


def others(folder: Path, dags: Path, _folder: Path, seeds: Sequence[int] = SEEDS) -> Iterator[Measured]:
    """Plant in whoever of the same publication is no trust: commissioners and small bodies, one group of peers."""
    all_of_them = of_publications(feed(FEED, dags), None, [_one(folder, WORKBOOK)], {}, PUBLISHED)
    found = _part(all_of_them, np.array([code[0] not in "RT" for code in all_of_them.series]))
    for name, one in zip(OTHERS, _goals(found, seeds), strict=True):
        yield replace(one, name=name)


def _goals(material: Material, seeds: Sequence[int]) -> Iterator[Measured]:
    windows = [window(material, ending) for ending in (QUIET_UNTIL, LAST)]
    for goal in goals_of(inject(material, windows, seeds)):
        said = (
            f"± {goal['error']:.3f}; {goal['window']}, {goal['planted']:,} worsenings planted in "
            f"{len(material.series)} series, {goal['control_periods']:,} control months, {len(seeds)} plantings"
        )
        yield Measured(goal["name"], goal["value"], "share", {"at_least": goal["at_least"]}, said)


def _part(material: Material, which: np.ndarray) -> Material:
    """Give some of the series, under a name that G12 is asked of."""
    return replace(
        material, name="others", series=tuple(np.array(material.series)[which].tolist()),
        groups=material.groups[which], regions=material.regions[which],
        numerator=material.numerator[:, which], denominator=material.denominator[:, which],
    )  # fmt: skip


def _one(folder: Path, pattern: str) -> Path:
    found = next(iter(sorted(folder.glob(pattern))), None)
    if found is None:
        raise BadRequest(f"--published {folder}: no {pattern}; name the folder of the published files, or leave it out")
    return found
