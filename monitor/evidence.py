"""What has accumulated for a series, and how everybody stood by it: what assessment and budget weigh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from monitor.model import Family, Period


class Evidence(NamedTuple):
    """What has accumulated for one series at its last settled period; made by the thousand in every tick that scores.

    `latched`: a plain worsening still holds, since `latched_since`, though the baseline has followed it.
    `doubted`: what of its newest figure is not believed, by its code in detectors/belief.py; 0: it is believed.
    `long_low`: among the worst tenth of its peers in so many surveys running; None: no survey, or too few peers.
    """

    organisation: str
    indicator: str
    source: str
    family: Family
    worse: float
    better: float
    worse_since: date
    better_since: date
    period: Period
    known: date
    per_year: int
    latched: bool = False
    latched_since: date | None = None
    long_low: int | None = None
    doubted: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How everybody stood at the turn of a month: what chance does to real figures, mostly.

    `among`: the feeds that were heard, as the budget names them; `organisations`: of how many at least two families
    were; `opens`: from which national threshold on a case would have opened, of those where any would.
    """

    day: date
    among: str
    organisations: int
    opens: Mapping[str, float]
